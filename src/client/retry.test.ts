import { expect, test } from 'vitest';
import { CellarError } from './errors.ts';
import { isTemporary, retryDelayMs, wasNeverSent } from './retry.ts';

const rule = { maxRetries: 3, maxDelayMs: 10_000 };
const answered = (status: number, retryAfterMs?: number) => new CellarError('X', 'x', { status, retryAfterMs });
const system = (code: string) => Object.assign(new Error(code), { code });
const noAnswer = (cause: unknown) =>
  new CellarError('TEMPORARILY_UNAVAILABLE', 'x', { cause: new TypeError('fetch failed', { cause }) });

test.each([
  [400, false],
  [401, false],
  [404, false],
  [408, true],
  [409, false],
  [429, true],
  [500, false],
  [501, false],
  [502, true],
  [503, true],
  [504, true],
])('status %i passes by itself: %s', (status, passes) => {
  expect(isTemporary(answered(status))).toBe(passes);
});

test('no answer may pass, a call that cannot be made does not', () => {
  expect(isTemporary(noAnswer(system('ECONNRESET')))).toBe(true);
  expect(isTemporary(new CellarError('DEADLINE_EXCEEDED', 'x'))).toBe(true);
  expect(isTemporary(new CellarError('INVALID_PARAMETER_VALUE', 'x'))).toBe(false);
  expect(isTemporary(new Error('x'))).toBe(false);
});

test.each([
  ['a refused connection', system('ECONNREFUSED'), true],
  ['an unknown host', system('ENOTFOUND'), true],
  ['a connection that took too long to make', system('UND_ERR_CONNECT_TIMEOUT'), true],
  ['every address of a host refused', new AggregateError([system('ECONNREFUSED'), system('ECONNREFUSED')]), true],
  ['one address refused, one cut', new AggregateError([system('ECONNREFUSED'), system('ECONNRESET')]), false],
  ['a connection that was cut', system('ECONNRESET'), false],
  ['a closed socket', system('UND_ERR_SOCKET'), false],
  ['no reason', undefined, false],
])('%s: never sent is %s', (_name, cause, never) => {
  expect(wasNeverSent(noAnswer(cause))).toBe(never);
});

test('waits twice as long each time, with up to half of it by chance', () => {
  const waits = (chance: number) => [0, 1, 2].map((done) => retryDelayMs(answered(503), done, true, rule, chance));
  expect(waits(0)).toEqual([250, 500, 1000]);
  expect(waits(0.5)).toEqual([375, 750, 1500]);
});

test('gives up after the last retry', () => {
  expect(retryDelayMs(answered(503), 3, true, rule, 0)).toBeUndefined();
});

test('never waits longer than the longest wait', () => {
  expect(retryDelayMs(answered(503), 2, true, { maxRetries: 3, maxDelayMs: 600 }, 0)).toBe(300);
});

test('waits as long as the server asks, and gives up when that is too long', () => {
  expect(retryDelayMs(answered(429, 7000), 0, true, rule, 0)).toBe(7000);
  expect(retryDelayMs(answered(429, 10_001), 0, true, rule, 0)).toBeUndefined();
});

test('a call that must not be made twice is repeated only when it never reached a server', () => {
  expect(retryDelayMs(answered(503), 0, false, rule, 0)).toBeUndefined();
  expect(retryDelayMs(noAnswer(system('ECONNRESET')), 0, false, rule, 0)).toBeUndefined();
  expect(retryDelayMs(noAnswer(system('ECONNREFUSED')), 0, false, rule, 0)).toBe(250);
});
