import Fastify from 'fastify';
import { expect, test } from 'vitest';
import type { Champion } from './champions.ts';
import type { Deployment } from './deployment.ts';
import { type DeploymentHistory, Reconciler } from './reconciler.ts';

const championOf = (decisionId: string): Champion => ({
  slotNo: 1,
  service: 'wine',
  environment: 'production',
  decisionId,
  versionNo: 1,
  registeredModel: 'wine',
  version: 1,
  codeVersion: null,
  runId: null,
  modelId: null,
  artifactDigest: '0'.repeat(64),
  storageLocation: 'mlflow-artifacts:/wine',
  serve: { replicas: 1, runtime: 'python' },
  holdout: null,
  predictionsPath: null,
});

/** A reconciler of one slot, whose decisions a test makes. */
function reconcilerOf(history: Partial<DeploymentHistory>) {
  let champion = championOf('first');
  let changed: () => void = () => undefined;
  const reconciler = new Reconciler({
    champions: {
      list: () => Promise.resolve([champion]),
      onChange: (listener) => {
        changed = listener;
        return () => undefined;
      },
      quarantine: () => Promise.resolve(),
    },
    history: {
      begin: () => Promise.resolve(1),
      live: () => Promise.resolve(),
      confirmed: () => Promise.resolve(),
      draining: () => Promise.resolve(),
      ended: () => Promise.resolve(),
      ...history,
    },
    open: (opened) => {
      const deployment = { champion: opened, model: { runtime: 'python' }, kill: () => Promise.resolve() };
      return Promise.resolve(deployment as unknown as Deployment);
    },
    logger: Fastify().log,
    retryMs: 0,
  });
  return {
    reconciler,
    decide(decisionId: string) {
      champion = championOf(decisionId);
      changed();
    },
  };
}

test('a decision that cannot be recorded is tried again, and ends nothing', async () => {
  const recorded: string[] = [];
  let away = true;
  const { reconciler, decide } = reconcilerOf({
    async confirmed(_, decisionId) {
      if (away) {
        away = false;
        throw new Error('the database is away');
      }
      recorded.push(decisionId);
    },
  });
  reconciler.start();
  await reconciler.settled();
  decide('second');
  await reconciler.settled();
  expect(recorded).toEqual(['second']);
  expect(reconciler.find('production', 'wine')?.live?.deployment.champion.decisionId).toBe('second');
  await reconciler.close();
});
