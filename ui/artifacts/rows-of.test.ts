import { describe, expect, it } from 'vitest';
import { rowsOf } from './rows-of.ts';

describe('a table in a text', () => {
  it('has a header and rows, with what is quoted', () =>
    expect(rowsOf({ text: '\uFEFFname,of\n"a, b","say ""hi"""\n', whole: true }, ',', 10)).toEqual({
      header: ['name', 'of'],
      rows: [['a, b', 'say "hi"']],
      more: false,
    }));

  it('ends before a line that is cut', () =>
    expect(rowsOf({ text: 'x\ty\n1\t2\n3\t', whole: false }, '\t', 10)).toEqual({
      header: ['x', 'y'],
      rows: [['1', '2']],
      more: true,
    }));

  it('ends after as many rows as are wanted', () =>
    expect(rowsOf({ text: 'x\n1\n2\n3', whole: true }, ',', 2)).toEqual({
      header: ['x'],
      rows: [['1'], ['2']],
      more: true,
    }));
});
