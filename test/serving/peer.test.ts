import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { championOf, type SampleModels, sampleModels, wineColumns, wineRows } from './models.ts';
import { type Peer, startPeer } from './peer.ts';
import { type ServingServer, startServing } from './server.ts';

type Body = string | object;
/** What is asked, its media type, and the body. */
type Question = readonly [string, string, Body];

let models: SampleModels;
let server: ServingServer;
let peer: Peer;

beforeAll(async () => {
  models = await sampleModels();
  server = await startServing(models);
});
afterAll(() => server?.close());

/** Both serve the model: Cellar, and `mlflow models serve` beside it. */
function serving(name: string): void {
  beforeAll(async () => {
    const starting = startPeer(models, name);
    const serve = { replicas: 1, runtime: 'python' as const };
    server.champions.decide(await championOf(models, name, { holdout: null, predictionsPath: null, serve }));
    await server.serving.settled();
    peer = await starting;
  });
  afterAll(() => peer?.stop());
}

async function answerOf(url: string, [, type, body]: Question) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: Buffer.from(text) });
  const said = await response.text();
  // The peer tells of some media types in plain text.
  const json = said.startsWith('{') ? JSON.parse(said) : {};
  return response.status === 200
    ? { status: 200, predictions: json.predictions }
    : { status: response.status, code: response.status === 415 ? undefined : json.error_code };
}
const ours = (question: Question) => answerOf(`${server.url}/serve/prod/wine/invocations`, question);
const theirs = (question: Question) => answerOf(peer.base + peer.path, question);

const json = 'application/json';
const split = (data: unknown, columns: unknown = wineColumns) => ({ dataframe_split: { columns, data } });
const csv = (...rows: (readonly unknown[])[]) => [wineColumns, ...rows].map((row) => row.join(',')).join('\n');
const record = (row: readonly unknown[]) => Object.fromEntries(wineColumns.map((name, i) => [name, row[i]]));
const first: readonly unknown[] = wineRows[0]!;
const records = wineRows.map(record);

describe('the wine forest', () => {
  serving('wine-100');

  const questions: Question[] = [
    ['dataframe_split', json, split(wineRows)],
    ['an index', json, { dataframe_split: { columns: wineColumns, data: wineRows, index: [5, 6, 7] } }],
    ['dataframe_records', json, { dataframe_records: records }],
    ['instances', json, { instances: records }],
    ['inputs of records', json, { inputs: records }],
    ['inputs of one row', json, { inputs: record(first) }],
    [
      'inputs of columns',
      json,
      { inputs: Object.fromEntries(wineColumns.map((name, i) => [name, wineRows.map((row) => row[i])])) },
    ],
    ['CSV', 'text/csv', csv(...wineRows)],
    ['CSV with a character set', 'text/csv; charset=utf-8', csv(...wineRows)],
    ['CSV with a missing cell', 'text/csv', csv(first.with(0, ''))],
    ['CSV with text', 'text/csv', csv(first.with(0, 'much'))],
    ['CSV of names only', 'text/csv', csv()],
    ['no CSV', 'text/csv', ''],
    ['a character set', 'application/json; charset=utf-8', split(wineRows)],
    ['another character set', 'application/json; charset=latin1', split(wineRows)],
    ['another media type', 'text/html', split(wineRows)],
    [
      'another order',
      json,
      split(
        wineRows.map((row) => [...row].reverse()),
        [...wineColumns].reverse(),
      ),
    ],
    [
      'one column more',
      json,
      split(
        wineRows.map((row) => [...row, 1]),
        [...wineColumns, 'more'],
      ),
    ],
    [
      'one column less',
      json,
      split(
        wineRows.map((row) => row.slice(1)),
        wineColumns.slice(1),
      ),
    ],
    ['whole numbers', json, split([first.map((cell) => Math.round(Number(cell)))])],
    ['numbers as text', json, split([first.map(String)])],
    ['null', json, split([first.with(0, null)])],
    ['true', json, split([first.with(0, true)])],
    ['text', json, split([first.with(0, 'much')])],
    ['a bare NaN', json, JSON.stringify(split([first.with(0, '?')])).replace('"?"', 'NaN')],
    ['no rows', json, split([])],
    ['no names', json, { dataframe_split: { data: wineRows } }],
    ['instances without names', json, { instances: wineRows }],
    ['inputs without names', json, { inputs: wineRows }],
    ['null for instances', json, { instances: null }],
    ['a row too wide', json, split([[...first, 1]])],
    ['no form', json, {}],
    ['an unknown form', json, { rows: [] }],
    ['two forms', json, { ...split(wineRows), instances: [] }],
    ['a list', json, [1]],
    ['half a body', json, '{"a'],
    ['nothing', json, ''],
    ['a list for dataframe_split', json, { dataframe_split: [1] }],
    ['an object for dataframe_records', json, { dataframe_records: { a: 1 } }],
    ['an unknown part', json, { dataframe_split: { columns: wineColumns, data: wineRows, more: 1 } }],
    ['an unknown field', json, { ...split(wineRows), more: 'a' }],
    ['parameters that it does not take', json, { ...split(wineRows), params: { a: 1 } }],
  ];
  test.each(questions)('is asked with %s and answers as the peer does', async (...question) => {
    expect(await ours(question)).toEqual(await theirs(question));
  });

  test.each<[...Question, why: string]>([
    ['a row too short', json, split([first, first.slice(1)]), 'the peer takes the cell for missing'],
    ['a line too short', 'text/csv', `${csv(...wineRows)}\n1,2`, 'the peer takes the cells for missing'],
    ['a number for params', json, { ...split(wineRows), params: 3 }, 'the peer ignores it'],
  ])('is asked with %s, which is refused here', async (...question) => {
    expect(await theirs([question[0], question[1], question[2]])).toMatchObject({ status: 200 });
    expect(await ours([question[0], question[1], question[2]])).toEqual({ status: 400, code: 'BAD_REQUEST' });
  });

  test.each(['/ping', '/health', '/version'])('answers %s as the peer does', async (path) => {
    const [own, other] = await Promise.all([fetch(`${server.url}/serve/prod/wine${path}`), fetch(peer.base + path)]);
    expect([own.status, await own.text()]).toEqual([other.status, await other.text()]);
  });
});

describe('a model with columns of every type, which answers with what it was given', () => {
  serving('mixed');

  const row = { name: 'a', count: 3, small: 4, size: 1.5, weight: 0.5, ripe: true, picked: '2026-01-02T03:04:05' };
  const { weight: _, ...withoutWeight } = row;
  const cell = (cells: object) => ({ dataframe_records: [{ ...row, ...cells }] });
  const params = (given: object) => ({ ...cell({}), params: given });
  const questions: [string, Body][] = [
    ['a row', cell({})],
    ['two rows', { dataframe_records: [row, { ...row, count: 9, name: null }] }],
    ['instances', { instances: [row] }],
    ['dataframe_split', { dataframe_split: { columns: Object.keys(row), data: [Object.values(row)] } }],
    ['inputs', { inputs: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, [value]])) }],
    ['no optional column', { dataframe_records: [withoutWeight] }],
    ['null in an optional column', cell({ weight: null })],
    ['no required column', { dataframe_records: [{ weight: 1 }] }],
    ['null for a string', cell({ name: null })],
    ['a string beyond ASCII', cell({ name: 'Größe 🍷' })],
    ['null for a whole number', cell({ count: null })],
    ['1.0 for a whole number', JSON.stringify(cell({ count: '?' })).replace('"?"', '1.0')],
    ['a whole number as text', cell({ count: '7' })],
    ['a whole number for a double', cell({ size: 2 })],
    ['a double as text', cell({ size: '2.5' })],
    ['null for a double', cell({ size: null })],
    ['a float that is not exact', cell({ weight: 0.1 })],
    ['1 for a boolean', cell({ ripe: 1 })],
    ['a date', cell({ picked: '2026-01-02' })],
    ['microseconds', cell({ picked: '2026-01-02T03:04:05.123456' })],
    ['null for a time', cell({ picked: null })],
    ['text for a time', cell({ picked: 'soon' })],
    ['a parameter', params({ limit: 3 })],
    ['a list of parameters', params({ words: ['x', 'y'] })],
    ['a parameter that it does not take', params({ other: 3 })],
    ['a parameter of another type', params({ limit: 'a' })],
    ['one parameter for a list', params({ words: 'x' })],
  ];
  test.each(questions)('is asked with %s and answers as the peer does', async (what, body) => {
    expect(await ours([what, json, body])).toEqual(await theirs([what, json, body]));
  });

  test.each<[string, Body, why: string]>([
    ['a number for a string', cell({ name: 3 }), 'the peer hands the model a number'],
    ['1.5 for a whole number', cell({ count: 1.5 }), 'the peer cuts it to 1'],
    ['3,000,000,000 for 32 bit', cell({ small: 3_000_000_000 }), 'the peer lets it overflow'],
    ['text for a boolean', cell({ ripe: 'false' }), 'the peer takes every text for true'],
    ['null for a boolean', cell({ ripe: null }), 'the peer takes it for false'],
    ['a number for a time', cell({ picked: 5 }), 'the peer takes it for nanoseconds since 1970'],
    [
      'a number beyond 2^53',
      JSON.stringify(cell({ count: '?' })).replace('"?"', '9007199254740993'),
      'it must be sent as text here, as JavaScript would change it',
    ],
  ])('is asked with %s, which is refused here', async (what, body) => {
    expect(await theirs([what, json, body])).toMatchObject({ status: 200 });
    expect(await ours([what, json, body])).toEqual({ status: 400, code: 'BAD_REQUEST' });
  });

  const line = `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}`;
  test.each<[...Question, why: string]>([
    ['a time with a zone', json, cell({ picked: '2026-01-02T03:04:05Z' }), 'it is read as UTC'],
    ['CSV with a time', 'text/csv', line, "the peer's CSV reader does not know the type"],
    ['1.0 for a whole parameter', json, JSON.stringify(params({ limit: '?' })).replace('"?"', '3.0'), 'it is whole'],
  ])('is asked with %s, which is taken here', async (...question) => {
    expect(await theirs([question[0], question[1], question[2]])).toMatchObject({ status: 400 });
    expect(await ours([question[0], question[1], question[2]])).toMatchObject({ status: 200 });
  });
});
