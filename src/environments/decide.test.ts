import { describe, expect, it } from 'vitest';
import {
  aCandidate,
  anInput,
  aPolicy,
  compared,
  evaluated,
  type Given,
  hour,
  noon,
} from '../../test/support/selection.ts';
import { decide, missingComparisons } from './decide.ts';
import { eligibility } from './eligibility.ts';
import type { SlotPolicy } from './policy.ts';
import type { Candidate, Verdict } from './selection-input.ts';

const verdictOf = (verdicts: readonly Verdict[], number: number) => verdicts.find(({ id }) => id === `v${number}`);

describe('eligibility looks at the candidate alone (rules 3 to 8)', () => {
  const refusals: [name: string, candidate: Partial<Candidate>, policy: Partial<SlotPolicy>, reason: string | null][] =
    [
      ['a version within the allowance is eligible', {}, {}, null],
      ['a model that cannot be told', { registeredModel: null }, {}, 'no_registered_model'],
      ['no code version', { codeVersion: null }, {}, 'no_code_version'],
      ['a code version above the range', { codeVersion: '2.0' }, {}, 'outside_allowance'],
      ['<=1.0 does not admit 1.0.1', { codeVersion: '1.0.1' }, {}, 'outside_allowance'],
      ['1.0.x admits 1.0.1', { codeVersion: '1.0.1' }, { allow: { AImodel: '1.0.x' } }, null],
      ['=2.0 admits 2.0.0', { codeVersion: '2.0.0' }, { allow: { AImodel: '=2.0' } }, null],
      ['a range from both sides', { codeVersion: '1.5' }, { allow: { AImodel: '1.0<=v<=2.0' } }, null],
      ['a code version that is none', { codeVersion: 'latest' }, { allow: { AImodel: '*' } }, 'outside_allowance'],
      ['a model that the allowance does not name', { registeredModel: 'MLmodel' }, {}, 'outside_allowance'],
      ['a model named like a property of every object', { registeredModel: 'constructor' }, {}, 'outside_allowance'],
      ['no source run while where is set', { whereMatched: null }, { where: "tags.a = 'b'" }, 'no_source_run'],
      ['no source run while where is not set', { whereMatched: null }, {}, null],
      [
        'a source run that where does not match',
        { whereMatched: false },
        { where: "tags.a = 'b'" },
        'where_not_matched',
      ],
      ['a registration that failed', { notReady: 'FAILED_REGISTRATION' }, {}, 'not_ready'],
      ['a deleted version', { notReady: 'deleted' }, {}, 'not_ready'],
      ['archived by somebody', { archivedByUser: true }, {}, 'archived_by_user'],
      ['quarantined', { quarantine: 'd-7' }, {}, 'quarantined'],
      ['on hold after a rollback', { hold: 'd-8' }, {}, 'on_hold'],
      ['other files than before', { artifactChanged: true }, {}, 'artifact_changed'],
      [
        'a tag that is missing',
        { missingTags: ['owner'] },
        { requires: { ...aPolicy().requires, tags: ['owner'] } },
        'missing_tag',
      ],
      ['code that is not tested', { notTested: 'AImodel 1.0 is not signed off on INT.' }, {}, 'not_tested'],
      ['never evaluated', { evaluation: null }, {}, 'not_evaluated'],
      ['being evaluated', { evaluation: { status: 'pending' } }, {}, 'not_evaluated'],
      ['outside the window', { evaluation: { status: 'outside_window' } }, {}, 'not_evaluated_outside_window'],
      [
        'an evaluation that failed',
        { evaluation: { status: 'failed', id: 'e', error: 'No column Ash.' } },
        {},
        'evaluation_failed',
      ],
      ['a metric that is NaN', { evaluation: evaluated({ f1: 'NaN' }) }, {}, 'metric_not_a_number'],
      ['a metric that is infinite', { evaluation: evaluated({ f1: 'Infinity' }) }, {}, 'metric_not_a_number'],
      [
        'a metric that is missing',
        {},
        { metric: { name: 'profit', goal: 'maximize', function: null } },
        'metric_not_a_number',
      ],
    ];
  it.each(refusals)('%s', (_, candidate, policy, reason) => {
    expect(eligibility(aPolicy(policy))(aCandidate(1, candidate))?.reason ?? null).toBe(reason);
  });

  const order: Partial<Candidate>[] = [
    { registeredModel: null },
    { codeVersion: null },
    { codeVersion: '2.0' },
    { whereMatched: false },
    { notReady: 'deleted' },
    { archivedByUser: true },
    { quarantine: 'd-7' },
    { hold: 'd-8' },
    { artifactChanged: true },
    { missingTags: ['owner'] },
    { notTested: 'Not signed off.' },
    { evaluation: null },
  ];
  it.each(order.map((_, i) => i))(
    'the first failure is the reason, number %i of the list before all that follow',
    (i) => {
      const refusalOf = eligibility(aPolicy({ where: "tags.a = 'b'" }));
      const alone = refusalOf(aCandidate(1, order[i]))?.reason;
      const withLater = refusalOf(aCandidate(1, Object.assign({}, ...order.slice(i).reverse())))?.reason;
      expect(alone).toBeDefined();
      expect(withLater).toBe(alone);
    },
  );

  it('says the values with the reason', () => {
    const refused = eligibility(aPolicy())(aCandidate(1, { codeVersion: '2.0' }));
    expect(refused?.detail).toBe('AImodel 2.0 is outside <=1.0.');
  });
});

interface Expected {
  readonly outcome: string;
  readonly reason?: string;
  readonly challenger?: number | null;
  readonly flags?: string[];
}

type Case = [name: string, given: Given, expected: Expected];

function check(cases: Case[]): void {
  it.each(cases)('%s', (_, given, expected) => {
    const result = decide(anInput(given));
    expect({ outcome: result.outcome, reason: result.reason }).toEqual({
      outcome: expected.outcome,
      reason: expected.reason ?? result.reason,
    });
    if (expected.challenger !== undefined)
      expect(result.challenger).toBe(expected.challenger === null ? null : `v${expected.challenger}`);
    if (expected.flags !== undefined) expect(result.flags).toEqual(expected.flags);
  });
}

const weak = aCandidate(1, { f1: 0.8 });
const middle = aCandidate(2, { f1: 0.9 });
const strong = aCandidate(3, { f1: 0.95 });

describe('no champion (rule 15)', () => {
  check([
    ['no candidates: none', {}, { outcome: 'none', reason: 'no_eligible_candidate' }],
    ['nobody eligible: none', { candidates: [aCandidate(1, { hold: 'd' })] }, { outcome: 'none' }],
    ['the best becomes the first', { candidates: [weak, strong, middle] }, { outcome: 'first', challenger: 3 }],
    [
      'comparative guards do not apply',
      {
        candidates: [aCandidate(1, { signatureDifference: 'Ash is missing' })],
        policy: {
          guards: [
            { kind: 'minImprovement', absolute: 0.5 },
            { kind: 'significance', alpha: 0.05 },
            { kind: 'noWorse', metrics: [{ name: 'accuracy', goal: 'maximize', tolerance: 0 }] },
            { kind: 'sameSignature' },
          ],
        },
      },
      { outcome: 'first', challenger: 1 },
    ],
    [
      'limits apply, and the next best is tried',
      {
        candidates: [middle, aCandidate(3, { f1: 0.95, latencyMs: 60 })],
        policy: { guards: [{ kind: 'maxLatencyMs', limit: 50 }] },
      },
      { outcome: 'first', challenger: 2 },
    ],
    [
      'nobody within the limits: none',
      { candidates: [aCandidate(1, { sizeMiB: 300 })], policy: { guards: [{ kind: 'maxSizeMiB', limit: 200 }] } },
      { outcome: 'none' },
    ],
    ['testedOn applies', { candidates: [aCandidate(1, { notTested: 'Not signed off.' })] }, { outcome: 'none' }],
    [
      'approval applies',
      { candidates: [weak], policy: { approval: 'newCode' } },
      { outcome: 'awaiting_approval', challenger: 1 },
    ],
    [
      'brakes do not',
      { candidates: [weak], pause: { until: null, reason: 'freeze', by: 'ana' } },
      { outcome: 'first' },
    ],
  ]);
});

describe('ranking (rule 12)', () => {
  check([
    [
      'a tie keeps the champion',
      { champion: 1, candidates: [aCandidate(1), aCandidate(2)] },
      { outcome: 'kept', reason: 'no_better_candidate' },
    ],
    [
      'a better one replaces it',
      { champion: 2, candidates: [weak, middle, strong] },
      { outcome: 'replaced', reason: 'better', challenger: 3 },
    ],
    ['a worse one does not', { champion: 2, candidates: [weak, middle] }, { outcome: 'kept', challenger: null }],
    [
      'the only candidate stays',
      { champion: 2, candidates: [middle] },
      { outcome: 'kept', reason: 'no_better_candidate' },
    ],
    [
      'a smaller value is better where the goal is to minimize',
      {
        champion: 2,
        candidates: [weak, middle, strong],
        policy: { metric: { name: 'f1', goal: 'minimize', function: null } },
      },
      { outcome: 'replaced', challenger: 1 },
    ],
    [
      'of equals newer code goes first within a model',
      {
        candidates: [aCandidate(1), aCandidate(2, { codeVersion: '1.10' }), aCandidate(3, { codeVersion: '1.9' })],
        policy: { allow: { AImodel: '*' } },
      },
      { outcome: 'first', challenger: 2 },
    ],
    [
      'of equals of different models the earlier goes first, whatever its code',
      {
        candidates: [
          aCandidate(2, { codeVersion: '3.0' }),
          aCandidate(1, { registeredModel: 'MLmodel', codeVersion: '1.0' }),
        ],
        policy: { allow: { AImodel: '*', MLmodel: '*' } },
      },
      { outcome: 'first', challenger: 1 },
    ],
    [
      'of equals the earlier creation goes first',
      { candidates: [aCandidate(5), aCandidate(4)] },
      { outcome: 'first', challenger: 4 },
    ],
    [
      'then the smaller internal id, by number',
      { candidates: [aCandidate(10, { createdTime: 1 }), aCandidate(9, { createdTime: 1 })] },
      { outcome: 'first', challenger: 9 },
    ],
    ['NaN never ranks', { candidates: [aCandidate(2, { f1: 'NaN' }), weak] }, { outcome: 'first', challenger: 1 }],
  ]);

  it('ranks equals of several models without running in circles', () => {
    // Pairwise: v3 before v1 by code, v1 before v2 by creation, v2 before v3 by creation.
    const candidates = [
      aCandidate(1, { codeVersion: '1.0', createdTime: 1 }),
      aCandidate(2, { registeredModel: 'MLmodel', createdTime: 2 }),
      aCandidate(3, { codeVersion: '2.0', createdTime: 3 }),
    ];
    const policy = { allow: { AImodel: '*', MLmodel: '*' } };
    const orders = [candidates, [...candidates].reverse(), [candidates[1]!, candidates[2]!, candidates[0]!]].map(
      (some) => decide(anInput({ candidates: some, policy })).verdicts.map(({ id }) => id),
    );
    expect(orders).toEqual([
      ['v2', 'v3', 'v1'],
      ['v2', 'v3', 'v1'],
      ['v2', 'v3', 'v1'],
    ]);
  });
});

describe('guards (rule 13)', () => {
  const guarded = (guards: SlotPolicy['guards'], challenger: Candidate, more: Given = {}): Given => ({
    champion: 1,
    candidates: [aCandidate(1, { f1: 0.93, accuracy: 0.93 }), challenger],
    policy: { guards, ...more.policy },
    ...('act' in more && { act: more.act! }),
    ...('comparisons' in more && { comparisons: more.comparisons! }),
  });
  check([
    [
      'minImprovement reached',
      guarded([{ kind: 'minImprovement', absolute: 0.002 }], aCandidate(2, { f1: 0.932 })),
      { outcome: 'replaced' },
    ],
    [
      'minImprovement missed',
      guarded([{ kind: 'minImprovement', absolute: 0.002 }], aCandidate(2, { f1: 0.9319 })),
      { outcome: 'kept', reason: 'no_challenger_passed' },
    ],
    [
      'minImprovement 0 still wants strictly better',
      guarded([{ kind: 'minImprovement', absolute: 0 }], aCandidate(2, { f1: 0.93 })),
      { outcome: 'kept' },
    ],
    [
      'a percentage of the champion reached',
      guarded([{ kind: 'minImprovement', percent: 1 }], aCandidate(2, { f1: 0.9393 })),
      { outcome: 'replaced' },
    ],
    [
      'a percentage of the champion missed',
      guarded([{ kind: 'minImprovement', percent: 1 }], aCandidate(2, { f1: 0.939 })),
      { outcome: 'kept' },
    ],
    [
      'noWorse within the tolerance',
      guarded(
        [{ kind: 'noWorse', metrics: [{ name: 'accuracy', goal: 'maximize', tolerance: 0.01 }] }],
        aCandidate(2, { f1: 0.95, accuracy: 0.92 }),
      ),
      { outcome: 'replaced' },
    ],
    [
      'noWorse beyond the tolerance',
      guarded(
        [{ kind: 'noWorse', metrics: [{ name: 'accuracy', goal: 'maximize', tolerance: 0.01 }] }],
        aCandidate(2, { f1: 0.95, accuracy: 0.91 }),
      ),
      { outcome: 'kept' },
    ],
    [
      'noWorse with a goal of its own',
      guarded(
        [{ kind: 'noWorse', metrics: [{ name: 'accuracy', goal: 'minimize', tolerance: 0 }] }],
        aCandidate(2, { f1: 0.95, accuracy: 0.94 }),
      ),
      { outcome: 'kept' },
    ],
    [
      'noWorse of a metric that nobody measured',
      guarded(
        [{ kind: 'noWorse', metrics: [{ name: 'roc_auc', goal: 'maximize', tolerance: 1 }] }],
        aCandidate(2, { f1: 0.95 }),
      ),
      { outcome: 'kept' },
    ],
    [
      'another signature',
      guarded([{ kind: 'sameSignature' }], aCandidate(2, { f1: 0.95, signatureDifference: 'Ash is new' })),
      { outcome: 'kept' },
    ],
    [
      'another signature, waived by the promotion of that code',
      guarded([{ kind: 'sameSignature' }], aCandidate(2, { f1: 0.95, signatureDifference: 'Ash is new' }), {
        act: {
          kind: 'promotion',
          registeredModel: 'AImodel',
          codeVersion: '1.0',
          by: 'ana',
          waiveSignature: 'agreed with the callers',
        },
      }),
      { outcome: 'replaced' },
    ],
    [
      'another signature, waived for the same code written in full',
      guarded([{ kind: 'sameSignature' }], aCandidate(2, { f1: 0.95, signatureDifference: 'Ash is new' }), {
        act: {
          kind: 'promotion',
          registeredModel: 'AImodel',
          codeVersion: '1.0.0',
          by: 'ana',
          waiveSignature: 'agreed',
        },
      }),
      { outcome: 'replaced' },
    ],
    [
      'another signature, waived for other code',
      guarded([{ kind: 'sameSignature' }], aCandidate(2, { f1: 0.95, signatureDifference: 'Ash is new' }), {
        act: { kind: 'promotion', registeredModel: 'AImodel', codeVersion: '0.9', by: 'ana', waiveSignature: 'agreed' },
      }),
      { outcome: 'kept' },
    ],
    [
      'latency at the limit',
      guarded([{ kind: 'maxLatencyMs', limit: 50 }], aCandidate(2, { f1: 0.95, latencyMs: 50 })),
      { outcome: 'replaced' },
    ],
    [
      'latency above the limit',
      guarded([{ kind: 'maxLatencyMs', limit: 50 }], aCandidate(2, { f1: 0.95, latencyMs: 50.1 })),
      { outcome: 'kept' },
    ],
    [
      'latency that nobody measured',
      guarded([{ kind: 'maxLatencyMs', limit: 50 }], aCandidate(2, { f1: 0.95, latencyMs: null })),
      { outcome: 'kept' },
    ],
    [
      'size above the limit',
      guarded([{ kind: 'maxSizeMiB', limit: 0.5 }], aCandidate(2, { f1: 0.95 })),
      { outcome: 'kept' },
    ],
  ]);

  it('names the first guard that failed, in the order written', () => {
    const challenger = aCandidate(2, { f1: 0.9301, latencyMs: 99 });
    const guards = [
      { kind: 'minImprovement', absolute: 0.002 },
      { kind: 'maxLatencyMs', limit: 50 },
    ] as const;
    const failedFirst = (order: SlotPolicy['guards']) =>
      verdictOf(decide(anInput(guarded(order, challenger))).verdicts, 2)?.reason;
    expect(failedFirst(guards)).toBe('minImprovement');
    expect(failedFirst([...guards].reverse())).toBe('maxLatencyMs');
  });

  it('tries the next best when the best fails', () => {
    const candidates = [
      aCandidate(1, { f1: 0.8 }),
      aCandidate(2, { f1: 0.9 }),
      aCandidate(3, { f1: 0.95, sizeMiB: 500 }),
    ];
    const result = decide(
      anInput({ champion: 1, candidates, policy: { guards: [{ kind: 'maxSizeMiB', limit: 200 }] } }),
    );
    expect(result).toMatchObject({ outcome: 'replaced', challenger: 'v2' });
    expect(verdictOf(result.verdicts, 3)).toMatchObject({ verdict: 'guard_failed', reason: 'maxSizeMiB', rank: 1 });
  });
});

describe('significance (rule 14)', () => {
  const guards = [
    { kind: 'minImprovement', absolute: 0.002 },
    { kind: 'significance', alpha: 0.05 },
  ] as const;
  const field = [
    aCandidate(1, { f1: 0.9 }),
    aCandidate(2, { f1: 0.92 }),
    aCandidate(3, { f1: 0.94 }),
    aCandidate(4, { f1: 0.901 }),
  ];
  const given = (comparisons: Given['comparisons']): Given => ({
    champion: 1,
    candidates: field,
    policy: { guards },
    comparisons: comparisons!,
  });
  check([
    ['not compared yet: kept', given([]), { outcome: 'kept' }],
    ['a small p value replaces', given([compared(2, 0.4), compared(3, 0.01)]), { outcome: 'replaced', challenger: 3 }],
    ['a large one does not', given([compared(2, 0.4), compared(3, 0.2)]), { outcome: 'kept' }],
    ['Holm: 0.03 of two tried is 0.06', given([compared(2, 0.4), compared(3, 0.03)]), { outcome: 'kept' }],
    [
      'Holm: the second of two is held against alpha itself',
      given([compared(2, 0.04), compared(3, 0.01)]),
      { outcome: 'replaced', challenger: 3 },
    ],
    [
      'the second best may pass alone',
      given([compared(2, 0.01), compared(3, 0.3)]),
      { outcome: 'replaced', challenger: 2 },
    ],
    [
      'only scalars: the margin alone, and it says so',
      given([compared(2, null), compared(3, null)]),
      { outcome: 'replaced', challenger: 3, flags: ['margin_only'] },
    ],
  ]);

  it('asks for the comparisons of those that reach it', () => {
    // v4 is better by less than minImprovement and never comes to it.
    expect(missingComparisons(anInput(given([])))).toEqual(['v3', 'v2']);
    expect(missingComparisons(anInput(given([compared(3, 0.5)])))).toEqual(['v2']);
    expect(missingComparisons(anInput({ candidates: field, policy: { guards } }))).toEqual([]);
    expect(missingComparisons(anInput({ champion: 1, candidates: field }))).toEqual([]);
  });

  it('tells the p value before and after the correction', () => {
    const { verdicts } = decide(anInput(given([compared(2, 0.4), compared(3, 0.03)])));
    expect(verdictOf(verdicts, 3)?.detail).toBe('p 0.06 (0.03 alone), at most 0.05 wanted, 95% -0.01 to +0.03');
  });
});

describe('a champion that cannot be scored (rule 10)', () => {
  check([
    [
      'not evaluated on the new holdout',
      { champion: 1, candidates: [aCandidate(1, { evaluation: null }), strong] },
      { outcome: 'kept', reason: 'champion_not_evaluated', challenger: null, flags: ['alert'] },
    ],
    [
      'its evaluation failed',
      {
        champion: 1,
        candidates: [aCandidate(1, { evaluation: { status: 'failed', id: 'e', error: 'No column Ash.' } }), strong],
      },
      { outcome: 'kept', reason: 'champion_not_evaluated' },
    ],
    [
      'a promotion compares with nothing either',
      {
        champion: 1,
        candidates: [aCandidate(1, { evaluation: null }), strong],
        act: { kind: 'promotion', registeredModel: 'AImodel', codeVersion: '1.0', by: 'ana', waiveSignature: null },
      },
      { outcome: 'kept', reason: 'champion_not_evaluated' },
    ],
  ]);
});

describe('a champion that may not stay (rule 16)', () => {
  const narrowed = aCandidate(1, { f1: 0.99, codeVersion: '2.0' });
  check([
    [
      'the best eligible one replaces it, though it is worse',
      { champion: 1, candidates: [narrowed, middle] },
      { outcome: 'replaced', reason: 'champion_ineligible', challenger: 2, flags: ['champion_ineligible'] },
    ],
    [
      'without comparative guards',
      {
        champion: 1,
        candidates: [narrowed, middle],
        policy: {
          guards: [
            { kind: 'minImprovement', absolute: 0.1 },
            { kind: 'significance', alpha: 0.05 },
            { kind: 'sameSignature' },
          ],
        },
      },
      { outcome: 'replaced' },
    ],
    [
      'limits apply',
      {
        champion: 1,
        candidates: [narrowed, aCandidate(2, { latencyMs: 99 })],
        policy: { guards: [{ kind: 'maxLatencyMs', limit: 50 }] },
      },
      { outcome: 'kept', reason: 'champion_ineligible', flags: ['champion_ineligible'] },
    ],
    [
      'nobody eligible: it keeps serving, flagged',
      { champion: 1, candidates: [narrowed] },
      { outcome: 'kept', reason: 'champion_ineligible', flags: ['champion_ineligible'] },
    ],
    [
      'brakes do not hold it back',
      {
        champion: 1,
        championSince: noon,
        candidates: [narrowed, middle],
        pause: { until: null, reason: 'freeze', by: 'ana' },
        policy: { brakes: { minDwellMs: hour, maxSwapsPerDay: 0 } },
      },
      { outcome: 'replaced' },
    ],
    [
      'a tag that went',
      { champion: 1, candidates: [aCandidate(1, { missingTags: ['owner'] }), middle] },
      { outcome: 'replaced' },
    ],
    [
      'a score that is no number',
      { champion: 1, candidates: [aCandidate(1, { f1: 'NaN' }), middle] },
      { outcome: 'replaced' },
    ],
    [
      'a pin holds it',
      { champion: 1, candidates: [narrowed, middle], pin: { decision: 'd-3' } },
      { outcome: 'kept', reason: 'pinned' },
    ],
    [
      'new code waits for its approval',
      { champion: 1, candidates: [narrowed, middle], policy: { approval: 'newCode' } },
      { outcome: 'awaiting_approval', challenger: 2 },
    ],
  ]);
});

describe('brakes, pins and approvals (rules 17 to 20)', () => {
  const better: Given = { champion: 2, candidates: [middle, strong] };
  const approval = { kind: 'approval', challenger: 'v3', by: 'ana' } as const;
  check([
    [
      'minimum dwell',
      { ...better, championSince: noon - hour, policy: { brakes: { minDwellMs: 24 * hour, maxSwapsPerDay: null } } },
      { outcome: 'kept', reason: 'min_dwell' },
    ],
    [
      'dwelt long enough',
      {
        ...better,
        championSince: noon - 24 * hour,
        policy: { brakes: { minDwellMs: 24 * hour, maxSwapsPerDay: null } },
      },
      { outcome: 'replaced' },
    ],
    [
      'swaps a day',
      { ...better, swaps: [noon - hour, noon - 2 * hour], policy: { brakes: { minDwellMs: 0, maxSwapsPerDay: 2 } } },
      { outcome: 'kept', reason: 'max_swaps_per_day' },
    ],
    [
      'swaps of yesterday do not count',
      { ...better, swaps: [noon - hour, noon - 25 * hour], policy: { brakes: { minDwellMs: 0, maxSwapsPerDay: 2 } } },
      { outcome: 'replaced' },
    ],
    [
      'paused',
      { ...better, pause: { until: null, reason: 'freeze', by: 'ana' } },
      { outcome: 'kept', reason: 'paused' },
    ],
    [
      'paused until later',
      { ...better, pause: { until: noon + 1, reason: 'freeze', by: 'ana' } },
      { outcome: 'kept', reason: 'paused' },
    ],
    [
      'a pause that has expired',
      { ...better, pause: { until: noon, reason: 'freeze', by: 'ana' } },
      { outcome: 'replaced' },
    ],
    [
      'an approval is not held back',
      {
        ...better,
        act: approval,
        championSince: noon,
        pause: { until: null, reason: 'freeze', by: 'ana' },
        policy: { approval: 'always' },
      },
      { outcome: 'replaced', challenger: 3 },
    ],
    [
      'a promotion is not held back',
      {
        ...better,
        championSince: noon,
        act: { kind: 'promotion', registeredModel: 'AImodel', codeVersion: '1.0', by: 'ana', waiveSignature: null },
        policy: { approval: 'always', brakes: { minDwellMs: hour, maxSwapsPerDay: 0 } },
      },
      { outcome: 'replaced' },
    ],
    [
      'a promotion speaks of a code version, however it is written',
      {
        ...better,
        act: { kind: 'promotion', registeredModel: 'AImodel', codeVersion: '1.0.0', by: 'ana', waiveSignature: null },
        policy: { approval: 'always' },
      },
      { outcome: 'replaced' },
    ],
    [
      'approval always: waits',
      { ...better, policy: { approval: 'always' } },
      { outcome: 'awaiting_approval', reason: 'approval_always', challenger: 3 },
    ],
    [
      'approval newCode: waits for code nobody approved',
      { ...better, policy: { approval: 'newCode' } },
      { outcome: 'awaiting_approval', challenger: 3 },
    ],
    [
      'approval newCode: a retrained version of approved code needs none',
      {
        champion: 2,
        candidates: [middle, aCandidate(3, { f1: 0.95, codeApproved: true })],
        policy: { approval: 'newCode' },
      },
      { outcome: 'replaced' },
    ],
    [
      'approval always: approved code waits all the same',
      {
        champion: 2,
        candidates: [middle, aCandidate(3, { f1: 0.95, codeApproved: true })],
        policy: { approval: 'always' },
      },
      { outcome: 'awaiting_approval' },
    ],
    [
      'an approval of another challenger does not count',
      { ...better, act: { ...approval, challenger: 'v9' }, policy: { approval: 'always' } },
      { outcome: 'awaiting_approval', challenger: 3 },
    ],
    [
      'the next best is not tried meanwhile',
      {
        champion: 1,
        candidates: [weak, aCandidate(2, { codeApproved: true }), strong],
        policy: { approval: 'newCode' },
      },
      { outcome: 'awaiting_approval', challenger: 3 },
    ],
    [
      'approval is asked for only where the guards passed',
      { ...better, policy: { approval: 'always', guards: [{ kind: 'minImprovement', absolute: 0.5 }] } },
      { outcome: 'kept', reason: 'no_challenger_passed' },
    ],
    [
      'pinned: it goes on computing',
      { ...better, pin: { decision: 'd-3' } },
      { outcome: 'kept', reason: 'pinned', challenger: null },
    ],
    [
      'pinned and paused: pinned',
      { ...better, pin: { decision: 'd-3' }, pause: { until: null, reason: 'x', by: 'y' } },
      { outcome: 'kept', reason: 'pinned' },
    ],
  ]);

  it('says who would have won but for a brake or a pin', () => {
    const { verdicts } = decide(anInput({ ...better, pin: { decision: 'd-3' } }));
    expect(verdictOf(verdicts, 3)).toMatchObject({
      verdict: 'held_back',
      reason: 'pinned',
      rank: 1,
      margin: expect.closeTo(0.05),
    });
  });
});

describe('competition between registered models', () => {
  check([
    [
      'a model of another name takes the slot by score alone',
      {
        champion: 2,
        candidates: [middle, aCandidate(3, { registeredModel: 'MLmodel', f1: 0.95 })],
        policy: { allow: { AImodel: '<=1.0', MLmodel: '=1.0' } },
      },
      { outcome: 'replaced', challenger: 3 },
    ],
    [
      'not one that the allowance does not name',
      { champion: 2, candidates: [middle, aCandidate(3, { registeredModel: 'MLmodel', f1: 0.95 })] },
      { outcome: 'kept' },
    ],
  ]);
});
