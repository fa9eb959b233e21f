import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, holdoutDigest } from './digest.ts';
import type { Column } from './holdout.ts';

const columns: Column[] = [
  { name: 'n', type: 'int64' },
  { name: 'é', type: 'double' },
  { name: 's', type: 'string' },
  { name: 'b', type: 'boolean' },
  { name: 't', type: 'timestamp' },
];
const holdout = { task: 'classification', target: 'n', columns } as const;

function digestOf(rows: readonly (readonly Cell[])[], of: Parameters<typeof holdoutDigest>[0] = holdout) {
  const hash = holdoutDigest(of);
  hash.addRows(0, rows.length, (column, row) => rows[row]![column]!);
  return hash.end();
}

describe('the digest of a holdout', () => {
  it('is SHA-256 over these very bytes', () => {
    const text = (value: string) => {
      const bytes = Buffer.from(value, 'utf8');
      return Buffer.concat([Buffer.from([bytes.length, 0, 0, 0]), bytes]);
    };
    const bytes = Buffer.concat([
      Buffer.from('cellar-holdout-1', 'ascii'),
      text('classification'),
      text('n'),
      Buffer.from([5, 0, 0, 0]),
      ...columns.flatMap(({ name, type }) => [text(name), text(type)]),
      Buffer.from([1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([1, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]),
      Buffer.from([1, 2, 0, 0, 0, 0xc3, 0xa9]),
      Buffer.from([1, 1]),
      Buffer.from([1, 0x40, 0x42, 0x0f, 0, 0, 0, 0, 0]),
      Buffer.from([1, 1, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from([0, 0, 0, 0]),
      Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    const rows = [
      [-2n, 1.5, 'é', true, 1_000_000n],
      [1n, null, null, null, null],
    ];
    expect(digestOf(rows)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  const row: readonly Cell[] = [1n, 0.5, 'x', false, 0n];
  it.each([
    ['the task', digestOf([row], { ...holdout, task: 'regression' })],
    ['the target', digestOf([row], { ...holdout, target: 's' })],
    ['a name', digestOf([row], { ...holdout, columns: columns.with(2, { name: 'S', type: 'string' }) })],
    ['a type', digestOf([row], { ...holdout, columns: columns.with(0, { name: 'n', type: 'timestamp' }) })],
    ['a value', digestOf([row.with(1, 0.25)])],
    ['a missing value', digestOf([row.with(2, null)])],
    ['an empty text', digestOf([row.with(2, '')])],
    ['a row more', digestOf([row, row])],
    ['no row', digestOf([])],
  ])('changes with %s', (_, other) => {
    expect(other).not.toBe(digestOf([row]));
  });

  it('changes with the order of rows', () => {
    const other = row.with(0, 2n);
    expect(digestOf([row, other])).not.toBe(digestOf([other, row]));
  });

  it('takes a negative zero for zero and NaN for a missing value', () => {
    expect(digestOf([row.with(1, -0)])).toBe(digestOf([row.with(1, 0)]));
    expect(digestOf([row.with(1, Number.NaN)])).toBe(digestOf([row.with(1, null)]));
  });

  it('does not depend on how the rows were grouped', () => {
    const texts = fc.array(fc.string({ maxLength: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 7 }), (values, size) => {
        const of = { ...holdout, target: 's', columns: [{ name: 's', type: 'string' } as const] };
        const hash = holdoutDigest(of);
        for (let from = 0; from < values.length; from += size)
          hash.addRows(from, Math.min(from + size, values.length), (_, at) => values[at]!);
        const whole = digestOf(
          values.map((value) => [value]),
          of,
        );
        expect(hash.end()).toBe(whole);
      }),
    );
  });
});
