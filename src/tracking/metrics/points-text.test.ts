import fc from 'fast-check';
import { expect, it } from 'vitest';
import { metricText } from '../runs/documents.ts';
import { pointsText } from './points-text.ts';

type Numbers = [step: number, ts: number, value: number, isNan: number];

const pointOf = ([step, ts, value, isNan]: Numbers, key: string) =>
  metricText(JSON.stringify(key), value, isNan, ts, step);
const textOf = (points: Numbers[], key: string, runId?: string) =>
  pointsText(Float64Array.from(points.flat()), key, runId).toString();

const whole = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, 9, 10, 99_999_999, 100_000_000, 999_999_999, Number.MAX_SAFE_INTEGER),
);
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 1e21, 1e-7, -0.0000012345678901234567, 0.1 + 0.2),
);
const point = fc.oneof(
  fc.tuple(whole, whole, value, fc.constant(0)),
  fc.tuple(whole, whole, fc.constant(0), fc.constant(1)),
) as fc.Arbitrary<Numbers>;

it('writes points as they would be written one by one', () => {
  fc.assert(
    fc.property(fc.array(point), fc.string({ unit: 'binary' }), (points, key) => {
      expect(textOf(points, key)).toBe(points.map((each) => pointOf(each, key)).join(','));
    }),
  );
});

it('is JSON that reads back the same numbers', () => {
  fc.assert(
    fc.property(fc.array(point), fc.string(), (points, key) => {
      expect(JSON.parse(`[${textOf(points, key, 'r')}]`)).toEqual(
        points.map(([step, ts, number, isNan]) => ({
          key,
          value: isNan === 1 ? 'NaN' : number + 0,
          timestamp: ts,
          step,
          run_id: 'r',
        })),
      );
    }),
  );
});

it.each([
  ['plain', [7, 1_700_000_000_000, 0.1, 0], '{"key":"plain","value":0.1,"timestamp":1700000000000,"step":7}'],
  ['a "quote"\n', [-3, 0, 0, 1], '{"key":"a \\"quote\\"\\n","value":"NaN","timestamp":0,"step":-3}'],
  ['größe 🍷', [0, 100_000_000, -0, 0], '{"key":"größe 🍷","value":0,"timestamp":100000000,"step":0}'],
] as [string, Numbers, string][])('writes a point of %j', (key, numbers, expected) => {
  expect(textOf([numbers], key)).toBe(expected);
});
