import { describe, expect, it } from 'vitest';
import { dimension, dimensionsOf } from './dimension.ts';

const aRun = (params: Record<string, string>, metrics: Record<string, number> = {}) => ({
  params: new Map(Object.entries(params)),
  metrics: new Map(Object.entries(metrics).map(([key, value]) => [key, { key, value, step: 0, timestamp: 0 }])),
});

it('is found where runs differ, parameters first', () =>
  expect(
    dimensionsOf([aRun({ b: '1', a: '1', same: 'x' }, { F1: 1 }), aRun({ b: '2', a: '1', same: 'x' }, { F1: 2 })]),
  ).toEqual(['params.b', 'metrics.F1']));

describe('an axis', () => {
  it('of numbers goes from the lowest to the highest', () => {
    const { places, words, canLog } = dimension(
      'params.n',
      ['0', '5', '10', 'NaN'].slice(0, 3).map((n) => aRun({ n })),
      false,
    );
    expect([places, words, canLog]).toEqual([[0, 0.5, 1], ['0', '5', '10'], false]);
  });

  it('of positive numbers may be logarithmic', () => {
    const axis = dimension(
      'params.rate',
      ['1e-4', '0.001', '0.01'].map((rate) => aRun({ rate })),
      true,
    );
    expect(axis.places.map((place) => place?.toFixed(3))).toEqual(['0.000', '0.500', '1.000']);
    expect(axis.ticks.map(({ label }) => label)).toEqual(['0.0001', '0.001', '0.01']);
    expect(axis.log).toBe(true);
  });

  it('of words has a place for each of them', () => {
    const axis = dimension(
      'params.kind',
      ['gini', '3', 'entropy'].map((kind) => aRun({ kind })),
      true,
    );
    expect(axis.ticks.map(({ label }) => label)).toEqual(['3', 'entropy', 'gini']);
    expect([axis.places, axis.log, axis.at(0.9)]).toEqual([[1, 0, 0.5], false, 'gini']);
  });

  it('has no place for what is missing or not finite', () =>
    expect(dimension('metrics.F1', [aRun({}), aRun({}, { F1: Number.NaN }), aRun({}, { F1: 1 })], false)).toMatchObject(
      { places: [undefined, undefined, 0.5], words: [undefined, 'NaN', '1'] },
    ));
});
