import { describe, expect, it } from 'vitest';
import { csvHeader } from './csv-header.ts';

describe('the header of a CSV file', () => {
  it.each([
    ['a,b\n1,2', ',', ['a', 'b']],
    ['a;b\r\n1;2', ';', ['a', 'b']],
    ['a\tb', '\t', ['a', 'b']],
    ['\ufeffa,b\n', ',', ['a', 'b']],
    ['"a,1","b ""c""",d\n', ',', ['a,1', 'b "c"', 'd']],
    ['"a\nb";c\n', ';', ['a\nb', 'c']],
    ['a b,,c\n', ',', ['a b', '', 'c']],
    ['alone\n', ',', ['alone']],
  ] as const)('%j is split at %j', (text, separator, names) => {
    expect(csvHeader(Buffer.from(text))).toEqual({ separator, names });
  });

  it.each([
    ['', 'The file is empty'],
    [' \n', 'The file is empty'],
    ['"a,b\n', 'The header has a quote that does not end, in column 1.'],
    ['"a"b,c\n', 'The header holds text behind the quoted name "a".'],
    ['a'.repeat(1024 * 1024), 'The header does not end within 1048576 bytes'],
  ])('refuses %.20j', (text, message) => {
    expect(() => csvHeader(Buffer.from(text))).toThrow(message);
  });

  it('does not mind that a character is cut at the end of what was read', () => {
    const start = Buffer.from(`a,b\n${'é'.repeat(600_000)}`).subarray(0, 1024 * 1024 - 1);
    expect(csvHeader(Buffer.concat([start, Buffer.from([0xc3])])).names).toEqual(['a', 'b']);
  });
});
