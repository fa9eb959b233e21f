import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { bool, double, int, list, message, nested, oneOf, required, str } from './message.ts';

const inner = message({ key: required(str()), stepNo: int() });
const example = message({
  runId: required(str(), { alias: 'run_uuid' }),
  count: int(),
  value: double(),
  flag: bool(),
  status: oneOf({ RUNNING: 1, FINISHED: 3 }),
  names: list(str()),
  items: list(nested(inner)),
});
const bind = (fields: object) => example.fromJson({ run_id: 'r', ...fields });

it.each([
  ['count', 5, 5],
  ['count', '1234', 1234],
  ['count', 1.0, 1],
  ['count', '-7', -7],
  ['count', null, undefined],
  ['count', [], undefined],
  ['count', {}, undefined],
  ['count', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['value', 1.5, 1.5],
  ['value', '1.5', 1.5],
  ['value', '-1e-3', -0.001],
  ['value', 'NaN', Number.NaN],
  ['value', '-Infinity', Number.NEGATIVE_INFINITY],
  ['flag', true, true],
  ['flag', 'FALSE', false],
  ['status', 'FINISHED', 'FINISHED'],
  ['status', 3, 'FINISHED'],
  ['names', ['a', ''], ['a', '']],
  ['names', null, []],
] as const)('reads %s %j as %j', (field, raw, expected) => {
  expect(bind({ [field]: raw })[field]).toEqual(expected);
});

it.each([
  ['count', 1.5, /'count'.*expected an integer/],
  ['count', 'x', /'count'/],
  ['count', true, /'count'/],
  ['count', 2 ** 53, /2\^53/],
  ['count', '9007199254740993', /2\^53/],
  ['value', 'abc', /'value'.*expected a number/],
  ['value', true, /'value'/],
  ['value', '0x10', /'value'/],
  ['flag', 1, /'flag'.*true or false/],
  ['status', 'FOO', /'status'.*one of RUNNING, FINISHED/],
  ['status', 2, /'status'/],
  ['names', 'a', /'names'.*expected a list/],
  ['names', [1], /'names\[0\]'.*expected a string/],
  ['names', ['a', null], /'names\[1\]'/],
  ['names', ['a\0b'], /NUL/],
  ['names', ['\ud800'], /surrogate/],
  ['items', [{ key: 'a' }, {}], /'items\[1\]\.key'/],
  ['items', [{ key: 'a', step_no: 'x' }], /'items\[0\]\.step_no'/],
  ['items', [5], /'items\[0\]'.*expected an object/],
] as const)('refuses %s %j, saying where and what would be right', (field, raw, expected) => {
  expect(() => bind({ [field]: raw })).toThrow(expected);
});

it('accepts camelCase, but not both spellings of one field', () => {
  expect(example.fromJson({ runId: 'r', items: [{ key: 'a', stepNo: 2 }] }).items[0]?.stepNo).toBe(2);
  expect(() => example.fromJson({ runId: 'r', run_id: 'r' })).toThrow(/given twice/);
  expect(() => bind({ items: [{ key: 'a', stepNo: 2, step_no: 2 }] })).toThrow(/items\[0\]/);
});

it('takes an alias for a required field, and says which is missing', () => {
  expect(example.fromJson({ run_uuid: 'r' }).runId).toBe('r');
  expect(() => example.fromJson({})).toThrow(/Missing value for required parameter 'run_id'/);
  expect(() => example.fromJson({ run_id: '' })).toThrow(/run_id/);
  expect(() => example.fromJson([])).toThrow(AppError);
});

it('ignores fields that it does not know, however they are named', () => {
  const body = JSON.parse('{"run_id":"r","__proto__":{"count":5},"constructor":1}');
  expect(example.fromJson(body).count).toBeUndefined();
});

it('reads a query: repeated keys are lists, plus is a space, components are decoded once', () => {
  const bound = example.fromQuery('run_id=a%2Bb&names=x+y&names=%2525&flag=True&count=3');
  expect(bound).toMatchObject({ runId: 'a+b', names: ['x y', '%25'], flag: true, count: 3 });
  expect(example.fromQuery('run_id=r&names=one').names).toEqual(['one']);
  expect(() => example.fromQuery('run_id=%zz')).toThrow(/percent-encoded/);
  expect(() => example.fromQuery('run_id=%ff')).toThrow(/percent-encoded/);
});

it('never throws anything but an AppError', () => {
  fc.assert(
    fc.property(fc.anything(), (raw) => {
      try {
        example.fromJson(raw);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
  );
});
