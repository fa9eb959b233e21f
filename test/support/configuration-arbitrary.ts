import fc from 'fast-check';
import type { Configuration, SlotSetting } from '../../src/environments/configuration/configuration.ts';
import type { Guard } from '../../src/environments/policy.ts';

const order = ['dev', 'int', 'prod'] as const;
const ms = fc.integer({ min: 0, max: 100_000 }).map((seconds) => seconds * 1_000);
const amount = fc.constantFrom(0, 0.002, 1e-7, 3, 12.5);

const guard: fc.Arbitrary<Guard> = fc.oneof(
  amount.map((absolute): Guard => ({ kind: 'minImprovement', absolute })),
  fc.constantFrom(0, 0.2, 1e-9, 100).map((percent): Guard => ({ kind: 'minImprovement', percent })),
  fc.constantFrom(0.05, 0.5).map((alpha): Guard => ({ kind: 'significance', alpha })),
  fc.uniqueArray(fc.constantFrom('accuracy', 'log_loss', 'profit'), { minLength: 1, maxLength: 3 }).map(
    (names): Guard => ({
      kind: 'noWorse',
      metrics: names.map((name) => ({ name, goal: name === 'accuracy' ? 'maximize' : 'minimize', tolerance: 0.01 })),
    }),
  ),
  fc.constant<Guard>({ kind: 'sameSignature' }),
  fc.constantFrom(0.5, 50).map((limit): Guard => ({ kind: 'maxLatencyMs', limit })),
  fc.constantFrom(1, 200).map((limit): Guard => ({ kind: 'maxSizeMiB', limit })),
);

const slot = (environment: string, models: readonly string[]): fc.Arbitrary<SlotSetting> =>
  fc.record({
    environment: fc.constant(environment),
    where: fc.constantFrom(null, "tags.model_name LIKE '%model'"),
    holdout: fc.constantFrom(null, { name: 'wine-holdout', version: 1 }, { name: 'wine-holdout', version: 2 }),
    allow: fc.dictionary(
      fc.constantFrom(...models),
      fc.constantFrom('<=1.0', '=2.0', '>=1.0 <=2.0', '*', '1.x || =2.0', '~2.1'),
    ),
    requires: fc.record({
      tags: fc.constantFrom<readonly string[]>([], ['owner'], ['owner', 'team']),
      testedOn: fc.constant(null),
      minTestTimeMs: fc.constant(0),
    }),
    guards: fc.uniqueArray(guard, { selector: ({ kind }) => kind, maxLength: 4 }),
    brakes: fc.record({ minDwellMs: ms, maxSwapsPerDay: fc.constantFrom(null, 0, 2) }),
    approval: fc.constantFrom('none', 'newCode', 'always'),
    evaluateNewest: fc.constantFrom(1, 20),
    serve: fc.record({
      replicas: fc.constantFrom(1, 2),
      runtime: fc.constantFrom('auto', 'python', 'onnx'),
      canary: fc.constantFrom(null, { percent: 10, forMs: 3_600_000 }),
    }),
  });

/** Any configuration of up to three environments and two services that a file could mean. */
export const anyConfiguration: fc.Arbitrary<Configuration> = fc
  .record({
    environments: fc.subarray([...order], { minLength: 1 }).chain((names) =>
      fc.tuple(
        ...names.map((name, index) =>
          fc.record({
            name: fc.constant(name),
            stage: fc.constantFrom('none' as const, ...(name === 'prod' ? (['Production'] as const) : [])),
            branch: fc.constantFrom(null, 'main', '1.0'),
            protected: fc.boolean(),
            after: fc.constantFrom(null, names[index - 1] ?? null),
          }),
        ),
      ),
    ),
    services: fc.subarray(['wine', 'beer']),
  })
  .chain(({ environments, services }) =>
    fc.record({
      environments: fc.constant(environments),
      holdouts: fc.constant({ 'wine-holdout': { target: 'class', task: 'classification' as const } }),
      services: fc.record(
        Object.fromEntries(
          services.map((service) => [
            service,
            fc.record({
              experiment: fc.constantFrom(null, '/wine', 'null'),
              metric: fc.constantFrom(
                { name: 'f1_weighted', goal: 'maximize' as const, function: null },
                {
                  name: 'profit',
                  goal: 'minimize' as const,
                  function: { file: 'lib/metrics.py', name: 'profit', code: 'def profit(): ...' },
                },
              ),
              slots: fc
                .subarray([...environments], { minLength: 1 })
                .chain((chosen) => fc.tuple(...chosen.map(({ name }) => slot(name, [`${service}-a`, `${service} b`])))),
              loop: fc.constant(null),
            }),
          ]),
        ),
      ),
    }),
  );
