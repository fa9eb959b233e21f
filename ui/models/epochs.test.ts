import { expect, it } from 'vitest';
import type { Epoch } from '../app/api.ts';
import { epochName, scoreOf, slotsSaid } from './epochs.ts';

const epoch: Epoch = {
  metric: { name: 'f1', goal: 'maximize' },
  holdout: { name: 'rows', version: 2, digest: 'd' },
  slots: [
    { service: 'wine', environment: 'int' },
    { service: 'beer', environment: 'int' },
    { service: 'wine', environment: 'prod' },
  ],
  scores: [
    { registeredModel: 'A', version: 1, score: 0, evaluation: 'e-1' },
    { registeredModel: 'B', version: 2, score: 0.5, evaluation: 'e-2' },
  ],
};

it('an epoch is named by what is measured and on what, with the environments that look at it', () => {
  expect(epochName(epoch)).toBe('f1 on rows@2');
  expect(slotsSaid(epoch)).toBe('wine INT, PROD; beer INT');
});

it('the score of a version is that of its own model and number', () => {
  expect(scoreOf(epoch, { name: 'A', version: '1' })).toBe(0);
  expect(scoreOf(epoch, { name: 'B', version: '2' })).toBe(0.5);
  expect(scoreOf(epoch, { name: 'A', version: '2' })).toBeUndefined();
});
