import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { facts, narrowed, table, wrapped } from './table.ts';

const plain = { columns: undefined, colours: false };

describe('a table', () => {
  it('aligns its columns under upper-case headings', () => {
    expect(
      table(
        ['name', 'versions', 'note'],
        [
          ['wine-holdout', 2, null],
          ['b', 10, 'new'],
        ],
        plain,
      ),
    ).toBe('NAME          VERSIONS  NOTE\nwine-holdout  2\nb             10        new\n');
  });

  it('wraps what is too wide for the terminal and cuts nothing off', () => {
    const drawn = table(
      ['model', 'reason'],
      [['AImodel', 'better by 0.0222 than the champion, and 0.002 was asked for']],
      { columns: 32, colours: false },
    );
    expect(Math.max(...drawn.split('\n').map((line) => line.length))).toBeLessThanOrEqual(32);
    expect(drawn.replace(/\s+/g, ' ')).toContain('better by 0.0222 than the champion, and 0.002 was asked for');
  });

  it('shows tones by colour only where colours are wanted', () => {
    const cell = { text: 'kept', tone: 'warn' } as const;
    expect(table(['outcome'], [[cell]], plain)).toBe('OUTCOME\nkept\n');
    expect(table(['outcome'], [[cell]], { columns: 80, colours: true })).toContain('\u001b[33mkept\u001b[39m');
  });

  it('shows control characters of a name instead of obeying them', () => {
    expect(table(['name'], [['red\u001b[2Jwine\u202e']], plain)).toBe('NAME\nred\\u001b[2Jwine\\u202e\n');
  });
});

it('facts leave out what has no value', () => {
  const drawn = facts(
    [
      ['holdout', 'wine-holdout@2'],
      ['uploaded by', undefined],
      ['rows', 45],
    ],
    plain,
  );
  expect(drawn).toBe('holdout  wine-holdout@2\nrows     45\n');
});

const natural = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 });

it('columns fit the terminal unless all are at their narrowest, and no column grows', () => {
  fc.assert(
    fc.property(natural, fc.integer({ min: 20, max: 200 }), (widths, columns) => {
      const fitted = narrowed(widths, columns);
      const total = fitted.reduce((sum, width) => sum + width, 2 * (fitted.length - 1));
      expect(total <= columns || fitted.every((width) => width <= 8)).toBe(true);
      for (const [index, width] of fitted.entries())
        expect(width === widths[index] || (width < (widths[index] ?? 0) && width >= 8)).toBe(true);
    }),
  );
});

it('wrapping keeps every character that is not a space, in lines that fit', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      const lines = wrapped(text, width);
      expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(width);
      expect(lines.join('').replace(/[ \n]/g, '')).toBe(text.replace(/[ \n]/g, ''));
    }),
  );
});
