import { describe, expect, it } from 'vitest';
import { allowance, allowanceText, lengthOfTime, modelText, moment, subject, versionName } from './slots.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 4, 3, 14);

describe('a moment', () => {
  it.each([
    ['2026-05-03', Date.UTC(2026, 4, 3)],
    ['2026-05-03 14:00', now],
    ['2026-05-03T14:00:30Z', now + 30_000],
    ['2026-05-03 14:00:00 UTC', now],
    ['2026-05-03T14:00+02:00', now - 2 * hour],
    ['24h', now - 24 * hour],
    ['1h30m', now - 1.5 * hour],
  ])('%s is understood', (text, time) => {
    expect(moment(() => now)(text)).toBe(time);
  });

  it.each(['yesterday', '2026-13-01', '03.05.2026', '2026-05-03 25:00', '', '14:00'])('%j is none', (text) => {
    expect(() => moment(() => now)(text)).toThrow('Expected a time such as 2026-05-03');
  });
});

describe('a subject', () => {
  const run = '0f9d8a4c1e6b4b7f9a3d2c5e8f7a6b1c';
  it.each([
    [run, { runId: run }],
    [`runs:/${run}`, { runId: run }],
    [`m-${run}`, { modelId: `m-${run}` }],
    [`models:/m-${run}`, { modelId: `m-${run}` }],
    ['AImodel/3', { registeredModel: 'AImodel', version: 3 }],
    ['models:/team model/12', { registeredModel: 'team model', version: 12 }],
  ])('%s is understood', (text, expected) => {
    expect(subject(text)).toEqual(expected);
  });

  it.each(['AImodel', 'AImodel/latest', 'AImodel/', '/3', 'abc123'])('%s is none', (text) => {
    expect(() => subject(text)).toThrow('Expected the id of a run');
  });
});

it('ranges are collected by model, and the last one of a model counts', () => {
  const first = allowance('AImodel=<=2.0');
  const both = allowance(' MLmodel = =1.0 ', first);
  expect(both).toEqual({ AImodel: '<=2.0', MLmodel: '=1.0' });
  expect(allowance('AImodel=1.0<=v<=2.0', both)).toMatchObject({ AImodel: '1.0<=v<=2.0' });
  expect(allowanceText(both)).toBe('AImodel <=2.0, MLmodel =1.0');
  for (const text of ['AImodel', 'AImodel=', '=2.0']) expect(() => allowance(text)).toThrow("such as 'AImodel=<=2.0'");
});

it('lengths of time and versions say what they expect', () => {
  expect(lengthOfTime('7d')).toBe(168 * hour);
  expect(() => lengthOfTime('0s')).toThrow('Expected a duration');
  expect(() => lengthOfTime('a week')).toThrow('Expected a duration');
  expect(versionName('AImodel/3')).toEqual({ registeredModel: 'AImodel', version: 3 });
  expect(() => versionName('AImodel@prod')).toThrow('such as AImodel/3');
});

it('a candidate that is no version is named by its logged model', () => {
  expect(modelText({ registeredModel: 'AImodel', version: 3, modelId: 'm-1' })).toBe('AImodel version 3');
  expect(modelText({ registeredModel: 'AImodel', version: null, modelId: 'm-1' })).toBe('AImodel m-1');
  expect(modelText({ registeredModel: null, version: null, modelId: 'm-1' })).toBe('m-1');
});
