import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { withServer } from '../../../test/support/app.ts';
import { parquet, putHoldout } from '../../../test/support/holdouts.ts';
import { onEveryEngine } from '../../../test/support/stores.ts';

const wine = `Alcohol,Magnesium,origin,organic,bottled,class
14.23,127,Asti,true,2024-05-01,0
13.2,,"Alba, upper",false,2024-05-02 10:00:00+02:00,1
,100,,True,,1
`;

onEveryEngine((engine) => {
  const server = withServer(engine);
  const at = (name: string, version: number) => server.get(`/api/v1/holdouts/${name}/versions/${version}`);

  describe('an uploaded CSV file', () => {
    it('becomes version 1, typed, counted and described', async () => {
      const { status, body } = await putHoldout(server, wine, { actor: 'ana' });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        name: 'wine',
        version: 1,
        created: true,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        target: 'class',
        task: 'classification',
        rows: 3,
        columnCount: 6,
        uploadedBy: 'ana',
        classes: [
          { value: 1, count: 2 },
          { value: 0, count: 1 },
        ],
        warnings: [],
        estimated: false,
      });
      expect(body.columns.map((each: { name: string; type: string }) => [each.name, each.type])).toEqual([
        ['Alcohol', 'double'],
        ['Magnesium', 'int64'],
        ['origin', 'string'],
        ['organic', 'boolean'],
        ['bottled', 'timestamp'],
        ['class', 'int64'],
      ]);
      const [alcohol, , origin, , bottled] = body.columns;
      expect(alcohol).toMatchObject({ count: 2, missing: 1, distinct: 2, infinite: 0, min: 13.2, max: 14.23 });
      expect(alcohol.mean).toBeCloseTo(13.715, 12);
      expect(alcohol.stddev).toBeCloseTo(0.7283, 4);
      expect(alcohol.histogram.counts).toHaveLength(20);
      expect(origin.top).toEqual([
        { value: 'Alba, upper', count: 1 },
        { value: 'Asti', count: 1 },
      ]);
      expect(bottled).toMatchObject({
        min: '2024-05-01T00:00:00.000000Z',
        max: '2024-05-02T08:00:00.000000Z',
        histogram: null,
      });
      expect((await at('wine', 1)).body).toEqual({ ...body, created: undefined });
    });

    it('shows its first rows', async () => {
      const { body } = await server.get('/api/v1/holdouts/wine/versions/1/rows', { limit: 2 });
      expect(body.rows).toEqual([
        [14.23, 127, 'Asti', true, '2024-05-01T00:00:00.000000Z', 0],
        [13.2, null, 'Alba, upper', false, '2024-05-02T08:00:00.000000Z', 1],
      ]);
      expect(body).toMatchObject({ total: 3, columns: { length: 6 } });
      expect((await server.get('/api/v1/holdouts/wine/versions/1/rows')).body.rows).toHaveLength(3);
    });

    it('with the same rows is the same version, however it is written', async () => {
      const again = await putHoldout(server, wine.replaceAll('\n', '\r\n').replace('14.23', '14.230'));
      expect(again).toMatchObject({ status: 200, body: { version: 1, created: false, uploadedBy: 'ana' } });
    });

    it('with other rows, or another target, is the next version', async () => {
      const otherRows = await putHoldout(server, wine.replace('14.23', '14.24'));
      expect(otherRows).toMatchObject({ status: 201, body: { version: 2, uploadedBy: 'anonymous' } });
      const otherTarget = await putHoldout(server, wine, { target: 'organic' });
      expect(otherTarget).toMatchObject({ status: 201, body: { version: 3, target: 'organic' } });
      const { body } = await server.get('/api/v1/holdouts/wine');
      expect(body.versions.map((each: { version: number }) => each.version)).toEqual([3, 2, 1]);
      expect((await at('wine', 1)).body.digest).toBe(body.versions[2].digest);
    });

    it('is listed by its newest version', async () => {
      await putHoldout(server, 'x,y\n1,0.5\n2,0.25\n', { name: 'a.regression', target: 'y' });
      const { body } = await server.get('/api/v1/holdouts');
      expect(body.holdouts).toMatchObject([
        { name: 'a.regression', version: 1, task: 'regression' },
        { name: 'wine', version: 3 },
      ]);
    });
  });

  it('uploads of one holdout at the same time get one version each, and equal ones share it', async () => {
    const sent = ['1', '2', '2', '3'].map((x) =>
      putHoldout(server, `x,y\n${x},0\n0,1\n`, { name: 'many', target: 'y' }),
    );
    const answers = (await Promise.all(sent)).map(({ body }) => body);
    expect(answers.map((body) => body.version).sort()).toHaveLength(4);
    expect(new Set(answers.map((body) => `${body.version}:${body.digest}`)).size).toBe(3);
    expect(Math.max(...answers.map((body) => body.version))).toBe(3);
    expect(answers.filter((body) => body.created)).toHaveLength(3);
  });

  it('a CSV and a Parquet file of equal typed rows are one version', async () => {
    const csv = 'i,d,s,b,t,y\n-3,1.5,é,true,2024-05-01 12:00:00.25,no\n4,NaN,,false,,yes\n5,,x,,2024-05-02,no\n';
    const rows = await parquet(`
      select i::integer as i, d, s, b, t::timestamp_ns as t, y from (values
        (-3, 1.5::double, 'é', true, '2024-05-01 12:00:00.25', 'no'),
        (4, 'nan'::double, null, false, null, 'yes'),
        (5, null, 'x', null, '2024-05-02', 'no')) as v(i, d, s, b, t, y)`);
    const first = await putHoldout(server, csv, { name: 'equal', target: 'y' });
    const second = await putHoldout(server, rows, { name: 'equal', target: 'y' });
    expect(second).toMatchObject({ status: 200, body: { version: 1, created: false, digest: first.body.digest } });
  });

  it('types that are given hold', async () => {
    const types = ['zip=string', 'x=double'];
    const { body } = await putHoldout(server, 'zip,x,y\n01234,1,0\n56789,2,1\n', { name: 'zips', target: 'y', types });
    expect(body.columns.map((each: { type: string }) => each.type)).toEqual(['string', 'double', 'int64']);
    const { rows } = (await server.get('/api/v1/holdouts/zips/versions/1/rows')).body;
    expect(rows[0]).toEqual(['01234', 1, 0]);
  });

  it('words for missing values are missing in numbers and words in text', async () => {
    const { body } = await putHoldout(server, 'x,s,y\nNA,NA,0\n1.5,b,1\nnull,c,1\n', { name: 'words', target: 'y' });
    expect(body.columns[0]).toMatchObject({ type: 'double', missing: 2 });
    expect(body.columns[1]).toMatchObject({ type: 'string', missing: 0, distinct: 3 });
  });

  it('warns of a target with one class and of columns without values', async () => {
    const { body } = await putHoldout(server, 'x,e,y\n1,,a\n2,,a\n', { name: 'odd', target: 'y' });
    expect(body.warnings).toEqual([
      'Every row has the same value in the target "y": any model that knows it scores perfectly.',
      'Column "e" has no value in any row.',
    ]);
  });

  describe('is refused', () => {
    const csv = (content: string, target = 'y') => [content, { name: 'bad', target }] as const;
    it.each([
      ['an empty file', csv(''), 'The file is empty: expected a header'],
      ['a header alone', csv('x,y\n'), 'The file has a header and no rows.'],
      [
        'no target column',
        csv('x,z\n1,2\n'),
        `Invalid value "y" for parameter 'target' supplied: the file has no such column; it has "x", "z".`,
      ],
      ['nothing but the target', csv('y\n1\n'), 'The file has no column besides the target "y".'],
      ['a column twice', csv('x,y,x\n1,2,3\n'), 'Columns 1 and 3 are both named "x".'],
      ['columns that differ in case', csv('x,y,X\n1,2,3\n'), 'Columns 1 and 3 differ only in upper and lower case'],
      ['the index of a data frame', csv(',x,y\n0,1,2\n'), 'Column 1 has no name. If it is the index of a pandas frame'],
      ['a row too short', csv('x,y\n1,2\n3\n'), 'Line 3 has 1 fields, the header has 2: "3".'],
      ['a row too long', csv('x,y\n1,2\n3,4,5\n'), 'Line 3 has more than the 2 fields of the header: "3,4,5".'],
      ['a quote that does not end', csv('x,y\n1,2\n"3,4\n'), 'Line 3 holds a quote that does not end'],
      ['NUL', csv('x,y\n1,a\n2,b\0\n'), 'Row 2, column "y": the text holds a NUL character.'],
      ['no value in the target', csv('x,y\n1,2\n3,\n'), 'Row 2 has no value in the target "y"'],
      ['an infinite target', csv('x,y\n1,0.5\n3,inf\n'), 'Row 2 has Infinity in the target "y"'],
      [
        'too many columns',
        csv(`${Array.from({ length: 1001 }, (_, n) => `c${n}`)}\n`, 'c1'),
        'The file has more than 1000 columns.',
      ],
      ['a target of times', csv('x,y\n1,2024-01-01\n'), 'The target "y" is a timestamp: expected classes or numbers.'],
      [
        'text that is not UTF-8',
        [
          Buffer.from('78 2c 79 0a ff 2c 31 0a'.replaceAll(' ', ''), 'hex'),
          { name: 'bad', target: 'y', format: 'csv' },
        ],
        'The file is not UTF-8 text',
      ],
      [
        'a name that is none',
        ['x,y\n1,2\n', { name: 'a%40b', target: 'y' }],
        `Invalid value "a@b" for parameter 'name' supplied`,
      ],
      [
        'an unknown format',
        ['x,y\n1,2\n', { name: 'bad', target: 'y', format: 'xlsx' }],
        `Invalid value "xlsx" for parameter 'format' supplied: expected one of csv, parquet.`,
      ],
      [
        'an unknown task',
        ['x,y\n1,2\n', { name: 'bad', target: 'y', task: 'ranking' }],
        `Invalid value "ranking" for parameter 'task' supplied: expected one of classification, regression.`,
      ],
      [
        'a regression of words',
        ['x,y\n1,a\n', { name: 'bad', target: 'y', task: 'regression' }],
        'The target "y" is of type string: regression expects int64 or double.',
      ],
      [
        'an unknown type',
        ['x,y\n1,2\n', { name: 'bad', target: 'y', types: ['x=float'] }],
        `Invalid value "x=float" for parameter 'types' supplied: expected column=type`,
      ],
      [
        'a value that is not of its type',
        ['x,y\n1,2\n1.5,3\n', { name: 'bad', target: 'y', types: ['x=int64'] }],
        'Row 2, column "x": "1.5" is not a value of type int64.',
      ],
      [
        'CSV as Parquet',
        ['x,y\n1,2\n', { name: 'bad', target: 'y', format: 'parquet' }],
        'The file is not Parquet: it does not begin with PAR1.',
      ],
      [
        'broken Parquet',
        [Buffer.from(`PAR1${'x'.repeat(100)}PAR1`), { name: 'bad', target: 'y' }],
        'The file cannot be read as Parquet: ',
      ],
    ] as const)('%s', async (_, [content, upload], message) => {
      const answer = await putHoldout(server, content, upload);
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      expect(answer.body.message).toContain(message);
      expect(answer.body.message).not.toContain(server.place.dataDir);
      expect((await server.get('/api/v1/holdouts/bad')).status).toBe(404);
    });

    it('a nested column of a Parquet file', async () => {
      const nested = await parquet('select {a: 1, b: 2} as x, 1 as y');
      const { body } = await putHoldout(server, nested, { name: 'bad', target: 'y' });
      expect(body.message).toMatch(/^Column "x" is of the Parquet type STRUCT\(.*: expected numbers, text, booleans/);
    });
  });

  it('names of columns are never read as SQL', async () => {
    const name = `a"; copy (select 1) to '/tmp/x' --`;
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const { status, body } = await putHoldout(server, `${quoted},y\n1,0\n2,1\n`, { name: 'hostile', target: 'y' });
    expect(status).toBe(201);
    expect(body.columns[0].name).toBe(name);
    const file = await parquet(`select * from (values (1::bigint, 0::bigint), (2, 1)) as v(${quoted}, y)`);
    expect(await putHoldout(server, file, { name: 'hostile', target: 'y' })).toMatchObject({ body: { version: 1 } });
  });

  it('what does not exist is said to be missing', async () => {
    expect(await server.get('/api/v1/holdouts/none')).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No holdout is named "none".' },
    });
    expect((await at('wine', 9)).body.message).toBe('Holdout "wine" has no version 9: its newest is 3.');
    expect((await at('none', 1)).body.message).toBe('No holdout is named "none".');
  });

  it('rows are out of reach of the artifact proxy, and nothing temporary stays', async () => {
    const system = path.join(server.place.dataDir, 'system');
    expect(await readdir(path.join(system, '.cellar', 'incoming'))).toEqual([]);
    const { digest } = (await at('wine', 1)).body;
    const place = `holdouts/${digest.slice(0, 2)}/${digest}.parquet`;
    expect(await readdir(path.join(system, path.dirname(place)))).toContain(`${digest}.parquet`);
    expect((await server.get(`/api/2.0/mlflow-artifacts/artifacts/${place}`)).status).toBe(404);
    expect((await server.get('/api/2.0/mlflow-artifacts/artifacts')).body).toEqual({});
  });

  describe('the classes of a holdout', () => {
    it('that are long are told by their beginnings, and counted apart', async () => {
      const long = 'c'.repeat(200);
      const rows = [`${long}1`, `${long}2`, `${long}2`, 'short'].map((value) => `1,${value}\n`);
      const { body } = await putHoldout(server, `x,class\n${rows.join('')}`, { name: 'long' });
      expect(body.classes).toEqual([
        { value: long, count: 2 },
        { value: long, count: 1 },
        { value: 'short', count: 1 },
      ]);
    });

    it('are counted whatever the other columns are called', async () => {
      const { body } = await putHoldout(server, 'v,n,class\n1,5,a\n2,6,a\n', { name: 'letters' });
      expect(body.classes).toEqual([{ value: 'a', count: 2 }]);
    });
  });
});
