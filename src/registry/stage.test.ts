import { describe, expect, it } from 'vitest';
import { canonicalStage, checkArchiving, stages } from './stage.ts';

describe('stages', () => {
  it.each([
    ['none', 'None'],
    ['STAGING', 'Staging'],
    ['pRoDuCtIoN', 'Production'],
    ['Archived', 'Archived'],
  ])('reads %s as %s', (text, stage) => expect(canonicalStage(text)).toBe(stage));

  it.each(['', 'prod', 'Deleted_Internal', ' Staging', 'Stáging', '__proto__'])('refuses %j', (text) =>
    expect(() => canonicalStage(text)).toThrow(/expected one of None, Staging, Production, Archived/),
  );

  it('archives what Staging and Production held, and refuses to for the other two', () => {
    const refused = stages.filter((stage) => {
      try {
        checkArchiving(stage);
        return false;
      } catch {
        return true;
      }
    });
    expect(refused).toEqual(['None', 'Archived']);
  });
});
