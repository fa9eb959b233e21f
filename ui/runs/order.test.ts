import { describe, expect, it } from 'vitest';
import { orderBy, sortFromUrl, sortToUrl } from './order.ts';

describe('the order of the runs table', () => {
  it.each(['', 'metrics.F1', '-params.learning rate', '-attributes.start_time'])('keeps %j in the URL', (text) =>
    expect(sortToUrl(sortFromUrl(text))).toBe(text),
  );

  it.each([
    ['', []],
    ['metrics.F1', ['metrics.`F1` ASC']],
    ['-attributes.start_time', ['attributes.`start_time` DESC']],
    ['-metrics.system/cpu.usage', ['metrics.`system/cpu.usage` DESC']],
    ['tags.a`b', ['tags."a`b" ASC']],
  ])('asks the server for %j as %j', (text, asked) => expect(orderBy(sortFromUrl(text))).toEqual(asked));
});
