import { aRunOfItsOwn, logged } from '../givens.ts';
import { at, type Json } from '../json.ts';
import { answersHere, capability, get, type More, post, refusedHere, sequence } from '../sequence.ts';

const log = (fields: { [name: string]: Json }, more: More = {}) =>
  post('runs/log-metric', { run_id: '{{run}}', key: 'm', timestamp: 1, ...fields }, more);
const point = (value: Json, timestamp: number, step: number, key = 'm') => ({ key, value, timestamp, step });
const latest = () => get('runs/get', { run_id: '{{run}}' }, { see: 'run.data.metrics' });
const history = () => get('metrics/get-history', { run_id: '{{run}}', metric_key: 'm' });
const refused = { status: 400, errorCode: 'INVALID_PARAMETER_VALUE' };

export const metrics = capability('metrics', [
  sequence(
    'logs a metric and reads it',
    ...aRunOfItsOwn(),
    log({ value: 0.91, timestamp: 1795448917132, step: 4 }),
    latest(),
    history(),
  ),
  sequence('starts at step 0 where none is given', ...aRunOfItsOwn(), log({ value: 1 }), latest()),
  sequence(
    'takes a negative step and a value of 0',
    ...aRunOfItsOwn(),
    log({ value: 0, step: -7 }),
    latest(),
    history(),
  ),
  sequence(
    'logs by the old id field',
    ...aRunOfItsOwn(),
    post('runs/log-metric', { run_uuid: '{{run}}', key: 'm', value: 1, timestamp: 1 }),
    latest(),
  ),
  sequence('keeps NaN', ...aRunOfItsOwn(), log({ value: 'NaN' }), latest(), history()),
  ...['Infinity', '-Infinity'].map((value) =>
    sequence(`keeps ${value} as the farthest number`, ...aRunOfItsOwn(), log({ value }), latest(), history()),
  ),
  sequence(
    'keeps the ends of the range of doubles',
    ...aRunOfItsOwn(),
    logged({
      metrics: [
        point(1.7976931348623157e308, 1, 0, 'max'),
        point(5e-324, 1, 0, 'min'),
        point(-0.1, 1, 0, 'tenth'),
        point(123456789012345680000, 1, 0, 'big'),
      ],
    }),
    latest(),
  ),
  sequence(
    'reads numbers written as text',
    ...aRunOfItsOwn(),
    log({ value: '0.5', timestamp: '12', step: '3' }),
    latest(),
  ),
  sequence(
    'reads a whole number written with a point',
    ...aRunOfItsOwn(),
    post('runs/log-metric', undefined, {
      raw: '{"run_id":"{{run}}","key":"m","value":1,"timestamp":12.0,"step":3.0}',
      headers: { 'content-type': 'application/json' },
    }),
    latest(),
  ),
  sequence(
    'is given a step or time with a fraction',
    ...aRunOfItsOwn(),
    log({ value: 1, step: 1.5 }, { differs: { why: 'no silent default', ...refused } }),
    log({ value: 1, timestamp: 1.5 }, { differs: { why: 'no silent default', ...refused } }),
  ),
  sequence('is given a value of true', ...aRunOfItsOwn(), refusedHere('exact types', log({ value: true }))),
  sequence(
    'refuses a value that is no number',
    ...aRunOfItsOwn(),
    log({ value: 'abc' }),
    log({ value: '' }),
    refusedHere('no 500 for a mistake', log({ value: [1] })),
    refusedHere('no 500 for a mistake', log({ value: { a: 1 } })),
  ),
  sequence(
    'refuses a step or time that is no number',
    ...aRunOfItsOwn(),
    log({ value: 1, step: 'x' }),
    log({ value: 1, timestamp: 'x' }),
    refusedHere('no 500 for a mistake', log({ value: 1, step: [1] })),
    refusedHere('no 500 for a mistake', log({ value: 1, timestamp: { a: 1 } })),
  ),
  sequence('is given a negative time', ...aRunOfItsOwn(), log({ value: 1, timestamp: -1 })),
  sequence('takes time 0', ...aRunOfItsOwn(), log({ value: 1, timestamp: 0 }), latest()),
  sequence(
    'asks for what it needs',
    ...aRunOfItsOwn(),
    post('runs/log-metric', { run_id: '{{run}}', value: 1, timestamp: 1 }),
    post('runs/log-metric', { run_id: '{{run}}', key: 'm', timestamp: 1 }),
    post('runs/log-metric', { run_id: '{{run}}', key: 'm', value: 1 }),
    post('runs/log-metric', { key: 'm', value: 1, timestamp: 1 }),
    post('runs/log-metric', {}),
    log({ value: null }),
  ),
  sequence(
    'keeps integers exactly up to 2^53 - 1',
    ...aRunOfItsOwn(),
    log({ value: 1, timestamp: 9007199254740991, step: 9007199254740991 }),
    log({ value: 1, step: -9007199254740991 }),
    history(),
  ),
  ...(['9007199254740993', '9223372036854775807'] as const).map((integer) =>
    sequence(
      `is given the integer ${integer}`,
      ...aRunOfItsOwn(),
      post('runs/log-metric', undefined, {
        raw: `{"run_id":"{{run}}","key":"m","value":1,"timestamp":1,"step":${integer}}`,
        headers: { 'content-type': 'application/json' },
        differs: { why: 'exact integers', ...refused },
      }),
      post('runs/log-metric', undefined, {
        raw: `{"run_id":"{{run}}","key":"m","value":1,"timestamp":"${integer}"}`,
        headers: { 'content-type': 'application/json' },
        differs: { why: 'exact integers', ...refused },
      }),
    ),
  ),
  sequence(
    'is given an integer beyond 64 bits',
    ...aRunOfItsOwn(),
    post('runs/log-metric', undefined, {
      raw: '{"run_id":"{{run}}","key":"m","value":1,"timestamp":1,"step":92233720368547758080}',
      headers: { 'content-type': 'application/json' },
      differs: { why: 'exact integers', ...refused },
    }),
  ),
  sequence(
    'is given bare NaN in a body',
    ...aRunOfItsOwn(),
    post('runs/log-metric', undefined, {
      raw: '{"run_id":"{{run}}","key":"m","value":NaN,"timestamp":1}',
      headers: { 'content-type': 'application/json' },
      differs: { why: 'no silent default', ...refused },
    }),
    answersHere('no silent default', 'none', { ...latest(), see: (body) => at(body, 'run.data.metrics') ?? 'none' }),
  ),
  ...[
    '/root',
    '../up',
    '..',
    '.',
    'a//b',
    'a/',
    './a',
    'a/./b',
    'a/../b',
    'a#b',
    'a%b',
    'a,b',
    'a;b',
    'a"b',
    'a\\b',
    'a\tb',
    'k'.repeat(251),
  ].map((key) =>
    sequence(
      `refuses the metric key ${JSON.stringify(key.length > 20 ? `${key.length} characters` : key)}`,
      ...aRunOfItsOwn(),
      log({ key, value: 1 }),
    ),
  ),
  sequence(
    'takes all characters of a metric key',
    ...aRunOfItsOwn(),
    ...['a/b', 'a.b', 'a-b', 'a b', 'a:b', 'a_b', 'ünïcode', '名前', '1', '...a', '..a', 'k'.repeat(250), '🍷'].map(
      (key) => log({ key, value: 1 }),
    ),
    latest(),
  ),
  sequence(
    'counts the characters of a key and not its bytes',
    ...aRunOfItsOwn(),
    log({ key: 'é'.repeat(250), value: 1 }),
    log({ key: '𐐷'.repeat(250), value: 1 }),
    log({ key: '𐐷'.repeat(251), value: 1 }),
  ),
  sequence(
    'drops a point that is there already',
    ...aRunOfItsOwn(),
    log({ value: 1, step: 2 }),
    log({ value: 1, step: 2 }),
    log({ value: 'NaN', step: 2 }),
    log({ value: 'NaN', step: 2 }),
    history(),
  ),
  sequence(
    'keeps points that differ in one part',
    ...aRunOfItsOwn(),
    logged({
      metrics: [point(1, 1, 1), point(2, 1, 1), point(1, 2, 1), point(1, 1, 2), point('NaN', 1, 1), point(0, 1, 1)],
    }),
    history(),
  ),
  ...(
    [
      ['the greatest step', [point(1, 100, 5), point(2, 200, 4)]],
      ['the greatest step also when it comes first', [point(2, 200, 9), point(1, 300, 4)]],
      ['the later time at one step', [point(9, 100, 1), point(1, 200, 1)]],
      ['the greater value at one step and time', [point(9, 100, 1), point(3, 100, 1)]],
      ['a step of 0 over a negative one', [point(1, 500, -1), point(2, 100, 0)]],
      ['NaN as 0 against a smaller value', [point(-1, 100, 1), point('NaN', 100, 1)]],
      ['NaN as 0 against a greater value', [point(1, 100, 1), point('NaN', 100, 1)]],
      ['the first of NaN and 0', [point('NaN', 100, 1), point(0, 100, 1)]],
      ['the farthest number over others', [point(5, 100, 1), point('Infinity', 100, 1), point('-Infinity', 100, 1)]],
    ] as const
  ).map(([what, points]) => sequence(`takes as latest ${what}`, ...aRunOfItsOwn(), ...points.map(log2), latest())),
  sequence(
    'takes as latest the first of 0 and NaN',
    ...aRunOfItsOwn(),
    ...[point(0, 100, 1), point('NaN', 100, 1)].map(log2),
    answersHere('one latest', [{ key: 'm', timestamp: 100, step: 1, value: 'NaN' }], latest()),
  ),
  sequence(
    'takes the latest within a batch in the same way',
    ...aRunOfItsOwn(),
    logged({ metrics: [point(1, 100, 5), point(2, 300, 4), point(7, 100, 5), point(3, 200, 5), point(8, 999, 1)] }),
    latest(),
  ),
  sequence(
    'does not show a dataset on the metric of a run',
    ...aRunOfItsOwn(),
    log({ value: 1, dataset_name: 'd', dataset_digest: '1' }),
    latest(),
    history(),
  ),
]);

function log2(each: ReturnType<typeof point>) {
  return log(each);
}
