import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { story } from '../../../test/support/configuration.ts';
import { anyConfiguration } from '../../../test/support/configuration-arbitrary.ts';
import { configurationDigest, emptyConfiguration, withAllowance } from './configuration.ts';
import { diffConfigurations } from './diff.ts';
import { readConfiguration } from './read.ts';

const wine = readConfiguration({ yaml: story });

/** What changes when one piece of the story reads otherwise, a line each. */
function changes(piece: string, other: string): string[] {
  expect(story.split(piece), `one place for ${piece}`).toHaveLength(2);
  const changed = readConfiguration({ yaml: story.replace(piece, () => other) });
  return lines(diffConfigurations(wine, changed));
}

const lines = (found: ReturnType<typeof diffConfigurations>) =>
  found.map(({ path, kind, before, after }) => `${kind} ${path}: ${before} → ${after}`);

describe('between two configurations', () => {
  it.each([
    ['"<=1.0"', '"<=2.0"', ['changed services.wine.allow.prod.AImodel: <=1.0 → <=2.0']],
    ['"<=1.0"', '"≤ 1.0.0"', []],
    [
      ', MLmodel: "=1.0"',
      ', MLmodel: "*", DLmodel: "*"',
      ['changed services.wine.allow.int.MLmodel: =1.0 → *', 'added services.wine.allow.int.DLmodel: null → *'],
    ],
    ['minImprovement: 0.002', 'minImprovement: 0.2%', ['changed services.wine.guards.minImprovement: 0.002 → 0.2%']],
    ['sameSignature: true', 'sameSignature: false', ['removed services.wine.guards.sameSignature: true → null']],
    [
      'approval: newCode }',
      'guards: { significance: null } }',
      [
        'removed services.wine.perEnvironment.prod.guards.significance: alpha 0.05 → null',
        'changed services.wine.perEnvironment.prod.approval: newCode → none',
      ],
    ],
    ['minDwell: 24h', 'minDwell: 1d', []],
    ['minDwell: 24h', 'minDwell: 2h', ['changed services.wine.brakes.minDwell: 1d → 2h']],
    [
      'prod: wine-holdout@1',
      'prod: wine-holdout@2',
      ['changed services.wine.holdout.prod: wine-holdout@1 → wine-holdout@2'],
    ],
    ['protected: true', 'protected: false', ['changed environments.prod.protected: true → false']],
    ['target: class', 'target: label', ['changed holdouts.wine-holdout.target: class → label']],
    [
      'every: 7d',
      'cron: 0  3 * * 1',
      ['removed services.wine.loop.every: 7d → null', 'added services.wine.loop.cron: null → 0 3 * * 1'],
    ],
    ['environments:\n  int', 'environments:\n  dev: {}\n  int', ['added environments.dev: null → defaults']],
  ])('%j read as %j', (piece, other, expected) => {
    expect(changes(piece, other).sort()).toEqual([...expected].sort());
  });

  it('of which only the order of the guards differs, it says so', () => {
    expect(
      changes(
        '      sameSignature: true\n      maxLatencyMs: 50\n',
        '      maxLatencyMs: 50\n      sameSignature: true\n',
      ),
    ).toEqual([
      'changed services.wine.guards: minImprovement, significance, noWorse, sameSignature, maxLatencyMs, maxSizeMiB → minImprovement, significance, noWorse, maxLatencyMs, sameSignature, maxSizeMiB',
    ]);
  });

  it('of which only the order of promotion differs, it says so', () => {
    const read = (environments: string) =>
      readConfiguration({ yaml: `{ apiVersion: cellar/v1, environments: { ${environments} } }` });
    expect(lines(diffConfigurations(read('a: {}, b: {}'), read('b: {}, a: {}')))).toEqual([
      'changed environments: a, b → b, a',
    ]);
  });

  it('tells what is new without what is usual', () => {
    expect(lines(diffConfigurations(emptyConfiguration, wine)).slice(0, 8)).toEqual([
      'added environments.int.stage: null → Staging',
      'added environments.int.branch: null → int',
      'added environments.prod.stage: null → Production',
      'added environments.prod.branch: null → master',
      'added environments.prod.protected: null → true',
      'added environments.prod.after: null → int',
      'added holdouts.wine-holdout.target: null → class',
      'added holdouts.wine-holdout.task: null → classification',
    ]);
  });

  it('is nothing exactly when they mean the same', () => {
    fc.assert(
      fc.property(anyConfiguration, anyConfiguration, (a, b) => {
        expect(diffConfigurations(a, a)).toEqual([]);
        expect(diffConfigurations(a, b).length === 0).toBe(configurationDigest(a) === configurationDigest(b));
        expect(
          diffConfigurations(b, a)
            .map(({ path }) => path)
            .sort(),
        ).toEqual(
          diffConfigurations(a, b)
            .map(({ path }) => path)
            .sort(),
        );
      }),
    );
  });

  it('sees an allowance that was raised by a promotion', () => {
    expect(lines(diffConfigurations(wine, withAllowance(wine, 'wine', 'prod', { AImodel: '=2.0' })))).toEqual([
      'changed services.wine.allow.prod.AImodel: <=1.0 → =2.0',
    ]);
  });
});
