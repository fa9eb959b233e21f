import type { SlotPolicy } from '../../src/environments/policy.ts';
import type { Candidate, Comparison, SelectionInput } from '../../src/environments/selection-input.ts';

/** 25 November 2026, noon. */
export const noon = Date.UTC(2026, 10, 25, 12);
export const hour = 3_600_000;

export const aPolicy = (given: Partial<SlotPolicy> = {}): SlotPolicy => ({
  service: 'wine',
  environment: 'prod',
  experiment: '/wine',
  where: null,
  metric: { name: 'f1', goal: 'maximize', function: null },
  holdout: { name: 'wine-holdout', version: 1 },
  allow: { AImodel: '<=1.0' },
  requires: { tags: [], testedOn: null, minTestTimeMs: 0 },
  guards: [],
  brakes: { minDwellMs: 0, maxSwapsPerDay: null },
  approval: 'none',
  evaluateNewest: 20,
  serve: { replicas: 1, runtime: 'auto' },
  ...given,
});

export interface Scored {
  readonly f1?: number | string;
  readonly accuracy?: number;
  readonly latencyMs?: number | null;
  readonly sizeMiB?: number | null;
}

export const evaluated = ({ f1 = 0.9, accuracy = 0.9, latencyMs = 5, sizeMiB = 1 }: Scored = {}) =>
  ({
    status: 'succeeded',
    id: 'e',
    metrics: { f1, accuracy },
    latencyMs,
    sizeMiB,
    external: false,
  }) as const;

/** A version of AImodel 1.0 that is eligible, unless said otherwise. `number` names it: version 3 has the id v3. */
export function aCandidate(number: number, given: Partial<Candidate> & Scored = {}): Candidate {
  const { f1, accuracy, latencyMs, sizeMiB, ...rest } = given;
  const scored: Scored = {
    ...(f1 !== undefined && { f1 }),
    ...(accuracy !== undefined && { accuracy }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(sizeMiB !== undefined && { sizeMiB }),
  };
  return {
    id: `v${number}`,
    registeredModel: 'AImodel',
    version: number,
    modelId: `m-${number}`,
    runId: `run${number}`,
    codeVersion: '1.0',
    digest: `digest${number}`,
    createdTime: noon - 1000 * hour + number * hour,
    whereMatched: true,
    notReady: null,
    archivedByUser: false,
    quarantine: null,
    hold: null,
    artifactChanged: false,
    missingTags: [],
    notTested: null,
    codeApproved: false,
    signatureDifference: null,
    evaluation: evaluated(scored),
    ...rest,
  };
}

export interface Given extends Partial<Omit<SelectionInput, 'policy' | 'champion'>> {
  readonly policy?: Partial<SlotPolicy>;
  /** The number of the version that is the champion, since a long time unless said otherwise. */
  readonly champion?: number;
  readonly championSince?: number;
}

export function anInput({ policy, champion, championSince = noon - 100 * hour, ...given }: Given): SelectionInput {
  return {
    time: noon,
    policy: aPolicy(policy),
    holdout: { name: 'wine-holdout', version: 1, digest: 'rows1' },
    evaluator: '1',
    champion: champion === undefined ? null : { id: `v${champion}`, since: championSince },
    pin: null,
    pause: null,
    swaps: [],
    act: null,
    candidates: [],
    comparisons: [],
    ...given,
  };
}

export const compared = (number: number, pValue: number | null, difference = 0.01): Comparison => ({
  challenger: `v${number}`,
  pValue,
  difference,
  low: pValue === null ? null : difference - 0.02,
  high: pValue === null ? null : difference + 0.02,
  rows: pValue === null ? null : 45,
});
