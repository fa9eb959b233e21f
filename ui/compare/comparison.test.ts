import { describe, expect, it } from 'vitest';
import { compared, namesOf, rolesThatDiffer } from './comparison.ts';

interface Given {
  readonly params?: Record<string, string>;
  readonly metrics?: Record<string, number>;
  readonly tags?: Record<string, string>;
  readonly data?: readonly (readonly [role: string | undefined, digest: string])[];
}

const aRun = ({ params = {}, metrics = {}, tags = {}, data = [] }: Given) => ({
  params: new Map(Object.entries(params)),
  metrics: new Map(Object.entries(metrics).map(([key, value]) => [key, { key, value, step: 0, timestamp: 0 }])),
  tags: new Map(Object.entries(tags)),
  datasets: data.map(([context, digest]) => ({
    name: 'wine',
    digest,
    context,
    sourceType: '',
    source: '',
    schema: undefined,
    profile: undefined,
    tags: new Map(),
  })),
});

describe('runs side by side', () => {
  it('differ where a value differs or is missing', () => {
    const rows = compared([
      aRun({ params: { a: '1', b: 'x' }, tags: { team: 'red', 'mlflow.user': 'me' } }),
      aRun({ params: { a: '1', b: 'y', c: '2' }, tags: { team: 'red' } }),
    ]);
    expect(rows.map(({ section, key, values, differs }) => [section, key, values, differs])).toEqual([
      ['Parameters', 'a', ['1', '1'], false],
      ['Parameters', 'b', ['x', 'y'], true],
      ['Parameters', 'c', [undefined, '2'], true],
      ['Tags', 'team', ['red', 'red'], false],
    ]);
  });

  it('have a best value in each metric that differs', () => {
    const rows = compared([
      aRun({ metrics: { F1: 0.9, loss: 2, same: 1, odd: Number.NaN, alone: 1 } }),
      aRun({ metrics: { F1: 0.8, loss: 1, same: 1, odd: Number.NaN } }),
    ]);
    expect(rows.map(({ key, best, differs }) => [key, best, differs])).toEqual([
      ['F1', 0.9, true],
      ['alone', undefined, true],
      ['loss', 1, true],
      ['odd', undefined, false],
      ['same', undefined, false],
    ]);
  });

  it.each<[string, Given[], string[]]>([
    ['the same data', [{ data: [['training', 'd1']] }, { data: [['training', 'd1']] }], []],
    [
      'the same data in another order',
      [
        {
          data: [
            ['test', 'a'],
            ['test', 'b'],
          ],
        },
        {
          data: [
            ['test', 'b'],
            ['test', 'a'],
          ],
        },
      ],
      [],
    ],
    ['other data', [{ data: [['training', 'd1']] }, { data: [['training', 'd2']] }], ['training']],
    ['data that one run did not name', [{ data: [[undefined, 'd1']] }, {}], ['no role']],
    ['no data', [{}, {}], []],
  ])('of %s', (_, runs, roles) => expect(rolesThatDiffer(compared(runs.map(aRun)))).toEqual(roles));
});

it('gives every run a name of its own', () =>
  expect(
    namesOf([
      { runId: 'aaaaaaa1', runName: 'forest' },
      { runId: 'aaaaaaa2', runName: 'forest' },
      { runId: 'bbbbbbbb', runName: 'tree' },
      { runId: 'cccccccc', runName: '' },
    ]),
  ).toEqual(['forest (aaaaaaa1)', 'forest (aaaaaaa2)', 'tree', 'cccccccc']));
