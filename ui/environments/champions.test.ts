import { describe, expect, it } from 'vitest';
import type { Slot } from '../app/api.ts';
import { byService, championsOf } from './champions.ts';

function slot(
  service: string,
  environment: string,
  champion?: { model: string; version: number; runId: string },
): Slot {
  return {
    service,
    environment,
    stage: 'Production',
    alias: environment,
    protected: false,
    metric: { name: 'f1', goal: 'maximize' },
    holdout: null,
    allow: {},
    pin: null,
    pause: null,
    holds: [],
    quarantines: [],
    openApproval: null,
    lastDecision: null,
    champion: champion
      ? {
          registeredModel: champion.model,
          version: champion.version,
          runId: champion.runId,
          codeVersion: '1.0',
          modelId: null,
          digest: null,
          versionNo: 1,
          since: 1,
          decision: 'd',
          score: null,
        }
      : null,
  };
}

const slots = [
  slot('wine', 'int', { model: 'AImodel', version: 2, runId: 'r2' }),
  slot('wine', 'prod', { model: 'AImodel', version: 1, runId: 'r1' }),
  slot('sherry', 'prod', { model: 'AImodel', version: 1, runId: 'r1' }),
  slot('sherry', 'int'),
];

describe('champions', () => {
  const champions = championsOf(slots);

  it('are found by their run, in every slot that serves it', () => {
    expect(champions.ofRun.get('r1')?.map(({ service, environment }) => `${service} ${environment}`)).toEqual([
      'wine prod',
      'sherry prod',
    ]);
    expect(champions.ofRun.has('r3')).toBe(false);
  });

  it('are found by their version and their model', () => {
    expect(champions.ofVersion('AImodel', '2').map(({ environment }) => environment)).toEqual(['int']);
    expect(champions.ofVersion('AImodel', '3')).toEqual([]);
    expect(champions.ofModel('AImodel')).toHaveLength(3);
    expect(champions.ofModel('MLmodel')).toEqual([]);
  });
});

it('services stand in rows, with every environment as a column', () => {
  const { environments, services } = byService(slots);
  expect(environments).toEqual(['int', 'prod']);
  expect(services.map(({ service, slots: row }) => [service, [...row.keys()]])).toEqual([
    ['wine', ['int', 'prod']],
    ['sherry', ['prod', 'int']],
  ]);
});
