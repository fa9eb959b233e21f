import { describe, expect, it } from 'vitest';
import { dimension } from './dimension.ts';
import { isMarked, marksFromUrl, marksToUrl, moved } from './marks.ts';

describe('marks on axes', () => {
  it('come back from the URL', () => {
    const marks = new Map([
      ['params.a,b', { from: 0, to: 0.25 }],
      ['metrics.F1', { from: -0.05, to: 1.05 }],
    ]);
    expect(marksFromUrl(marksToUrl(marks))).toEqual(marks);
  });

  it.each(['', 'a', 'a,1', 'a,1,0', 'a,x,y'])('are none in %j', (text) => expect(marksFromUrl(text).size).toBe(0));

  it('choose the runs that lie within all of them', () => {
    const runs = [1, 2, 3, undefined].map((n) => ({
      params: new Map(n === undefined ? [] : [['n', String(n)]]),
      metrics: new Map(),
    }));
    const axes = [dimension('params.n', runs, false)];
    const marks = new Map([['params.n', { from: 0.4, to: 1 }]]);
    expect(runs.map((_, i) => isMarked(i, axes, marks))).toEqual([false, true, true, false]);
    expect(runs.map((_, i) => isMarked(i, axes, new Map()))).toEqual([true, true, true, true]);
  });
});

it.each([
  ['a', 2, ['b', 'c', 'a']],
  ['c', 0, ['c', 'a', 'b']],
  ['b', 1, ['a', 'b', 'c']],
  ['a', -1, ['a', 'b', 'c']],
])('moves %s to %i', (id, to, ids) => expect(moved(['a', 'b', 'c'], id, to)).toEqual(ids));
