import { describe, expect, it } from 'vitest';
import { checkAliasName, checkAliasNotReserved, isLatest } from './alias-name.ts';

describe('alias names', () => {
  it.each([
    'champion',
    'a',
    'A-b_9',
    'größe',
    '模型',
    'v',
    'v1a',
    'version1',
    'latest-1',
    'x'.repeat(255),
    '𝒳'.repeat(255),
  ])('takes %s', (alias) => {
    expect(() => checkAliasName(alias)).not.toThrow();
    expect(() => checkAliasNotReserved(alias)).not.toThrow();
  });

  it.each(['', 'a b', 'a.b', 'a/b', 'a:b', 'a@b', 'x'.repeat(256), 'e\u0301', 'a\n'])('refuses %j', (alias) =>
    expect(() => checkAliasName(alias)).toThrow(/parameter 'alias'/),
  );

  it.each(['latest', 'LATEST', 'Latest', 'v1', 'V20'])('keeps %s for the clients', (alias) => {
    expect(() => checkAliasName(alias)).not.toThrow();
    expect(() => checkAliasNotReserved(alias)).toThrow(/reserved/);
  });

  it('knows latest in any case', () => expect(['latest', 'LaTeSt', 'last'].map(isLatest)).toEqual([true, true, false]));
});
