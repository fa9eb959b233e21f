import { describe, expect, it } from 'vitest';
import { givenTypes, inferredType, taskFor } from './columns.ts';

describe('the type of a column of text', () => {
  const nothing = { present: 0, int64: 0, double: 0, boolean: 0, timestamp: 0 };
  it.each([
    ['int64', { present: 2, int64: 2 }],
    ['double', { present: 2, int64: 1, double: 1 }],
    ['boolean', { present: 2, boolean: 2 }],
    ['timestamp', { present: 2, timestamp: 2 }],
    ['string', { present: 2, int64: 1 }],
    ['string', { present: 2, boolean: 1, int64: 1 }],
    ['string', { present: 2, timestamp: 1 }],
    ['double', {}],
  ] as const)('is %s for %j', (type, readings) => {
    expect(inferredType({ ...nothing, ...readings })).toBe(type);
  });
});

describe('the task that a target suggests', () => {
  it.each([
    ['string', 3, 'classification'],
    ['boolean', 2, 'classification'],
    ['int64', 3, 'classification'],
    ['int64', 51, 'regression'],
    ['double', 3, 'regression'],
  ] as const)('of %s with %i values is %s to %s', (type, distinct, task) => {
    expect(taskFor({ name: 'y', type }, distinct, undefined)).toBe(task);
  });

  it('gives way to the one that was asked for', () => {
    expect(taskFor({ name: 'y', type: 'double' }, 3, 'classification')).toBe('classification');
    expect(taskFor({ name: 'y', type: 'int64' }, 3, 'regression')).toBe('regression');
  });
});

describe('types given as column=type', () => {
  it('are read from the last equals sign on', () => {
    expect(givenTypes(['a=b=int64'], ['a=b'])).toEqual(new Map([['a=b', 'int64']]));
  });

  it.each([
    [['x'], `Invalid value "x" for parameter 'types' supplied: expected column=type`],
    [['=int64'], `Invalid value "=int64" for parameter 'types' supplied: expected column=type`],
    [['z=int64'], `Parameter 'types' names the column "z": the file has "x", "y".`],
    [['x=int64', 'x=double'], `Parameter 'types' gives the column "x" twice.`],
  ])('are refused: %j', (given, message) => {
    expect(() => givenTypes(given, ['x', 'y'])).toThrow(message);
  });
});
