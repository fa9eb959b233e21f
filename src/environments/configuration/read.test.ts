import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { story } from '../../../test/support/configuration.ts';
import { policyOf } from './configuration.ts';
import { mistakeLine, parseConfiguration, readConfiguration } from './read.ts';

/** The lines of what is wrong with a file. */
function mistakes(yaml: string, code: Record<string, string> = {}): string[] {
  const read = parseConfiguration({ yaml, code });
  return 'mistakes' in read ? read.mistakes.map(mistakeLine) : [];
}

/** What is wrong with the story when one piece of it reads otherwise. */
function mistakesWith(piece: string, other: string): string[] {
  expect(story.split(piece), `one place for ${piece}`).toHaveLength(2);
  return mistakes(story.replace(piece, () => other));
}

describe('a cellar.yaml', () => {
  it('means a policy for each slot, with defaults and the settings of its environment', () => {
    const configuration = readConfiguration({ yaml: story });
    const int = policyOf(configuration, 'wine', 'int');
    expect(int).toEqual({
      service: 'wine',
      environment: 'int',
      experiment: '/Users/me/WineClassifier',
      where: "tags.model_name LIKE '%model'",
      metric: { name: 'f1_weighted', goal: 'maximize', function: null },
      holdout: { name: 'wine-holdout', version: 2 },
      allow: { AImodel: '<=2.0', MLmodel: '=1.0' },
      requires: { tags: ['owner'], testedOn: null, minTestTimeMs: 0 },
      guards: [
        { kind: 'minImprovement', absolute: 0.002 },
        { kind: 'significance', alpha: 0.05 },
        { kind: 'noWorse', metrics: [{ name: 'accuracy', goal: 'maximize', tolerance: 0.01 }] },
        { kind: 'sameSignature' },
        { kind: 'maxLatencyMs', limit: 50 },
        { kind: 'maxSizeMiB', limit: 200 },
      ],
      brakes: { minDwellMs: 86_400_000, maxSwapsPerDay: 2 },
      approval: 'none',
      evaluateNewest: 20,
      serve: { replicas: 2, runtime: 'auto' },
    });
    expect(policyOf(configuration, 'wine', 'prod')).toEqual({
      ...int,
      environment: 'prod',
      holdout: { name: 'wine-holdout', version: 1 },
      allow: { AImodel: '<=1.0' },
      requires: { tags: ['owner'], testedOn: 'int', minTestTimeMs: 7_200_000 },
      approval: 'newCode',
    });
  });

  it('keeps the guards in the order written; an environment replaces, adds and removes', () => {
    const configuration = readConfiguration({
      yaml: `
apiVersion: cellar/v1
environments: { int: {}, prod: {} }
services:
  wine:
    metric: { name: rmse }
    allow: { int: {}, prod: {} }
    guards: { maxSizeMiB: 200, minImprovement: 0.2%, sameSignature: true, noWorse: { mine: { tolerance: 1, goal: minimize } } }
    perEnvironment:
      prod: { guards: { maxLatencyMs: 5, minImprovement: 1, sameSignature: null, noWorse: null } }
`,
    });
    expect(policyOf(configuration, 'wine', 'int').guards).toEqual([
      { kind: 'maxSizeMiB', limit: 200 },
      { kind: 'minImprovement', percent: 0.2 },
      { kind: 'sameSignature' },
      { kind: 'noWorse', metrics: [{ name: 'mine', goal: 'minimize', tolerance: 1 }] },
    ]);
    expect(policyOf(configuration, 'wine', 'prod').guards).toEqual([
      { kind: 'maxSizeMiB', limit: 200 },
      { kind: 'minImprovement', absolute: 1 },
      { kind: 'maxLatencyMs', limit: 5 },
    ]);
    expect(policyOf(configuration, 'wine', 'prod').metric.goal).toBe('minimize');
  });

  it('has its environments in promotion order, wherever they are written', () => {
    const yaml = `{ apiVersion: cellar/v1, environments: { prod: { after: uat }, dev: {}, uat: { after: int }, int: {} } }`;
    expect(readConfiguration({ yaml }).environments.map(({ name }) => name)).toEqual(['dev', 'int', 'uat', 'prod']);
  });

  it('takes the code of a metric function from the file beside it', () => {
    const own = story.replace('name: f1_weighted,', 'name: profit, function: { file: lib/metrics.py, name: profit },');
    const code = { 'lib/metrics.py': 'def profit(actual, predicted): ...' };
    expect(policyOf(readConfiguration({ yaml: own, code }), 'wine', 'prod').metric.function).toEqual({
      file: 'lib/metrics.py',
      name: 'profit',
      code: 'def profit(actual, predicted): ...',
    });
    expect(mistakes(own)).toEqual([
      'cellar.yaml:11:47: services.wine.metric.function.file: found lib/metrics.py, expected a file that stands beside this one',
    ]);
    expect(mistakes(own, { 'lib/metrics.py': '#'.repeat(100_001) })).toEqual([
      expect.stringContaining('expected a file of at most 100000 bytes'),
    ]);
  });

  it('may use an anchor more than once', () => {
    const yaml = story
      .replace('prod: { AImodel: "<=1.0" }', 'prod: &admitted { AImodel: "<=1.0" }')
      .replace('int:  { AImodel: "<=2.0", MLmodel: "=1.0" }', 'int: {}')
      .replace(/ {4}loop:[\s\S]*backend: tuning }\n/, '')
      .concat('  beer:\n    metric: { name: f1_weighted }\n    allow: { prod: *admitted }\n');
    expect(mistakes(yaml)).toEqual([
      "cellar.yaml:15:25: services.beer.allow.prod.AImodel: found AImodel, expected a registered model of no other service: it is one of 'wine'",
    ]);
  });
});

const refused: readonly (readonly [what: string, piece: string, other: string, mistake: string])[] = [
  [
    'a setting that nobody knows',
    'minDwell: 24h',
    'minDwel: 24h',
    '24:15: services.wine.brakes.minDwel: found minDwel, expected one of minDwell, maxSwapsPerDay',
  ],
  [
    'a setting that is missing',
    '{ name: f1_weighted, goal: maximize }',
    '{ goal: maximize }',
    '11:5: services.wine.metric.name: missing, expected the name of a metric, not empty, of at most 250 characters',
  ],
  ['another format', 'cellar/v1', 'cellar/v2', '1:13: apiVersion: found cellar/v2, expected cellar/v1'],
  [
    'a stage that MLflow has not',
    'stage: Staging',
    'stage: staging',
    '3:18: environments.int.stage: found staging, expected one of Staging, Production, none',
  ],
  [
    'two environments on one stage',
    'stage: Staging',
    'stage: Production',
    "4:18: environments.prod.stage: found Production, expected a stage of its own: Production is that of 'int'",
  ],
  [
    'an environment that nobody named',
    'after: int }',
    'after: uat }',
    '4:70: environments.prod.after: found uat, expected an environment: int, prod',
  ],
  [
    'environments in a circle',
    'branch: int }',
    'branch: int, after: prod }',
    '3:50: environments.int.after: found prod, expected an environment that does not come after this one',
  ],
  [
    'an upper-case environment',
    '  prod: { stage',
    '  PROD: { stage',
    "4:3: environments.PROD: found PROD, expected the name of an environment: lower-case letters, digits and '-', beginning with a letter, at most 63 characters",
  ],
  [
    'a reserved name',
    '  int:  { stage',
    '  latest:  { stage',
    "3:3: environments.latest: found latest, expected a name that is not reserved: 'latest' and 'v1', 'v2', … are aliases",
  ],
  [
    'a task that is none',
    'task: classification',
    'task: ranking',
    '6:40: holdouts.wine-holdout.task: found ranking, expected one of classification, regression',
  ],
  [
    'a task that the metric is not of',
    'task: classification',
    'task: regression',
    '11:21: services.wine.metric.name: found f1_weighted, expected a metric of regression, as the holdout wine-holdout asks: rmse, mae, mape, r2, or your own',
  ],
  [
    'a filter with a mistake in it',
    "LIKE '%model'",
    "LIKEN '%model'",
    '10:29: services.wine.where: found "tags.model_name LIKEN \'%model\'", expected a run filter: ',
  ],
  [
    'the wrong goal',
    'goal: maximize',
    'goal: minimize',
    '11:40: services.wine.metric.goal: found minimize, expected maximize, because more f1_weighted is better',
  ],
  [
    'no goal for a metric of one’s own',
    'name: f1_weighted, goal: maximize',
    'name: profit',
    '11:5: services.wine.metric.goal: missing, expected maximize or minimize: Cellar does not compute profit itself',
  ],
  [
    'a holdout without its version',
    'prod: wine-holdout@1',
    'prod: wine-holdout',
    '12:43: services.wine.holdout.prod: found wine-holdout, expected a holdout with its version, such as wine-holdout@2',
  ],
  [
    'a holdout that nobody named',
    'prod: wine-holdout@1',
    'prod: beer@1',
    '12:43: services.wine.holdout.prod: found beer@1, expected one of the holdouts above: wine-holdout',
  ],
  [
    'an allowance with a mistake in it',
    '"<=1.0"',
    '"<=1..0"',
    '15:28: services.wine.allow.prod.AImodel: found "<=1..0", expected a range of code versions, but found "." at character 4, expected a space, || or the end',
  ],
  [
    'an allowance without quotes',
    '"<=1.0"',
    '1.10',
    '15:24: services.wine.allow.prod.AImodel: found 1.10, expected a range of code versions in quotes such as "<=2.0"',
  ],
  [
    'an allowance in an unknown environment',
    'prod: { AImodel: "<=1.0" }',
    'uat: { AImodel: "<=1.0" }',
    '15:7: services.wine.allow.uat: found uat, expected an environment: int, prod',
  ],
  [
    'a percentage without a number',
    'minImprovement: 0.002',
    'minImprovement: some%',
    '17:23: services.wine.guards.minImprovement: found some%, expected a number of at least 0 such as 0.002, or a percentage such as 0.2%',
  ],
  [
    'a chance above one half',
    'alpha: 0.05',
    'alpha: 5',
    '18:30: services.wine.guards.significance.alpha: found 5, expected a number above 0 and at most 0.5, such as 0.05',
  ],
  [
    'a metric of nobody without its goal',
    '{ accuracy: 0.01 }',
    '{ profit: 0.01 }',
    '19:26: services.wine.guards.noWorse.profit: found 0.01, expected { tolerance: 0.01, goal: … } with maximize or minimize: Cellar does not compute profit itself',
  ],
  [
    'a limit of nothing',
    'maxLatencyMs: 50',
    'maxLatencyMs: 0',
    '21:21: services.wine.guards.maxLatencyMs: found 0, expected a number above 0',
  ],
  [
    'a duration without a unit',
    'minDwell: 24h',
    'minDwell: 24',
    '24:25: services.wine.brakes.minDwell: found 24, expected a duration such as 90s, 30m, 24h, 7d or 1h30m',
  ],
  [
    'an environment that tests itself',
    'testedOn: int',
    'testedOn: prod',
    "26:37: services.wine.perEnvironment.prod.requires.testedOn: found prod, expected another environment than 'prod' itself, set under perEnvironment",
  ],
  [
    'a test time without a test',
    'testedOn: int, minTestTime: 2h',
    'minTestTime: 2h',
    '26:27: services.wine.perEnvironment.prod.requires.minTestTime: found minTestTime, expected testedOn beside it',
  ],
  [
    'a loop elsewhere',
    'environments: [int, prod]',
    'environments: [int, uat]',
    "28:27: services.wine.loop.environments.1: found uat, expected an environment of this service's allow: int, prod",
  ],
  [
    'a training of a model that is not admitted',
    'MLmodel: { run',
    'DLmodel: { run',
    "32:9: services.wine.loop.train.DLmodel: found DLmodel, expected a registered model that the loop's environments admit: AImodel, MLmodel",
  ],
  [
    'a turn every second',
    'every: 7d',
    'every: 1s',
    '29:14: services.wine.loop.every: found 1s, expected a duration from 1m to ten years',
  ],
  [
    'no time for a turn',
    'every: 7d',
    '',
    '27:5: services.wine.loop.every: missing, expected a duration such as 7d, or cron beside it instead',
  ],
  [
    'both every and cron',
    'every: 7d',
    'every: 7d\n      cron: 0 3 * * 1',
    '30:7: services.wine.loop.cron: found cron, expected either every or cron',
  ],
  [
    'a cron of six fields',
    'every: 7d',
    'cron: 0 0 3 * * 1',
    '29:13: services.wine.loop.cron: found 0 0 3 * * 1, expected minute, hour, day of the month, month and day of the week, such as 0 3 * * 1, of a time that comes',
  ],
  [
    'a cron of no day',
    'every: 7d',
    'cron: 0 3 30 2 *',
    '29:13: services.wine.loop.cron: found 0 3 30 2 *, expected minute, hour, day of the month, month and day of the week, such as 0 3 * * 1, of a time that comes',
  ],
  [
    'a setting of one environment',
    'approval: newCode }',
    'guards: { significance: { alpha: 2 } } }',
    '26:94: services.wine.perEnvironment.prod.guards.significance.alpha: found 2, expected a number above 0',
  ],
  [
    'a tolerance without a goal',
    '{ accuracy: 0.01 }',
    '{ profit: { tolerance: 1 } }',
    '19:18: services.wine.guards.noWorse.profit.goal: missing, expected one of maximize, minimize',
  ],
  [
    'too many replicas',
    'replicas: 2',
    'replicas: 65',
    '35:24: services.wine.serve.replicas: found 65, expected a whole number from 1 to 64',
  ],
];

describe('a cellar.yaml is refused for', () => {
  it.each(refused)('%s', (_, piece, other, mistake) => {
    expect(mistakesWith(piece, other)).toContainEqual(expect.stringContaining(`cellar.yaml:${mistake}`));
  });

  it('all its mistakes at once, in the order of the file, each once', () => {
    const yaml = story
      .replace('"<=1.0"', '"<="')
      .replace('"<=2.0"', '"=>2"')
      .replace("LIKE '%model'", "LIKEN '%model'");
    expect(mistakes(yaml).map((line) => line.split(':').slice(1, 4).join(':'))).toEqual([
      '10:29: services.wine.where',
      '14:26: services.wine.allow.int.AImodel',
      '15:27: services.wine.allow.prod.AImodel',
    ]);
  });

  it.each([
    ['nothing', '', '1:1: expected an object'],
    ['a list', '[]', '1:1: found [], expected an object'],
    ['a tab', 'a:\n\tb: 1', '2:1: expected YAML that can be read: Tabs are not allowed as indentation'],
    ['a name twice', 'a: 1\nb: 2\na: 3', '3:1: found a, expected every name once'],
    ['a name that is no text', '? [1]\n: 2', '1:3: found [, expected a name'],
    ['a tag', 'a: !!js/function x', '1:4: found !!js/function, expected a value without a tag'],
    ['a set', 'a: !!set { b }', '1:4: found !!set, expected a value without a tag'],
    ['a directive', '%YAML 1.1\n---\na: yes', '1:1: expected a file without a %YAML directive'],
    ['two documents', 'a: 1\n---\nb: 2', '2:1: found --- b: 2, expected one document'],
    ['an alias of nothing', 'a: *b', '1:4: found *b, expected an alias of an anchor before it'],
    ['a circle', 'a: &a { b: *a }', '1:12: found *a, expected an alias that is not within its own anchor'],
    [
      'aliases of aliases',
      'a: &a [1]\nb: &b [*a]\nc: *b',
      '3:4: found *b, expected an alias of what holds no alias itself',
    ],
    ['many aliases', `a: &a [1]\nb: [${'*a, '.repeat(100)}*a]`, '2:405: found *a, expected at most 100 aliases'],
    ['deep lists', '['.repeat(10_000), '1:1: expected at most 24 levels of nesting'],
    ['deep lists in a line', '- '.repeat(20_000), '1:1: expected at most 24 levels of nesting'],
    ['many words', 'a: 1\n'.repeat(40_000), '1:1: expected a file of at most 60000 signs and words'],
    ['much', `#${' '.repeat(256 * 1024)}`, '1:1: expected a file of at most 256 KiB'],
    ['no environments', 'apiVersion: cellar/v1', '1:1: environments: missing, expected an object'],
    [
      'a service nowhere',
      '{ apiVersion: cellar/v1, environments: { int: {} }, services: { w: { metric: { name: mae }, allow: {} } } }',
      '1:100: services.w.allow: found {}, expected at least one environment, such as { int: {} }',
    ],
  ])('%s', (_, yaml, mistake) => {
    expect(mistakes(yaml)[0]).toContain(`cellar.yaml:${mistake}`);
  });

  it('whatever else, but never fails', () => {
    const pieces = story.split(/(?<=[\s{},:[\]])/);
    const swapped = fc
      .array(
        fc.tuple(
          fc.nat(pieces.length - 1),
          fc.constantFrom(
            '',
            '-1',
            '"',
            '{',
            ']',
            '&a ',
            '*a',
            '!x ',
            '~',
            '? ',
            'constructor: ',
            '__proto__: ',
            ...pieces,
          ),
        ),
        { minLength: 1, maxLength: 4 },
      )
      .map((swaps) => swaps.reduce((all, [at, piece]) => all.with(at, piece), pieces).join(''));
    fc.assert(
      fc.property(swapped, (yaml) => {
        const read = parseConfiguration({ yaml });
        if ('configuration' in read) return;
        expect(read.mistakes.length).toBeGreaterThan(0);
        const lines = yaml.split('\n');
        for (const { line, column } of read.mistakes) {
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('callers of the API, with a line for each mistake', () => {
    expect(() => readConfiguration({ yaml: 'a: 1\nb: 2', file: 'my.yaml' })).toThrow(
      'my.yaml:1:1: apiVersion: missing, expected cellar/v1\nmy.yaml:1:1: environments: missing',
    );
  });
});
