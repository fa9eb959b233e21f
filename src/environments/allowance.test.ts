import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admits, parseAllowance, readAllowance } from './allowance.ts';
import { compareVersions, fullVersion, parseVersion } from './code-version.ts';

const admitted: readonly (readonly [range: string, version: string])[] = [
  ['<=1.0', '1.0'],
  ['<=1.0', '1.0.0'],
  ['<=1.0', '0.9.12'],
  ['<=1.0', '1'],
  ['<=2.0', '2.0.0'],
  ['<=2.0', '2.0.0-rc.1'],
  ['<2.0', '2.0.0-rc.1'],
  ['<2.0', '1.999.999'],
  ['=2.0', '2.0.0'],
  ['=2.0', '2'],
  ['=2.0', '2.0.0+g1a2b3c'],
  ['= 2.0', '2.0'],
  ['2.0', '2.0.0'],
  ['2', '2.0.0'],
  ['=2.0.0-rc.1', '2.0-rc.1'],
  ['>1.0', '1.0.1'],
  ['>1.0', '1.1.0-alpha'],
  ['>=1.0', '1.0'],
  ['>=1.0 <=2.0', '1.0'],
  ['>=1.0 <=2.0', '2.0'],
  ['<=2.0 >=1.0', '1.5.3'],
  ['>=1.0   <=2.0', '1.5'],
  ['1.0<=v<=2.0', '1.0'],
  ['1.0<=v<=2.0', '2.0.0'],
  ['1.0 <= v < 2.0', '1.9'],
  ['1.0<v<2.0', '1.0.1'],
  ['2.0>=v>=1.0', '1.0'],
  ['1.0≤v≤2.0', '1.5'],
  ['≤2.0', '2.0'],
  ['≥2.0', '2.0'],
  ['2.0.x', '2.0.0'],
  ['2.0.x', '2.0.17'],
  ['2.0.X', '2.0.1'],
  ['2.0.*', '2.0.1'],
  ['2.0.x', '2.0.1-beta'],
  ['2.0.x', '2.0.0-beta'],
  ['1.x', '1.0'],
  ['1.x', '1.44.2'],
  ['1.x.x', '1.44.2'],
  ['0.x', '0.0.1'],
  ['~2.1', '2.1.0'],
  ['~2.1', '2.1.9'],
  ['~2.1.3', '2.1.3'],
  ['~2.1.3', '2.1.10'],
  ['~2', '2.9.9'],
  ['~ 2.1', '2.1'],
  ['~2.1.0-rc.1', '2.1.0-rc.2'],
  ['^2.0', '2.0'],
  ['^2.0', '2.7.1'],
  ['^2.1.3', '2.1.3'],
  ['^0.2', '0.2.5'],
  ['^0.2.3', '0.2.3'],
  ['^0.0.3', '0.0.3'],
  ['^0.0', '0.0.9'],
  ['^0', '0.9.9'],
  ['1.x || 2.0', '1.7'],
  ['1.x || 2.0', '2.0.0'],
  ['1.x||2.0', '2.0.0'],
  ['<1.0 || >=3.0 <4.0', '3.1'],
  ['<1.0 || >=3.0 <4.0', '0.1'],
  ['*', '0.0.0'],
  ['*', '1.0.0-alpha'],
  ['*', '999999999999999.0.0'],
  [' <=1.0 ', '1.0'],
  ['>=1.0.0-alpha <1.0.0-beta', '1.0.0-alpha.1'],
  ['>=1.0.0-1 <=1.0.0-10', '1.0.0-9'],
];

const refused: readonly (readonly [range: string, version: string])[] = [
  ['<=1.0', '1.0.1'],
  ['<=1.0', '2.0'],
  ['<=1.0', '1.0.1-alpha'],
  ['<=2.0', '2.0.1'],
  ['<=2.0', '2.1.0-alpha'],
  ['<2.0', '2.0.0'],
  ['=2.0', '2.0.1'],
  ['=2.0', '2.0.0-rc.1'],
  ['2.0', '2.0.1'],
  ['2.0', '2.1'],
  ['2', '2.1'],
  ['>1.0', '1.0.0'],
  ['>1.0', '1.0.0-rc.1'],
  ['>=1.0', '1.0.0-rc.1'],
  ['>=1.0', '0.9'],
  ['>=1.0 <=2.0', '2.0.1'],
  ['>=1.0 <=2.0', '0.9.9'],
  ['1.0<=v<=2.0', '2.0.1'],
  ['1.0<v<2.0', '1.0'],
  ['1.0<v<2.0', '2.0'],
  ['2.0>v>=1.0', '2.0'],
  ['2.0.x', '2.1.0'],
  ['2.0.x', '1.9.9'],
  ['2.0.x', '2.1.0-alpha'],
  ['1.x', '2.0.0'],
  ['1.x', '2.0.0-rc.1'],
  ['1.x', '0.9'],
  ['~2.1', '2.2.0'],
  ['~2.1', '2.2.0-alpha'],
  ['~2.1', '2.0.9'],
  ['~2.1', '2.1.0-rc.1'],
  ['~2.1.3', '2.1.2'],
  ['~2', '3.0'],
  ['^2.0', '3.0.0'],
  ['^2.0', '3.0.0-0'],
  ['^2.0', '2.0.0-rc.1'],
  ['^2.1.3', '2.1.2'],
  ['^0.2', '0.3.0'],
  ['^0.2.3', '0.3.0'],
  ['^0.0.3', '0.0.4'],
  ['^0.0', '0.1.0'],
  ['^0', '1.0.0'],
  ['1.x || 2.0', '2.0.1'],
  ['1.x || 2.0', '0.9'],
  ['<1.0 || >=3.0 <4.0', '2.0'],
  ['<1.0 || >=3.0 <4.0', '4.0'],
  ['>=1.0.0-1 <=1.0.0-10', '1.0.0-11'],
  ['>=1.0.0-1 <=1.0.0-10', '1.0.0-alpha'],
  ['*', ''],
  ['*', 'v1.0'],
  ['*', '01.0'],
  ['*', '1.0.0.0'],
  ['*', '1.x'],
  ['*', 'latest'],
  ['*', '1.0 '],
  ['*', '1.0.0-'],
  ['*', '1.0.0-01'],
  ['*', '9999999999999999.0'],
];

const mistaken: readonly (readonly [range: string, position: number, found: string, expected: string])[] = [
  ['', 0, '', 'a range such as <=2.0, 1.x or *'],
  ['   ', 3, '', 'a range such as <=2.0, 1.x or *'],
  ['latest', 0, 'l', 'a range such as <=2.0, 1.x or *'],
  ['v1.0', 0, 'v', 'a range such as <=2.0, 1.x or *'],
  ['x', 0, 'x', 'a range such as <=2.0, 1.x or *'],
  ['<=', 2, '', 'a version such as 2.0'],
  ['<=v2', 2, 'v', 'a version such as 2.0'],
  ['=<2.0', 1, '<', 'a version such as 2.0'],
  ['==2.0', 1, '=', 'a version such as 2.0'],
  ['!=2.0', 0, '!', 'a range such as <=2.0, 1.x or *'],
  ['<=2..0', 3, '.', 'a space, || or the end'],
  ['<=2.', 3, '.', 'a space, || or the end'],
  ['<=02.0', 3, '2', 'a space, || or the end'],
  ['<=1.0.0.0', 7, '.', 'a space, || or the end'],
  ['<=1.x', 3, '.', 'a version such as 2.0, without a wildcard'],
  ['~1.*', 2, '.', 'a version such as 2.0, without a wildcard'],
  ['1.x.2', 3, '.', 'a space, || or the end'],
  ['2.0.x.x', 0, '2', 'a range such as <=2.0, 1.x or *'],
  ['*.1', 0, '*', 'a range such as <=2.0, 1.x or *'],
  ['>=1.0, <=2.0', 5, ',', 'a space, || or the end'],
  ['>=1.0<=2.0', 5, '<', 'a space, || or the end'],
  ['1.0<2.0', 3, '<', 'a space, || or the end'],
  ['1.0 - 2.0', 4, '-', 'a range such as <=2.0, 1.x or *'],
  ['1.0 | 2.0', 3, ' ', 'a space, || or the end'],
  ['1.0 ||', 6, '', 'a range such as <=2.0, 1.x or *'],
  ['|| 1.0', 0, '|', 'a range such as <=2.0, 1.x or *'],
  ['1.0 || || 2.0', 7, '|', 'a range such as <=2.0, 1.x or *'],
  ['1.0<=v', 6, '', '< or <= and a version'],
  ['1.0<=v>=2.0', 6, '>', '< or <= as before v'],
  ['1.0<=v<=', 8, '', 'a version such as 2.0'],
  ['1.0<=v2', 3, '<', 'a space, || or the end'],
  ['v<=2.0', 0, 'v', 'a range such as <=2.0, 1.x or *'],
  ['>=2.0 <=1.0', 0, '>', 'a range that admits some version'],
  ['1.x || >2.0 <2.0', 7, '>', 'a range that admits some version'],
  ['=1.0 =2.0', 0, '=', 'a range that admits some version'],
  ['2.0<=v<=1.0', 0, '2', 'a range that admits some version'],
  ['<=1.0.0-', 7, '-', 'a space, || or the end'],
  ['=1.0+build', 4, '+', 'a space, || or the end'],
  ['1.0\u00a0or 2.0', 4, 'o', 'a range such as <=2.0, 1.x or *'],
];

const canonical: readonly (readonly [written: string, text: string])[] = [
  ['<=2.0.0', '<=2.0'],
  ['≤ 2', '<=2.0'],
  ['2.0', '=2.0'],
  ['=2.0.1', '=2.0.1'],
  ['=2-rc.1', '=2.0.0-rc.1'],
  ['1.0<=v<=2.0', '>=1.0 <=2.0'],
  ['2.0>v≥1.0', '>=1.0 <2.0'],
  ['<=2.0   >=1.0', '>=1.0 <=2.0'],
  ['1.X||2.0.*', '1.x || 2.0.x'],
  ['1.x.x', '1.x'],
  ['~ 2.1', '~2.1'],
  ['^2', '^2'],
  ['  * ', '*'],
];

describe('an allowance', () => {
  it.each(admitted)('%s admits %s', (range, version) => {
    expect(admits(readAllowance(range), version)).toBe(true);
  });

  it.each(refused)('%s does not admit %s', (range, version) => {
    expect(admits(readAllowance(range), version)).toBe(false);
  });

  it.each(mistaken)('%j is refused at character %i', (range, position, found, expected) => {
    expect(parseAllowance(range)).toEqual({ mistake: { position, found, expected } });
  });

  it.each(canonical)('%s is written %s', (written, text) => {
    expect(readAllowance(written).text).toBe(text);
  });

  it('tells callers the value, the place and what would be right', () => {
    expect(() => readAllowance('<=2..0')).toThrow(
      'Invalid allowance "<=2..0": found "." at character 4, expected a space, || or the end.',
    );
    expect(() => readAllowance('<=')).toThrow('found the end at character 3, expected a version such as 2.0.');
  });

  it('is at most 200 characters long', () => {
    const long = Array.from({ length: 60 }, () => '1.x').join('||');
    expect(parseAllowance(long)).toMatchObject({ mistake: { position: 200, expected: 'at most 200 characters' } });
  });
});

describe('a code version', () => {
  it.each([
    ['1', '1.0.0'],
    ['1.0', '1.0.0'],
    ['2.1.3', '2.1.3'],
    ['2.1-rc.1', '2.1.0-rc.1'],
    ['1.0.0+build.5', '1.0.0'],
    ['v1', undefined],
    ['1.', undefined],
    ['1.0.0-a..b', undefined],
    [`1.0-${'a'.repeat(100)}`, undefined],
  ])('%s in full is %s', (text, full) => {
    expect(fullVersion(text)).toBe(full);
  });

  it('is ordered as semantic versions are', () => {
    const ordered = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.2',
      '1.10',
      '2',
    ];
    const shuffled = [...ordered].reverse();
    expect(shuffled.sort((a, b) => compareVersions(parseVersion(a)!, parseVersion(b)!))).toEqual(ordered);
  });
});

const number = fc.integer({ min: 0, max: 4 });
const pre = fc.constantFrom('', '', '-0', '-1', '-alpha', '-alpha.1', '-rc.1');
const version = fc
  .tuple(fc.array(number, { minLength: 1, maxLength: 3 }), pre)
  .map(([numbers, end]) => numbers.join('.') + end);
const comparator = fc.constantFrom('<', '<=', '=', '>=', '>');
const condition = fc.oneof(
  fc.tuple(comparator, version).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom('~', '^', ''), version).map((parts) => parts.join('')),
  fc.array(number, { minLength: 1, maxLength: 2 }).map((numbers) => `${numbers.join('.')}.x`),
  fc.constant('*'),
);
const range = fc
  .array(
    fc.array(condition, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(' ')),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(' || '));

describe('for any range and version', () => {
  it('the canonical text admits the same versions and is its own canonical text', () => {
    fc.assert(
      fc.property(range, fc.array(version, { minLength: 1, maxLength: 20 }), (text, versions) => {
        const read = parseAllowance(text);
        fc.pre('allowance' in read);
        const again = readAllowance(read.allowance.text);
        expect(again.text).toBe(read.allowance.text);
        for (const each of versions) expect(admits(again, each)).toBe(admits(read.allowance, each));
      }),
    );
  });

  it('a comparator and its opposite divide the versions between them', () => {
    fc.assert(
      fc.property(version, version, (bound, each) => {
        const is = (operator: string) => admits(readAllowance(operator + bound), each);
        expect(is('<=')).toBe(!is('>'));
        expect(is('>=')).toBe(!is('<'));
        expect(is('=')).toBe(is('<=') && is('>='));
      }),
    );
  });

  it('alternatives admit what either admits, conditions side by side what both admit', () => {
    fc.assert(
      fc.property(condition, condition, version, (a, b, each) => {
        const [left, right] = [a, b].map((text) => admits(readAllowance(text), each));
        expect(admits(readAllowance(`${a} || ${b}`), each)).toBe(left || right);
        const both = parseAllowance(`${a} ${b}`);
        expect('allowance' in both ? admits(both.allowance, each) : false).toBe(left && right);
      }),
    );
  });

  it('a text that is no range is refused at a place inside it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'012.xv*<>=~^| -,a'), maxLength: 12 }), (text) => {
        const read = parseAllowance(text);
        if ('mistake' in read) {
          expect(read.mistake.position).toBeLessThanOrEqual(text.length);
          expect(read.mistake.found).toBe(text.charAt(read.mistake.position));
        } else expect(readAllowance(read.allowance.text)).toEqual({ ...read.allowance });
      }),
      { numRuns: 2000 },
    );
  });
});
