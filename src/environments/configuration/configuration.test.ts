import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  configurationDigest,
  policyOf,
  serviceOfModels,
  slotDefaults,
  slotsOf,
  withAllowance,
  withHoldout,
  withModelRenamed,
} from './configuration.ts';

const slot = (environment: string, allow: Record<string, string>) => ({ ...slotDefaults, environment, allow });

const wines: Configuration = {
  environments: [
    { name: 'int', stage: 'Staging', branch: 'int', protected: false, after: null },
    { name: 'prod', stage: 'Production', branch: null, protected: true, after: 'int' },
  ],
  holdouts: { 'wine-holdout': { target: 'class', task: 'classification' } },
  services: {
    wine: {
      experiment: '/Users/me/WineClassifier',
      metric: { name: 'f1_weighted', goal: 'maximize', function: null },
      slots: [slot('int', { AImodel: '<=2.0', MLmodel: '=1.0' }), slot('prod', { AImodel: '<=1.0' })],
      loop: {
        environments: ['prod'],
        schedule: { everyMs: 86_400_000 },
        train: { AImodel: { run: 'python train.py', timeoutMs: null } },
        tune: null,
        engine: 'local',
      },
    },
  },
};

describe('a configuration', () => {
  it('has a policy for each slot', () => {
    expect(slotsOf(wines)).toEqual([
      { service: 'wine', environment: 'int' },
      { service: 'wine', environment: 'prod' },
    ]);
    expect(policyOf(wines, 'wine', 'prod')).toEqual({
      service: 'wine',
      environment: 'prod',
      experiment: '/Users/me/WineClassifier',
      where: null,
      metric: { name: 'f1_weighted', goal: 'maximize', function: null },
      holdout: null,
      allow: { AImodel: '<=1.0' },
      requires: { tags: [], testedOn: null, minTestTimeMs: 0 },
      guards: [],
      brakes: { minDwellMs: 0, maxSwapsPerDay: null },
      approval: 'none',
      evaluateNewest: 20,
      serve: { replicas: 1, runtime: 'auto' },
    });
  });

  it.each([
    ['beer', 'prod', "No service 'beer' is configured, only 'wine'."],
    ['constructor', 'prod', "No service 'constructor' is configured, only 'wine'."],
    ['wine', 'uat', "The service 'wine' is not in an environment 'uat', only 'int', 'prod'."],
  ])('has none for %s in %s', (service, environment, message) => {
    expect(() => policyOf(wines, service, environment)).toThrow(message);
  });

  it('knows the service of each registered model', () => {
    expect([...serviceOfModels(wines)]).toEqual([
      ['AImodel', 'wine'],
      ['MLmodel', 'wine'],
    ]);
  });

  it('takes other ranges, in canonical text, and keeps those of other models and slots', () => {
    const changed = withAllowance(wines, 'wine', 'prod', { MLmodel: '1.0<=v<=2' });
    expect(policyOf(changed, 'wine', 'prod').allow).toEqual({ AImodel: '<=1.0', MLmodel: '>=1.0 <=2.0' });
    expect(policyOf(changed, 'wine', 'int')).toEqual(policyOf(wines, 'wine', 'int'));
    expect(() => withAllowance(wines, 'wine', 'prod', { AImodel: 'latest' })).toThrow('Invalid allowance "latest"');
  });

  it('takes another holdout', () => {
    const pin = { name: 'wine-holdout', version: 2 };
    expect(policyOf(withHoldout(wines, 'wine', 'prod', pin), 'wine', 'prod').holdout).toEqual(pin);
  });

  it('follows a registered model to its new name, in allowances and loops', () => {
    const renamed = withModelRenamed(wines, 'AImodel', 'Forest');
    expect([...serviceOfModels(renamed).keys()]).toEqual(['Forest', 'MLmodel']);
    expect(renamed.services['wine']?.loop?.train).toEqual({ Forest: { run: 'python train.py', timeoutMs: null } });
    expect(withModelRenamed(renamed, 'Forest', 'AImodel')).toEqual(wines);
  });

  it('has one digest for one meaning', () => {
    const { services, holdouts, environments } = wines;
    expect(configurationDigest({ services, holdouts, environments })).toBe(configurationDigest(wines));
    expect(configurationDigest(withAllowance(wines, 'wine', 'prod', { AImodel: '<=2.0' }))).not.toBe(
      configurationDigest(wines),
    );
  });
});
