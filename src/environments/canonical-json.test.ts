import { expect, it } from 'vitest';
import { canonicalJson, digestOf } from './canonical-json.ts';

it('writes one text for one value, whatever the order of its keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: true }], a: 'é\u2028"', ['10']: 1e21, ['9']: -0, u: undefined })).toBe(
    '{"10":1e+21,"9":0,"a":"é\u2028\\"","b":[1,{"c":true,"d":null}]}',
  );
  expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, () => 1, 1n])('refuses what JSON cannot hold: %s', (value) => {
  expect(() => canonicalJson({ value })).toThrow('canonical JSON');
});
