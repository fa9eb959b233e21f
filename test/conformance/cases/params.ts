import { aRunOfItsOwn, logged } from '../givens.ts';
import type { Json } from '../json.ts';
import { capability, get, post, refusedHere, sequence } from '../sequence.ts';

const log = (key: Json, value?: Json) =>
  post('runs/log-parameter', { run_id: '{{run}}', key, ...(value === undefined ? {} : { value }) });
const all = () => get('runs/get', { run_id: '{{run}}' }, { see: 'run.data.params' });
const badKeys = [
  '/root',
  '../up',
  '..',
  '.',
  'a//b',
  'a/',
  './a',
  'a/../b',
  'a#b',
  'a%b',
  'a,b',
  'a;b',
  'a\\b',
  'a\nb',
  'k'.repeat(251),
];
const goodKeys = ['a/b', 'a.b', 'a-b', 'a b', 'a:b', 'a_b', 'ünïcode', '名前', '1', 'k'.repeat(250)];

export const params = capability('params', [
  sequence('logs a parameter and reads it', ...aRunOfItsOwn(), log('depth', '5'), all()),
  sequence('takes the same value again', ...aRunOfItsOwn(), log('depth', '5'), log('depth', '5'), all()),
  sequence(
    'refuses another value',
    ...aRunOfItsOwn(),
    log('depth', '5'),
    log('depth', '6'),
    log('depth', ''),
    log('depth'),
    all(),
  ),
  sequence(
    'keeps an absent value as an empty one',
    ...aRunOfItsOwn(),
    log('none'),
    log('null', null),
    log('empty', ''),
    all(),
  ),
  sequence(
    'refuses a value that is no text',
    ...aRunOfItsOwn(),
    log('a', 5),
    log('a', true),
    log('a', ['x']),
    log('a', { b: 'c' }),
    all(),
  ),
  sequence(
    'refuses a key that is no text',
    ...aRunOfItsOwn(),
    log(5, 'a'),
    log(['a'], 'a'),
    log('', 'a'),
    log(null, 'a'),
  ),
  sequence(
    'asks for what it needs',
    ...aRunOfItsOwn(),
    post('runs/log-parameter', { key: 'a', value: 'b' }),
    post('runs/log-parameter', { run_id: '{{run}}', value: 'b' }),
    post('runs/log-parameter', {}),
  ),
  sequence(
    'logs by the old id field',
    ...aRunOfItsOwn(),
    post('runs/log-parameter', { run_uuid: '{{run}}', key: 'a', value: 'b' }),
    all(),
  ),
  sequence('keeps a value of 6000 characters whole', ...aRunOfItsOwn(), log('long', 'v'.repeat(6000)), all()),
  sequence(
    'cuts a value of 6001 characters to 6000',
    ...aRunOfItsOwn(),
    log('long', `${'v'.repeat(6000)}w`),
    all(),
    log('long', `${'v'.repeat(6000)}other`),
  ),
  sequence(
    'counts the characters of a value and not its bytes',
    ...aRunOfItsOwn(),
    log('wine', '🍷'.repeat(6001)),
    all(),
  ),
  ...badKeys.map((key) =>
    sequence(
      `refuses the key ${key.length > 20 ? `of ${key.length} characters` : JSON.stringify(key)}`,
      ...aRunOfItsOwn(),
      log(key, 'v'),
    ),
  ),
  sequence('takes all characters of a key', ...aRunOfItsOwn(), ...goodKeys.map((key) => log(key, 'v')), all()),
  sequence(
    'tells keys apart by case',
    ...aRunOfItsOwn(),
    log('Depth', '1'),
    log('depth', '2'),
    log('DEPTH', '3'),
    all(),
  ),
  sequence(
    'keeps text as it is',
    ...aRunOfItsOwn(),
    logged({
      params: [
        { key: 'quote', value: '\'"`\\' },
        { key: 'lines', value: 'a\nb\tc' },
        { key: 'spaces', value: '  x  ' },
        { key: 'sql', value: "'; drop table runs; --" },
        { key: 'markup', value: '<script>alert(1)</script>' },
        { key: 'emoji', value: '🍷' },
      ],
    }),
    all(),
  ),
  sequence(
    'keeps keys that mean something to JavaScript',
    ...aRunOfItsOwn(),
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((key) => log(key, key)),
    all(),
  ),
  sequence(
    'is given a value with a NUL in it',
    ...aRunOfItsOwn(),
    refusedHere('text that both engines hold', log('nul', 'a\u0000b')),
  ),
]);
