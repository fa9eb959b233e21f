import { expect, it } from 'vitest';
import { listFromUrl, listToUrl } from './url-list.ts';

it.each([[[]], [['loss']], [['a,b', 'train/loss', '50%', 'ä b']]])('keeps %j', (names) =>
  expect(listFromUrl(listToUrl(names))).toEqual(names),
);

it('takes what nobody escaped as it stands', () => expect(listFromUrl('50%,loss')).toEqual(['50%', 'loss']));
