import { anExperiment, given } from '../givens.ts';
import type { Json } from '../json.ts';
import { answersHere, capability, get, post, refusedHere, sequence } from '../sequence.ts';

const tags = () => get('experiments/get', { experiment_id: '{{experiment}}' }, { see: 'experiment.tags' });
const set = (key: Json, value?: Json) =>
  post('experiments/set-experiment-tag', {
    experiment_id: '{{experiment}}',
    key,
    ...(value === undefined ? {} : { value }),
  });
const remove = (key: Json) => post('experiments/delete-experiment-tag', { experiment_id: '{{experiment}}', key });
const views = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `mlflow.customView.view${index}`, value: 'v' }));

export const experimentTags = capability('experiment tags', [
  sequence('sets a tag and sets it again', anExperiment(), set('team', 'red'), tags(), set('team', 'blue'), tags()),
  sequence('keeps an absent value as an empty one', anExperiment(), set('flag'), tags(), set('null', null), tags()),
  sequence(
    'deletes a tag once',
    anExperiment({ tags: [{ key: 'team', value: 'red' }] }),
    remove('team'),
    tags(),
    remove('team'),
  ),
  sequence(
    'asks for what it needs',
    anExperiment(),
    post('experiments/set-experiment-tag', { key: 'a', value: 'b' }),
    set('', 'b'),
    post('experiments/set-experiment-tag', { experiment_id: '{{experiment}}', value: 'b' }),
    post('experiments/delete-experiment-tag', { experiment_id: '{{experiment}}' }),
    post('experiments/delete-experiment-tag', { key: 'a' }),
  ),
  sequence(
    'takes a key of 250 characters and refuses 251',
    anExperiment(),
    set('k'.repeat(250), 'v'),
    set('k'.repeat(251), 'v'),
  ),
  sequence('takes a value of 20000 characters', anExperiment(), set('long', 'v'.repeat(20000)), tags()),
  sequence('is asked for a value of 20001 characters', anExperiment(), set('long', 'v'.repeat(20001)), tags()),
  sequence(
    'counts the characters of a value and not its bytes',
    anExperiment(),
    set('wine', '🍷'.repeat(20000)),
    tags(),
  ),
  sequence(
    'refuses keys that are no names',
    anExperiment(),
    ...['../up', '/root', 'a//b', 'a/', './a', '.', 'a\nb', 'a;b', 'a%b', 'a,b'].map((key) => set(key, 'v')),
  ),
  sequence(
    'takes all characters of a name',
    anExperiment(),
    ...['a/b', 'a.b', 'a-b', 'a b', 'a:b', 'a_b', 'ünïcode', '名前', '1'].map((key) => set(key, 'v')),
    tags(),
  ),
  sequence(
    'refuses a value that is no text',
    anExperiment(),
    set('a', 5),
    set('a', true),
    set('a', ['b']),
    set('a', { b: 'c' }),
    set(5, 'a'),
  ),
  sequence(
    'refuses a tag of a deleted experiment',
    anExperiment(),
    given(post('experiments/delete', { experiment_id: '{{experiment}}' })),
    set('a', 'b'),
    remove('a'),
  ),
  sequence(
    'refuses a tag of an experiment that is not there',
    post('experiments/set-experiment-tag', { experiment_id: '987654321', key: 'a', value: 'b' }),
    post('experiments/delete-experiment-tag', { experiment_id: '987654321', key: 'a' }),
    post('experiments/set-experiment-tag', { experiment_id: 'abc', key: 'a', value: 'b' }),
  ),
  sequence(
    'checks tags given at creation',
    post('experiments/create', { name: 'a-{{unique}}', tags: [{ key: 'a//b', value: 'v' }] }),
    post('experiments/create', { name: 'b-{{unique}}', tags: [{ key: 'k'.repeat(251), value: 'v' }] }),
    post('experiments/create', { name: 'c-{{unique}}', tags: [{ value: 'v' }] }),
    post('experiments/create', { name: 'd-{{unique}}', tags: [{ key: '', value: 'v' }] }),
    post('experiments/create', { name: 'e-{{unique}}', tags: [{ key: 'k' }] }),
    post('experiments/create', { name: 'f-{{unique}}', tags: 'k' }),
    refusedHere(
      'no silent default',
      post('experiments/create', { name: 'g-{{unique}}', tags: [{ key: 'a', value: 5 }] }),
    ),
  ),
  sequence(
    'is given one tag twice at creation',
    answersHere(
      'last wins',
      { experiment_id: '<experiment 1>' },
      post('experiments/create', {
        name: 'a-{{unique}}',
        tags: [
          { key: 'k', value: 'first' },
          { key: 'k', value: 'second' },
        ],
      }),
    ),
  ),
  sequence(
    'takes 50 custom views and refuses 51',
    post('experiments/create', { name: 'a-{{unique}}', tags: views(50) }, { keep: { experiment: 'experiment_id' } }),
    set('mlflow.customView.view99', 'v'),
    set('mlflow.customView.view0', 'again'),
    post('experiments/create', { name: 'b-{{unique}}', tags: views(51) }),
  ),
  sequence(
    'leaves the update time alone',
    anExperiment(),
    { ...set('a', 'b'), later: true },
    get(
      'experiments/get',
      { experiment_id: '{{experiment}}' },
      {
        see: (body) => {
          const { experiment } = JSON.parse(JSON.stringify(body));
          return experiment.last_update_time === experiment.creation_time;
        },
      },
    ),
  ),
]);
