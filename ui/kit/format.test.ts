import { describe, expect, it } from 'vitest';
import { ago, count, digitsToTell, duration, fileSize, number } from './format.ts';

describe('ago', () => {
  const now = Date.UTC(2026, 5, 15, 12);
  it.each([
    [0, 'just now'],
    [59_999, 'just now'],
    [60_000, '1 minute ago'],
    [3_600_000 * 5, '5 hours ago'],
    [86_400_000, 'yesterday'],
    [86_400_000 * 12, '12 days ago'],
    [86_400_000 * 70, '2 months ago'],
    [-86_400_000 * 3, 'in 3 days'],
  ])('%i ms before now is %s', (before, text) => expect(ago(now - before, now)).toBe(text));
});

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [3_352, '3.3 s'],
    [59_960, '59.9 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [4_320_000, '1 h 12 min'],
    [86_400_000 * 3 + 3_600_000 * 4, '3 d 4 h'],
  ])('%i ms is %s', (ms, text) => expect(duration(ms)).toBe(text));
});

describe('number', () => {
  it.each([
    [0.7333333333, '0.73333'],
    [100, '100'],
    [0, '0'],
    [-0.5, '-0.5'],
    [1.23456e-7, '1.2346e-7'],
    [5e15, '5e+15'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '−∞'],
  ])('%f is %s', (value, text) => expect(number(value)).toBe(text));
});

describe('digitsToTell', () => {
  it('is five while that tells the values apart', () => expect(digitsToTell([0.1, 0.2, 0.2])).toBe(5));
  it('grows until two close values differ', () => expect(digitsToTell([0.97777777, 0.97777771])).toBe(7));
  it('shows two neighbouring doubles in full', () => expect(digitsToTell([0.1, 0.1 + 2 ** -56])).toBe(17));
});

describe('fileSize', () => {
  it.each([
    [312, '312 B'],
    [4300, '4.2 KiB'],
    [2 ** 30, '1.0 GiB'],
  ])('%i bytes are %s', (bytes, text) => expect(fileSize(bytes)).toBe(text));
});

it('writes a count with its thousands apart', () =>
  expect([0, 999, 1_000_000].map(count)).toEqual(['0', '999', '1,000,000']));
