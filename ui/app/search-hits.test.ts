import { expect, it } from 'vitest';
import { versionIn } from './search-hits.ts';

it.each([
  ['AImodel 3', { name: 'AImodel', version: 3 }],
  ['AImodel v12', { name: 'AImodel', version: 12 }],
  ['ai model version 3', { name: 'ai model', version: 3 }],
  ['models:/AImodel/3', { name: 'AImodel', version: 3 }],
  ['AImodel/3', { name: 'AImodel', version: 3 }],
  ['AImodel3', undefined],
  ['3', undefined],
  ['forest', undefined],
])('reads a version in %j', (text, found) => {
  expect(versionIn(text)).toEqual(found);
});
