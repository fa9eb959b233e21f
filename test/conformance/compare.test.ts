import { expect, it } from 'vitest';
import { differences, expected } from './compare.ts';
import { get, refusedHere } from './sequence.ts';

const good = { status: 200, kind: 'json', body: { a: 1, b: [1, 2] } } as const;

it('finds no difference between equal answers, whatever the order of their fields', () => {
  expect(differences(good, { status: 200, kind: 'json', body: { b: [1, 2], a: 1 } })).toEqual([]);
});

it('says where answers differ', () => {
  expect(differences(good, { status: 200, kind: 'json', body: { a: 1, b: [1, 3], c: true } })).toEqual([
    'body.b.1: expected 2, got 3',
    'body.c: expected nothing, got true',
  ]);
});

it('compares status and code of a failure', () => {
  expect(differences(good, { status: 404, kind: 'json', errorCode: 'X' })).toEqual([
    'status: expected 200, got 404',
    'error_code: expected nothing, got "X"',
  ]);
});

it('expects what was decided where something was decided', () => {
  const step = refusedHere('exact types', get('x'));
  const want = expected(step, good);
  expect(differences(want, { status: 400, kind: 'json', errorCode: 'INVALID_PARAMETER_VALUE' })).toEqual([]);
  expect(differences(want, good)).not.toEqual([]);
});
