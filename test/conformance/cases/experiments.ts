import { anExperiment, aRun, given } from '../givens.ts';
import { at } from '../json.ts';
import { capability, get, post, sequence } from '../sequence.ts';

const long = (length: number) => `{{unique}}${'x'.repeat(length - 9)}`;
const read = (as = 'experiment') => get('experiments/get', { experiment_id: `{{${as}}}` });
const stageOfRuns = () =>
  post(
    'runs/search',
    { experiment_ids: ['{{experiment}}'], run_view_type: 'ALL', order_by: ['attributes.run_name'] },
    { see: 'runs.*.info.run_name,lifecycle_stage' },
  );

const refusedLocation = (location: string) =>
  sequence(
    `refuses the artifact location ${location}`,
    post('experiments/create', { name: 'at-{{unique}}', artifact_location: location }),
  );

export const experiments = capability('experiments', [
  sequence(
    'creates an experiment and reads it by id and by name',
    post('experiments/create', { name: 'wine-{{unique}}' }, { keep: { experiment: 'experiment_id' } }),
    read(),
    get('experiments/get-by-name', { experiment_name: 'wine-{{unique}}' }),
  ),
  sequence(
    'creates an experiment with tags',
    post(
      'experiments/create',
      {
        name: 'e-{{unique}}',
        tags: [
          { key: 'team', value: 'red' },
          { key: 'a/b c', value: '' },
        ],
      },
      { keep: { experiment: 'experiment_id' } },
    ),
    read(),
  ),
  sequence(
    'has the default experiment from the start',
    get(
      'experiments/get',
      { experiment_id: '0' },
      { see: 'experiment.experiment_id,name,artifact_location,lifecycle_stage' },
    ),
  ),
  sequence(
    'serves the same experiment under ajax-api',
    anExperiment(),
    get('/ajax-api/2.0/mlflow/experiments/get', { experiment_id: '{{experiment}}' }),
  ),
  sequence(
    'takes names as they are written',
    ...['/Users/me/Wine {{unique}}', '{{unique}} ünïcode 🍷', '{{unique}}#?&%'].flatMap((name) => [
      post('experiments/create', { name }),
      get('experiments/get-by-name', { experiment_name: name }, { see: 'experiment.name' }),
    ]),
  ),
  sequence(
    'takes a name of 500 characters and refuses 501',
    post('experiments/create', { name: long(500) }),
    post('experiments/create', { name: long(501) }),
  ),
  sequence(
    'counts the characters of a name and not its bytes',
    post('experiments/create', { name: `{{unique}}${'🍷'.repeat(491)}` }),
    post('experiments/create', { name: `{{unique}}${'🍷'.repeat(492)}` }),
  ),
  sequence(
    'refuses to create without a name',
    post('experiments/create', {}),
    post('experiments/create', { name: '' }),
    post('experiments/create', { name: null }),
  ),
  sequence(
    'refuses a name that is no text',
    post('experiments/create', { name: 5 }),
    post('experiments/create', { name: ['a'] }),
    post('experiments/create', { name: { a: 'b' } }),
  ),
  sequence(
    'refuses a name that is taken',
    anExperiment(),
    post('experiments/create', { name: 'experiment-{{unique}}' }),
  ),
  sequence(
    'refuses a name that a deleted experiment has',
    anExperiment(),
    given(post('experiments/delete', { experiment_id: '{{experiment}}' })),
    post('experiments/create', { name: 'experiment-{{unique}}' }),
  ),
  sequence(
    'tells names apart by case',
    anExperiment({ name: 'case-{{unique}}' }),
    post('experiments/create', { name: 'CASE-{{unique}}' }),
    get('experiments/get-by-name', { experiment_name: 'Case-{{unique}}' }),
  ),
  sequence(
    'keeps a location in a bucket and puts runs below it',
    post(
      'experiments/create',
      { name: 's3-{{unique}}', artifact_location: 's3://bucket/some/where' },
      { keep: { experiment: 'experiment_id' } },
    ),
    read(),
    post('runs/create', { experiment_id: '{{experiment}}', start_time: 1 }, { see: 'run.info.artifact_uri' }),
  ),
  sequence(
    'puts a run before the query of a location',
    anExperiment(),
    post(
      'experiments/create',
      { name: 'q-{{unique}}', artifact_location: 's3://bucket/where?region=eu' },
      { keep: { experiment: 'experiment_id' } },
    ),
    post('runs/create', { experiment_id: '{{experiment}}', start_time: 1 }, { see: 'run.info.artifact_uri' }),
  ),
  ...[
    's3://bucket/x#fragment',
    's3://bucket/x?a=../b',
    'runs:/abc/model',
    'https://example.com/x',
    'http://example.com/x',
    'ftp://example.com/x',
    'sftp://example.com/x',
    'hdfs://host/x',
    'mlflow-artifacts://example.com/x',
  ].map(refusedLocation),
  sequence(
    'refuses an artifact location of more than 2048 characters',
    post('experiments/create', { name: 'at-{{unique}}', artifact_location: `s3://bucket/${'x'.repeat(2048 - 12)}` }),
    post('experiments/create', { name: 'at2-{{unique}}', artifact_location: `s3://bucket/${'x'.repeat(2049 - 12)}` }),
  ),
  sequence(
    'is asked to keep artifacts on its own disk outside its store',
    post(
      'experiments/create',
      { name: 'local-{{unique}}', artifact_location: '/tmp/cellar-conformance' },
      {
        see: () => 'created',
        differs: { why: 'no local locations', status: 400, errorCode: 'INVALID_PARAMETER_VALUE' },
      },
    ),
    post(
      'experiments/create',
      { name: 'file-{{unique}}', artifact_location: 'file:///tmp/cellar-conformance' },
      {
        see: () => 'created',
        differs: { why: 'no local locations', status: 400, errorCode: 'INVALID_PARAMETER_VALUE' },
      },
    ),
    post(
      'experiments/create',
      { name: 'relative-{{unique}}', artifact_location: 'some/where' },
      {
        see: () => 'created',
        differs: { why: 'no local locations', status: 400, errorCode: 'INVALID_PARAMETER_VALUE' },
      },
    ),
  ),
  sequence(
    'takes a location inside its own artifact store',
    post(
      'experiments/create',
      { name: 'own-{{unique}}', artifact_location: 'mlflow-artifacts:/shared/{{unique}}' },
      { keep: { experiment: 'experiment_id' } },
    ),
    read(),
  ),
  sequence(
    'does not know an experiment that was never there',
    get('experiments/get', { experiment_id: '987654321' }),
    get('experiments/get-by-name', { experiment_name: 'never-{{unique}}' }),
  ),
  sequence(
    'refuses an experiment id that is no number',
    get('experiments/get', { experiment_id: 'abc' }),
    get('experiments/get', { experiment_id: '1.5' }),
  ),
  sequence(
    'asks for what it needs to read an experiment',
    get('experiments/get'),
    get('experiments/get', { experiment_id: '' }),
    get('experiments/get-by-name'),
    get('experiments/get-by-name', { experiment_name: '' }),
  ),
  sequence(
    'renames an experiment',
    anExperiment(),
    { ...post('experiments/update', { experiment_id: '{{experiment}}', new_name: 'new-{{unique}}' }), later: true },
    get('experiments/get', { experiment_id: '{{experiment}}' }, { see: (body) => seen(body).name }),
    get('experiments/get', { experiment_id: '{{experiment}}' }, { see: (body) => seen(body).moved }),
    get('experiments/get-by-name', { experiment_name: 'experiment-{{unique}}' }),
  ),
  sequence(
    'renames an experiment to the name it has',
    anExperiment(),
    post('experiments/update', { experiment_id: '{{experiment}}', new_name: 'experiment-{{unique}}' }),
  ),
  sequence(
    'refuses to rename to a name that is taken',
    anExperiment(),
    anExperiment({ as: 'other' }),
    post(
      'experiments/update',
      { experiment_id: '{{experiment}}', new_name: 'other-{{unique}}' },
      { differs: { why: 'exact codes', status: 400, errorCode: 'RESOURCE_ALREADY_EXISTS' } },
    ),
  ),
  sequence(
    'refuses to rename a deleted experiment',
    anExperiment(),
    given(post('experiments/delete', { experiment_id: '{{experiment}}' })),
    post(
      'experiments/update',
      { experiment_id: '{{experiment}}', new_name: 'new-{{unique}}' },
      { differs: { why: 'no 500 for a mistake', status: 400, errorCode: 'INVALID_PARAMETER_VALUE' } },
    ),
  ),
  sequence(
    'refuses to rename without a new name',
    anExperiment(),
    post('experiments/update', { experiment_id: '{{experiment}}' }),
    post('experiments/update', { experiment_id: '{{experiment}}', new_name: '' }),
  ),
  sequence(
    'refuses to rename to 501 characters',
    anExperiment(),
    post('experiments/update', { experiment_id: '{{experiment}}', new_name: long(500) }),
    post('experiments/update', { experiment_id: '{{experiment}}', new_name: long(501) }),
  ),
  sequence(
    'does not rename what is not there',
    post('experiments/update', { experiment_id: '987654321', new_name: 'new-{{unique}}' }),
    post('experiments/update', { new_name: 'x' }),
  ),
  sequence(
    'deletes an experiment with its runs and restores both',
    anExperiment(),
    aRun({ as: 'one' }),
    aRun({ as: 'two' }),
    post('experiments/delete', { experiment_id: '{{experiment}}' }),
    read(),
    get('experiments/get-by-name', { experiment_name: 'experiment-{{unique}}' }, { see: 'experiment.lifecycle_stage' }),
    stageOfRuns(),
    post('experiments/restore', { experiment_id: '{{experiment}}' }),
    read(),
    stageOfRuns(),
  ),
  sequence(
    'restores with an experiment the runs that were deleted on their own',
    anExperiment(),
    aRun({ as: 'alone' }),
    aRun({ as: 'with the others' }),
    given(post('runs/delete', { run_id: '{{alone}}' })),
    given(post('experiments/delete', { experiment_id: '{{experiment}}' })),
    given(post('experiments/restore', { experiment_id: '{{experiment}}' })),
    stageOfRuns(),
  ),
  sequence(
    'deletes an experiment once',
    anExperiment(),
    post('experiments/delete', { experiment_id: '{{experiment}}' }),
    post('experiments/delete', { experiment_id: '{{experiment}}' }),
  ),
  sequence(
    'restores only what is deleted',
    anExperiment(),
    post('experiments/restore', { experiment_id: '{{experiment}}' }),
    post('experiments/restore', { experiment_id: '987654321' }),
  ),
  sequence(
    'does not delete what is not there',
    post('experiments/delete', { experiment_id: '987654321' }),
    post('experiments/delete', { experiment_id: 'abc' }),
    post('experiments/delete', {}),
    post('experiments/restore', {}),
  ),
  sequence(
    'takes no runs in a deleted experiment',
    anExperiment(),
    given(post('experiments/delete', { experiment_id: '{{experiment}}' })),
    post('runs/create', { experiment_id: '{{experiment}}' }),
  ),
  sequence(
    'moves the update time when it deletes and restores',
    anExperiment(),
    { ...given(post('experiments/delete', { experiment_id: '{{experiment}}' })), later: true },
    get(
      'experiments/get',
      { experiment_id: '{{experiment}}' },
      { see: (body) => seen(body).moved, keep: { deleted: 'experiment.last_update_time' } },
    ),
    { ...given(post('experiments/restore', { experiment_id: '{{experiment}}' })), later: true },
    get(
      'experiments/get',
      { experiment_id: '{{experiment}}' },
      { see: (body, kept) => seen(body).updated > Number(kept['deleted']) },
    ),
  ),
]);

function seen(body: Parameters<typeof at>[0]) {
  const updated = Number(at(body, 'experiment.last_update_time'));
  return { name: at(body, 'experiment.name'), updated, moved: updated > Number(at(body, 'experiment.creation_time')) };
}
