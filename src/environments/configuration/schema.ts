import Type, { type Static, type TSchema } from 'typebox';
import { checker, expectedKey } from '../../schema.ts';
import {
  count,
  duration,
  holdoutPattern,
  mapOf,
  models,
  namePattern,
  oneOf,
  optional,
  perEnvironmentOf,
  pinPattern,
  plainName,
  strict,
  text,
} from './schema-parts.ts';

/**
 * The schema of `cellar.yaml`. It validates, and is published for editors; the reference is made from its descriptions.
 * What it cannot say (a name that must exist, a range that must parse) is in `meaning.ts`.
 */

const environment = Type.Object(
  {
    stage: optional(
      oneOf('The MLflow stage of its champions. At most one environment has each stage. Default: none.', [
        'Staging',
        'Production',
        'none',
      ]),
    ),
    branch: optional(
      text('The Git branch whose pushes bring new code to this environment. Kept; does nothing yet.', 250),
    ),
    protected: optional(
      Type.Boolean({
        description:
          'Whether champions that the allowance does not admit are refused also when they are set by hand. Default: false.',
      }),
    ),
    after: optional(
      text(
        'The environment that promotes to this one; it comes before this one in promotion order.',
        63,
        'the name of an environment',
      ),
    ),
  },
  { ...strict, description: 'Where a service runs: its champions get the stage, and the name as alias.' },
);

const holdout = Type.Object(
  {
    target: text('The column that is to be predicted.', 500, 'the name of a column'),
    task: oneOf('What is predicted: a class or a number.', ['classification', 'regression']),
  },
  { ...strict, description: 'An external evaluation data set, uploaded with `cellar holdout put`.' },
);

const goal = (description: string) => oneOf(description, ['maximize', 'minimize']);
const metricName = (description: string) => text(description, 250, 'the name of a metric');

const metric = Type.Object(
  {
    name: metricName(
      'What candidates are ranked by, as evaluations name it: `f1_weighted`, `accuracy`, `rmse`, or your own.',
    ),
    goal: optional(
      goal('Whether more or less of it is better. Needed for metrics that Cellar does not compute itself.'),
    ),
    function: optional(
      Type.Object(
        {
          file: Type.String({
            description: 'A Python file, relative to `cellar.yaml`. Its text becomes part of the policy.',
            pattern: '^(?!/)(?!.*(?:^|/)\\.{1,2}(?:/|$))[A-Za-z0-9._/-]{1,200}\\.py$',
            [expectedKey]: "a relative path of a Python file such as metrics.py, without '..'",
          }),
          name: Type.String({
            description: 'The function: it is given the actual and the predicted values and returns a number.',
            pattern: '^[A-Za-z_][A-Za-z0-9_]{0,99}$',
            [expectedKey]: 'the name of a Python function',
          }),
        },
        { ...strict, description: 'A metric of your own.' },
      ),
    ),
  },
  { ...strict, description: 'The metric that decides.' },
);

const pin = (description: string) =>
  Type.String({
    description,
    pattern: pinPattern,
    [expectedKey]: 'a holdout with its version, such as wine-holdout@2',
  });

const improvement = Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern: '^\\d{1,4}(\\.\\d{1,9})?%$' })], {
  description: 'How much better than the champion, in units of the metric (`0.002`) or relative to it (`0.2%`).',
  [expectedKey]: 'a number of at least 0 such as 0.002, or a percentage such as 0.2%',
});

const significance = Type.Object(
  {
    alpha: Type.Number({
      description: 'The chance, at most, that a challenger which is no better passes.',
      exclusiveMinimum: 0,
      maximum: 0.5,
      [expectedKey]: 'a number above 0 and at most 0.5, such as 0.05',
    }),
  },
  {
    ...strict,
    description:
      'The difference on the holdout must be significant: one-sided paired bootstrap, Holm over the challengers tried.',
  },
);

const tolerance = Type.Number({ description: 'By how much it may be worse, absolute.', minimum: 0 });
const noWorse = mapOf(
  Type.Union([tolerance, Type.Object({ tolerance, goal: goal('Whether more or less of it is better.') }, strict)], {
    [expectedKey]: 'a tolerance of at least 0 such as 0.01, or { tolerance: 0.01, goal: minimize }',
  }),
  { description: 'Metrics that may be worse than the champion’s by at most a tolerance.', most: 50 },
);

const sameSignature = Type.Boolean({
  description:
    'The challenger takes what the champion takes (the same required inputs or fewer, the same or wider types) and gives the same outputs.',
});
const limit = (description: string) =>
  Type.Number({ description, exclusiveMinimum: 0, [expectedKey]: 'a number above 0' });
const maxLatencyMs = limit('The 95th percentile of one row’s prediction, in milliseconds.');
const maxSizeMiB = limit('The size of the model’s files, in MiB.');

const guards = Type.Object(
  {
    minImprovement: optional(improvement),
    significance: optional(significance),
    noWorse: optional(noWorse),
    sameSignature: optional(sameSignature),
    maxLatencyMs: optional(maxLatencyMs),
    maxSizeMiB: optional(maxSizeMiB),
  },
  {
    ...strict,
    description: 'What a challenger must show against the champion or a limit, tried in the order written.',
  },
);

const orNone = <T extends TSchema & { readonly description?: string }>(schema: T, expected: string) => {
  const { description = '' } = schema;
  return optional(Type.Union([schema, Type.Null()], { description, [expectedKey]: `${expected}, or null for none` }));
};

const guardsThere = Type.Object(
  {
    minImprovement: orNone(improvement, 'a number of at least 0 such as 0.002, a percentage such as 0.2%'),
    significance: orNone(significance, '{ alpha: 0.05 } with an alpha above 0 and at most 0.5'),
    noWorse: orNone(noWorse, 'metrics with tolerances such as { accuracy: 0.01 }'),
    sameSignature: orNone(sameSignature, 'true or false'),
    maxLatencyMs: orNone(maxLatencyMs, 'a number above 0'),
    maxSizeMiB: orNone(maxSizeMiB, 'a number above 0'),
  },
  { ...strict, description: 'Guards that take the place of the service’s guard of the same name; `null` removes one.' },
);

const requires = Type.Object(
  {
    tags: optional(
      Type.Array(text('The key of a tag.', 250, 'the key of a tag'), {
        description: 'Tags that the model version, its logged model or its run must have.',
        maxItems: 100,
        [expectedKey]: 'a list of at most 100 keys of tags',
      }),
    ),
    testedOn: optional(
      text(
        'The environment that a version of the same code version must have served first, and been signed off on.',
        63,
        'the name of an environment',
      ),
    ),
    minTestTime: optional(duration('How long it must have been live there. Default: 0s.')),
  },
  { ...strict, description: 'What a candidate must have by itself.' },
);

const brakes = Type.Object(
  {
    minDwell: optional(duration('How long a champion stays at least. Default: 0s.')),
    maxSwapsPerDay: optional(
      count('How many replacements there may be within 24 hours. Default: any number.', 0, 10_000),
    ),
  },
  { ...strict, description: 'What slows replacement down. They stop no promotion, approval or rollback.' },
);

const serve = Type.Object(
  {
    replicas: optional(count('How many processes or sessions serve it. Default: 1.', 1, 64)),
    runtime: optional(
      oneOf(
        'What runs the model: its Python environment, ONNX, or (auto) ONNX where it predicts the same. Default: auto.',
        ['auto', 'python', 'onnx'],
      ),
    ),
    canary: optional(
      Type.Object(
        {
          percent: count('The share of the requests that a new champion answers at first.', 1, 99),
          for: duration('How long.'),
        },
        { ...strict, description: 'The share that a new champion answers at first. Kept; does nothing yet.' },
      ),
    ),
  },
  { ...strict, description: 'How a champion is served.' },
);

const approval = oneOf(
  'Whether somebody must approve a replacement: never, for a code version that is new here, or always. Default: none.',
  ['none', 'newCode', 'always'],
);
const where = text(
  'A run filter in MLflow’s language; it must match the run that a candidate comes from.',
  10_000,
  "a filter such as tags.model_name LIKE '%model'",
);
const evaluateNewest = count(
  'How many of the newest candidates of a registered model and code version are evaluated. Default: 20.',
  1,
  10_000,
);

const job = Type.Object(
  {
    run: text(
      'The command, run in a checkout of the code version’s commit.',
      4_000,
      'a command such as python train.py',
    ),
    timeout: optional(duration('After which it is stopped.')),
  },
  { ...strict, description: 'One process.' },
);

const tune = Type.Unsafe<Readonly<Record<string, Static<typeof job> | number | string>>>(
  Type.Object(
    {
      everyNthLoop: optional(count('Before every Nth turn. Default: 10.', 1, 1_000)),
      backend: optional(
        text('The tracking store that its runs are logged to. Default: tuning.', 63, 'the name of a backend'),
      ),
    },
    {
      additionalProperties: job,
      description: 'By registered model: what tunes it. The best parameters feed the trainings that follow.',
    },
  ),
);

const loop = Type.Object(
  {
    environments: Type.Array(Type.String(), {
      description: 'Where it trains and selects.',
      minItems: 1,
      maxItems: 50,
      [expectedKey]: 'a list of environments such as [int, prod]',
    }),
    every: optional(duration('The time between two turns. Either this or `cron`.')),
    cron: optional(
      text(
        'The times of its turns, as in `0 3 * * 1`, UTC. Either this or `every`.',
        100,
        'five fields such as 0 3 * * 1',
      ),
    ),
    train: mapOf(job, { ...models, description: 'By registered model: what trains it.' }),
    tune: optional(tune),
    engine: optional(oneOf('Where the jobs run. Default: local.', ['local', 'ray'])),
  },
  {
    ...strict,
    description: 'One turn: retrain (every Nth time retune first), evaluate, select, deploy. Kept; does nothing yet.',
  },
);

const service = Type.Object(
  {
    experiment: optional(
      text(
        'The experiment whose logged models are candidates too, registered when they win.',
        500,
        'the name of an experiment',
      ),
    ),
    where: optional(where),
    metric,
    holdout: optional(
      Type.Union(
        [
          pin('For every environment.'),
          mapOf(pin('For this environment.'), { ...perEnvironmentOf, description: 'By environment.' }),
        ],
        {
          description:
            'What candidates are evaluated on: a holdout with its version, for all environments or by environment.',
          [expectedKey]:
            'a holdout with its version such as wine-holdout@2, or one by environment such as { int: wine-holdout@2 }',
        },
      ),
    ),
    allow: mapOf(
      mapOf(
        Type.String({
          description:
            'A range of code versions: `<=1.0`, `=2.0`, `>=1.0 <=2.0`, `1.0<=v<=2.0`, `1.x || 2.0`, `~2.1`, `*`.',
          [expectedKey]: 'a range of code versions in quotes such as "<=2.0"',
        }),
        { ...models, description: 'By registered model.' },
      ),
      {
        ...perEnvironmentOf,
        description:
          'By environment, then by registered model: the code versions that may serve. The service is in the environments named here; a model that is not named is not admitted.',
      },
    ),
    guards: optional(guards),
    requires: optional(requires),
    brakes: optional(brakes),
    approval: optional(approval),
    evaluateNewest: optional(evaluateNewest),
    serve: optional(serve),
    perEnvironment: optional(
      mapOf(
        Type.Object(
          {
            where: optional(where),
            guards: optional(guardsThere),
            requires: optional(requires),
            brakes: optional(brakes),
            approval: optional(approval),
            evaluateNewest: optional(evaluateNewest),
            serve: optional(serve),
          },
          { ...strict, description: 'Settings that take the place of the service’s in this environment.' },
        ),
        { ...perEnvironmentOf, description: 'What is different in an environment.' },
      ),
    ),
    loop: optional(loop),
  },
  { ...strict, description: 'What is served: one use case with one champion in each of its environments.' },
);

export const fileSchema = Type.Object(
  {
    apiVersion: Type.Literal('cellar/v1', { description: 'The version of this format.', [expectedKey]: 'cellar/v1' }),
    environments: mapOf(environment, {
      ...perEnvironmentOf,
      description: 'Where services run, in promotion order unless `after` says otherwise.',
    }),
    holdouts: optional(
      mapOf(holdout, {
        description: 'External evaluation data sets.',
        pattern: holdoutPattern,
        expectedName: "the name of a holdout: letters, digits, '.', '_' and '-', at most 100 characters",
        most: 1_000,
      }),
    ),
    services: optional(
      mapOf(service, {
        description: 'What is served.',
        pattern: namePattern,
        expectedName: plainName('the name of a service'),
        most: 1_000,
      }),
    ),
  },
  { ...strict, description: 'Environments, holdouts and services of Cellar.' },
);

export type File = Static<typeof fileSchema>;
export type FileService = NonNullable<File['services']>[string];
export type FileLoop = NonNullable<FileService['loop']>;
export type FileJob = Static<typeof job>;
export type FileSettings = NonNullable<FileService['perEnvironment']>[string];
export const fileChecker = checker(fileSchema);

/** The schema as it is published: JSON Schema 2020-12, for editors and other tools. */
export const publishedSchema = () => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'cellar.yaml',
  ...fileSchema,
});
