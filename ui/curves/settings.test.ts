import { describe, expect, it } from 'vitest';
import { type CurveSettings, settingsFromUrl, settingsToUrl } from './settings.ts';

const plain: CurveSettings = { axis: 'step', log: false, smoothing: 0, live: true, range: undefined };
const read = (text: string) => settingsFromUrl(new URLSearchParams(text));

describe('how curves are drawn', () => {
  it.each<[string, Partial<CurveSettings>]>([
    ['', {}],
    ['axis=time', { axis: 'time' }],
    ['axis=relative&log=y', { axis: 'relative', log: true }],
    ['smooth=0.6', { smoothing: 0.6 }],
    ['live=off', { live: false }],
    ['range=-5~20.5', { range: [-5, 20.5] }],
  ])('is read from %j', (text, differs) => expect(read(text)).toEqual({ ...plain, ...differs }));

  it.each([
    'axis=sideways',
    'smooth=1',
    'smooth=-1',
    'smooth=x',
    'range=',
    'range=5',
    'range=9~3',
    'log=x',
    'range=a~b',
  ])('is as ever where the URL says %j', (text) => expect(read(text)).toEqual(plain));

  it.each<Partial<CurveSettings>>([
    { axis: 'time' },
    { log: true },
    { smoothing: 0.25 },
    { live: false },
    { range: [1, 2] },
  ])('comes back from the URL: %j', (change) =>
    expect(read(new URLSearchParams(settingsToUrl(change)).toString())).toEqual({ ...plain, ...change }),
  );

  it('forgets the part of x that was shown when the axis changes', () =>
    expect(settingsToUrl({ axis: 'step' })).toEqual({ axis: '', range: '' }));
});
