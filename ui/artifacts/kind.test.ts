import { expect, it } from 'vitest';
import { imageType, kindOf } from './kind.ts';

it.each([
  ['model/MLmodel', 'text'],
  ['conda.yaml', 'text'],
  ['run.LOG', 'text'],
  ['a.b/report.HTML', 'page'],
  ['table.csv', 'table'],
  ['metrics.json', 'json'],
  ['notes.md', 'markdown'],
  ['roc.png', 'image'],
  ['model.pkl', 'none'],
  ['weights', 'none'],
  ['folder.png/weights', 'none'],
])('%s is shown as %s', (path, kind) => expect(kindOf(path)).toBe(kind));

it('knows what an image is by its ending', () => {
  expect(imageType('plots/roc.JPG')).toBe('image/jpeg');
  expect(imageType('plots/roc.txt')).toBeUndefined();
});
