import { expect, it } from 'vitest';
import { nameFilter } from './name-filter.ts';

it.each([
  ['', ''],
  ['   ', ''],
  [' wine ', "name ILIKE '%wine%'"],
  ["anna's", `name ILIKE "%anna's%"`],
  ['the "best"', `name ILIKE '%the "best"%'`],
  [`anna's "best"`, `name ILIKE "%anna's %"`],
])('the text %j becomes the filter %j', (text, filter) => expect(nameFilter(text)).toBe(filter));
