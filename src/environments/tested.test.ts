import { describe, expect, it } from 'vitest';
import { type Change, reignsOf, testedFor } from './tested.ts';

const change = (time: number, codeVersion: string | null, kind = 'selection', rmNo = 1): Change => ({
  time,
  kind,
  afterRmNo: codeVersion === null ? null : rmNo,
  afterCodeVersion: codeVersion,
});
const tested = (changes: Change[], now = 100) => testedFor(reignsOf(changes), 1, '2.0.0', now);

describe('how long code was live on an environment', () => {
  it.each<[string, Change[], number]>([
    ['never', [], 0],
    ['other code', [change(10, '1.0.0')], 0],
    ['another model', [change(10, '2.0.0', 'selection', 2)], 0],
    ['still live', [change(10, '2.0.0')], 90],
    ['replaced', [change(10, '2.0.0'), change(40, '1.0.0')], 30],
    ['retrained meanwhile: it goes on', [change(10, '2.0.0'), change(40, '2.0.0'), change(70, '1.0.0')], 60],
    ['rolled back: it did not pass', [change(10, '2.0.0'), change(40, '1.0.0', 'rollback')], 0],
    ['quarantined: it did not pass', [change(10, '2.0.0'), change(40, '1.0.0', 'quarantine')], 0],
    ['quarantined to nothing', [change(10, '2.0.0'), change(40, null, 'quarantine')], 0],
    ['back to the same code by rollback: a new beginning', [change(10, '2.0.0'), change(40, '2.0.0', 'rollback')], 60],
    [
      'twice: the longer counts',
      [change(10, '2.0.0'), change(20, '1.0.0'), change(50, '2.0.0'), change(90, '1.0.0')],
      40,
    ],
    [
      'passed once, failed later',
      [change(10, '2.0.0'), change(40, '1.0.0'), change(50, '2.0.0'), change(60, '1.0.0', 'rollback')],
      30,
    ],
  ])('%s', (_, changes, ms) => {
    expect(tested(changes)).toBe(ms);
  });
});
