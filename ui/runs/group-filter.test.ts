import { describe, expect, it } from 'vitest';
import { groupFilter } from './group-filter.ts';

describe('the filter of a group', () => {
  it('narrows the filter that was there, as one condition', () => {
    expect(groupFilter("metrics.a > 1 OR tags.b = 'c'", 'params.lr', '0.1')).toBe(
      "(metrics.a > 1 OR tags.b = 'c') AND params.`lr` = '0.1'",
    );
    expect(groupFilter('', 'tags.a.b', 'x')).toBe("tags.`a.b` = 'x'");
  });

  it('finds the runs without a value', () => {
    expect(groupFilter('', 'params.lr', null)).toBe('params.`lr` IS NULL');
  });

  it('quotes keys and values by what is in them', () => {
    expect(groupFilter('', 'params.a`b', "it's")).toBe('params."a`b" = "it\'s"');
    expect(groupFilter('', 'params.a', `it's "x"`)).toBeUndefined();
  });
});
