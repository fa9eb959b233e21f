import { describe, expect, test } from 'vitest';
import { modelReader } from './model-reader.ts';
import { readScoringBody, scoringMediaType } from './scoring-body.ts';
import type { Column, ModelInput } from './signature.ts';

const columns: Column[] = [
  { name: 'alcohol', type: 'double', required: true },
  { name: 'bottles', type: 'long', required: true },
  { name: 'region', type: 'string', required: false },
];
const input: ModelInput = { kind: 'columns', columns, params: [], declared: true };
const reader = modelReader(input);

function tableOf(body: unknown, contentType = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const work = reader.readBody(Buffer.from(text), contentType);
  if (work.kind !== 'table') throw new Error('It is no table.');
  const names = work.table.layout.blocks.flatMap((block) => block.columns);
  return { rows: work.table.rows, names, blocks: work.table.blocks.map((cells) => [...cells]) };
}

const expected = {
  rows: 2,
  names: ['alcohol', 'bottles', 'region'],
  blocks: [
    [13, 12.5],
    [6n, 1n],
    ['Alba', 'Asti'],
  ],
};

describe("MLflow's forms of a request", () => {
  test.each([
    [
      'dataframe_split',
      {
        dataframe_split: {
          columns: ['region', 'alcohol', 'bottles'],
          data: [
            ['Alba', 13, 6],
            ['Asti', 12.5, 1],
          ],
        },
      },
    ],
    [
      'dataframe_records',
      {
        dataframe_records: [
          { alcohol: 13, bottles: 6, region: 'Alba' },
          { bottles: 1, alcohol: 12.5, region: 'Asti' },
        ],
      },
    ],
    [
      'instances',
      {
        instances: [
          { alcohol: 13, bottles: 6, region: 'Alba' },
          { alcohol: 12.5, bottles: 1, region: 'Asti' },
        ],
      },
    ],
    ['inputs', { inputs: { alcohol: [13, 12.5], bottles: [6, 1], region: ['Alba', 'Asti'] } }],
  ])('%s becomes a table in the order and types of the signature', (_, body) => {
    expect(tableOf(body)).toEqual(expected);
  });

  test('CSV becomes the same table, and an empty cell is missing', () => {
    expect(tableOf('alcohol,bottles,region\n13,6,Alba\n12.5,1,Asti\n', 'text/csv')).toEqual(expected);
    expect(tableOf('alcohol,bottles,region\n,6,\n', 'text/csv').blocks).toEqual([[Number.NaN], [6n], [null]]);
  });

  test('columns that the model does not know are left out, and optional ones may be absent', () => {
    expect(tableOf({ dataframe_records: [{ alcohol: 13, bottles: 6, note: 'ripe' }] })).toEqual({
      rows: 1,
      names: ['alcohol', 'bottles'],
      blocks: [[13], [6n]],
    });
  });

  test('a whole number beyond 2^53 keeps its digits as text', () => {
    const { blocks } = tableOf({ dataframe_records: [{ alcohol: 1, bottles: '9007199254740993' }] });
    expect(blocks[1]).toEqual([9007199254740993n]);
  });

  test("Python's bare NaN and Infinity are read, also beside text that says so", () => {
    const text = '{"dataframe_records": [{"alcohol": NaN, "bottles": 1, "region": "NaN"}]}';
    expect(tableOf(text).blocks).toEqual([[Number.NaN], [1n], ['NaN']]);
  });
});

describe('a request that does not fit', () => {
  const nested = '['.repeat(70) + ']'.repeat(70);

  test.each([
    [
      { rows: [] },
      'BAD_REQUEST',
      'exactly one of the fields dataframe_split, dataframe_records, instances, inputs; it has "rows"',
    ],
    [{ inputs: [], instances: [] }, 'BAD_REQUEST', 'exactly one of the fields'],
    [
      { dataframe_split: { data: [[1, 2], [3]] } },
      'BAD_REQUEST',
      "'data' of 'dataframe_split', row 1: expected 2 cells, found 1.",
    ],
    [{ dataframe_records: [{ alcohol: 1 }] }, 'INVALID_PARAMETER_VALUE', "The model is missing the input 'bottles'."],
    [
      {
        dataframe_records: [
          { alcohol: 1, bottles: 2 },
          { alcohol: 'much', bottles: 2 },
        ],
      },
      'BAD_REQUEST',
      `Column 'alcohol', row 1: expected double, found the string "much".`,
    ],
    [
      { dataframe_records: [{ alcohol: 1, bottles: 2.5 }] },
      'BAD_REQUEST',
      `Column 'bottles', row 0: expected long (64 bit; beyond 2^53 as text), found the number 2.5.`,
    ],
    [{ instances: [[1, 2]] }, 'INVALID_PARAMETER_VALUE', 'The model takes columns by name'],
    [
      { dataframe_split: { columns: [{ toString: 1 }], data: [] } },
      'INVALID_PARAMETER_VALUE',
      `The request has '{"toString":1}', which the model does not know.`,
    ],
    ['{"inputs": [1', 'BAD_REQUEST', 'The request body is not valid JSON'],
    [`{"inputs": ${nested}}`, 'BAD_REQUEST', 'The request body nests deeper than 64 levels.'],
    [`{"inputs": [NaN, ${nested}]}`, 'BAD_REQUEST', 'The request body nests deeper than 64 levels.'],
  ])('%j is refused by %s: %s', (body, code, message) => {
    expect(() => tableOf(body)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  test.each([['text/html'], [undefined], ['application/json; charset=latin1']])(
    'the media type %s is refused with 415',
    (type) => {
      expect(() => scoringMediaType(type)).toThrow(expect.objectContaining({ status: 415 }));
    },
  );

  test('a CSV that names a column twice, or is none, says so', () => {
    expect(() => readScoringBody(Buffer.from('a,a\n1,2'), 'csv')).toThrow('names "a" twice');
    expect(() => readScoringBody(Buffer.from(''), 'csv')).toThrow('The CSV is empty');
  });
});

describe('a body of many MiB is read once from front to end', () => {
  const MiB = 1024 * 1024;
  const refused = (body: string, contentType?: string) => {
    let message = '';
    try {
      tableOf(body, contentType);
    } catch (error) {
      message = (error as Error).message;
    }
    return message;
  };
  const cell = (value: string) => `{"dataframe_records": [{"alcohol": ${value}, "bottles": 1}]}`;

  test('though it has nothing but quotes', () => {
    expect(refused('\\"'.repeat(8 * MiB))).toContain('is not valid JSON');
  });

  test('though one string is all of it, beside a bare NaN', () => {
    const region = '\\n'.repeat(8 * MiB);
    const { blocks } = tableOf(`{"inputs": {"alcohol": [NaN], "bottles": [1], "region": ["${region}"]}}`);
    expect(blocks[0]).toEqual([Number.NaN]);
    expect((blocks[2]![0] as string).length).toBe(8 * MiB);
  });

  test.each([
    ['alcohol', `${'1'.repeat(8 * MiB)}x`],
    ['bottles', '1'.repeat(8 * MiB)],
    ['bottles', `${'1'.repeat(8 * MiB)}.0`],
  ])('though a number for %s is all of it', (name, text) => {
    const body = JSON.stringify({ dataframe_records: [{ alcohol: 1, bottles: 1, [name]: text }] });
    expect(refused(body)).toContain(`Column '${name}', row 0: expected`);
    expect(refused(body)).toContain('The text of a number has at most 400 characters.');
  });

  test.each([
    ['dataframe_split', (names: string[]) => JSON.stringify({ dataframe_split: { columns: names, data: [] } })],
    ['CSV', (names: string[]) => names.join(',')],
  ])('though all of a %s is names of columns', (form, bodyOf) => {
    const names = Array.from({ length: 400_000 }, (_, i) => i.toString(36));
    const body = bodyOf([...names, '0']);
    expect(refused(body, form === 'CSV' ? 'text/csv' : 'application/json')).toContain('"0" twice');
  });

  test('numbers are read as before', () => {
    const read = (text: string) => tableOf(cell(JSON.stringify(text))).blocks[0]![0];
    expect(['1', '1.', '1.5', '.5', ' +1.5e3 ', '-inf', 'nan'].map(read)).toEqual([
      1,
      1,
      1.5,
      0.5,
      1500,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
    for (const text of ['', '.', '1.5.', '1e', '0x1']) expect(refused(cell(JSON.stringify(text)))).toContain('alcohol');
  });
});

test('rows that are claimed but not written are refused before there are cells for them', () => {
  const wide = modelReader({
    kind: 'columns',
    columns: Array.from({ length: 1000 }, (_, i) => ({ name: `c${i}`, type: 'string', required: false })),
    params: [],
    declared: true,
  });
  const full = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`c${i}`, '']));
  const read = (rows: number) =>
    wide.readBody(
      Buffer.from(`{"dataframe_records": [${JSON.stringify(full)}${',{}'.repeat(rows - 1)}]}`),
      'application/json',
    );
  expect(() => read(20_000)).toThrow(
    expect.objectContaining({
      status: 413,
      message: expect.stringContaining('has 20000 rows, and the model takes 1000 columns: expected at most 16777216'),
    }),
  );
  expect(read(100).kind).toBe('table');
});

describe('base64', () => {
  const binary = modelReader({
    kind: 'columns',
    columns: [{ name: 'label', type: 'binary', required: true }],
    params: [],
    declared: true,
  });
  const read = (text: string) =>
    binary.readBody(Buffer.from(JSON.stringify({ dataframe_records: [{ label: text }] })), 'application/json');

  test.each(['', 'YQ==', 'YWI=', 'YWJj', 'YW\nJj\n', 'YQ==\n'])('is %j', (text) => {
    expect(read(text).kind).toBe('table');
  });

  test.each(['YQ===', 'Y=Q', 'YQ=?', `YQ==${' '.repeat(8 * 1024 * 1024)}?`, `${' '.repeat(8 * 1024 * 1024)}?`])(
    'is not this text, however long it is',
    (text) => {
      expect(() => read(text)).toThrow('expected binary as base64 text');
    },
  );
});
