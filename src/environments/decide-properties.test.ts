import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aCandidate, anInput, compared, hour, noon } from '../../test/support/selection.ts';
import { admits, readAllowance } from './allowance.ts';
import { canonicalJson } from './canonical-json.ts';
import { decide, missingComparisons } from './decide.ts';
import type { Guard, SlotPolicy } from './policy.ts';
import type { Candidate, SelectionInput } from './selection-input.ts';

const metric = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 80, max: 99 }).map((n): number | string => n / 100) },
  { weight: 1, arbitrary: fc.constantFrom<number | string>('NaN', 'Infinity') },
);
const rarely = <T>(value: T) =>
  fc.option(fc.constant(value), { freq: 6, nil: null }).map((one) => (one === null ? value : null));

const candidateOf = (number: number): fc.Arbitrary<Candidate> =>
  fc
    .record({
      registeredModel: fc.constantFrom('AImodel', 'MLmodel', null),
      codeVersion: fc.constantFrom('1.0', '1.0.1', '2.0', '2.1-rc.1', null, 'junk'),
      createdTime: fc.integer({ min: 1, max: 4 }),
      whereMatched: fc.constantFrom(true, true, true, false, null),
      notReady: rarely('deleted').map((one) => (one === null ? 'deleted' : null)),
      hold: fc.constantFrom(null, null, null, 'd-1'),
      notTested: fc.constantFrom(null, null, null, 'No.'),
      codeApproved: fc.boolean(),
      signatureDifference: fc.constantFrom(null, null, 'differs'),
      f1: metric,
      state: fc.constantFrom('succeeded', 'succeeded', 'succeeded', 'pending', 'failed'),
    })
    .map(({ f1, state, ...rest }) => {
      const whole = aCandidate(number, { ...rest, f1 });
      if (state === 'pending') return { ...whole, evaluation: { status: 'pending' } };
      return state === 'failed' ? { ...whole, evaluation: { status: 'failed', id: 'e', error: 'No.' } } : whole;
    });

const guards: fc.Arbitrary<Guard[]> = fc.subarray<Guard>([
  { kind: 'minImprovement', absolute: 0.02 },
  { kind: 'significance', alpha: 0.05 },
  { kind: 'sameSignature' },
  { kind: 'maxLatencyMs', limit: 50 },
]);

const inputs: fc.Arbitrary<SelectionInput> = fc
  .record({
    count: fc.integer({ min: 0, max: 8 }),
    champion: fc.option(fc.integer({ min: 1, max: 8 })),
    guards,
    approval: fc.constantFrom<SlotPolicy['approval']>('none', 'newCode', 'always'),
    range: fc.constantFrom('<=1.0', '<=2.0', '*', '~1.0'),
    where: fc.constantFrom(null, "tags.a = 'b'"),
    pin: fc.constantFrom(null, null, null, { decision: 'd-9' }),
    since: fc.constantFrom(noon, noon - 100 * hour),
    minDwellMs: fc.constantFrom(0, hour),
  })
  .chain((given) =>
    fc
      .record({
        candidates: fc.tuple(...Array.from({ length: given.count }, (_, i) => candidateOf(i + 1))),
        pValues: fc.array(fc.constantFrom<number | null>(0.001, 0.02, 0.04, 0.5, null), { minLength: 8, maxLength: 8 }),
      })
      .map(({ candidates, pValues }) =>
        anInput({
          candidates,
          comparisons: pValues.map((p, i) => compared(i + 1, p)).slice(0, given.count),
          ...(given.champion !== null &&
            given.champion <= given.count && { champion: given.champion, championSince: given.since }),
          pin: given.champion === null ? null : given.pin,
          policy: {
            allow: { AImodel: given.range, MLmodel: '=1.0' },
            where: given.where,
            guards: given.guards,
            approval: given.approval,
            brakes: { minDwellMs: given.minDwellMs, maxSwapsPerDay: null },
          },
        }),
      ),
  );

const runs = { numRuns: 400 };
const chosenOf = (input: SelectionInput) => {
  const result = decide(input);
  return { result, chosen: input.candidates.find(({ id }) => id === result.challenger) };
};

it('does not depend on the order of candidates and comparisons', () => {
  fc.assert(
    fc.property(inputs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (input, dice) => {
      const shuffled = <T>(list: readonly T[]) =>
        list
          .map((item) => [dice.next().value, item] as const)
          .sort(([a], [b]) => a - b)
          .map(([, item]) => item);
      const other = { ...input, candidates: shuffled(input.candidates), comparisons: shuffled(input.comparisons) };
      expect(canonicalJson(decide(other))).toBe(canonicalJson(decide(input)));
      expect(missingComparisons(other)).toEqual(missingComparisons(input));
    }),
    runs,
  );
});

it('never chooses outside the allowance, what is barred, or what has no number for a score', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { chosen } = chosenOf(input);
      if (chosen === undefined) return;
      const range = input.policy.allow[chosen.registeredModel!];
      expect(range !== undefined && admits(readAllowance(range), chosen.codeVersion!)).toBe(true);
      expect([chosen.notReady, chosen.hold, chosen.notTested, chosen.quarantine]).toEqual([null, null, null, null]);
      expect(chosen.evaluation?.status === 'succeeded' && Number.isFinite(chosen.evaluation.metrics['f1'])).toBe(true);
    }),
    runs,
  );
});

it('chooses a candidate with the digest that was looked at, never another one', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { chosen } = chosenOf(input);
      if (chosen !== undefined)
        expect(chosen.artifactChanged ? null : chosen.digest).toBe(`digest${chosen.id.slice(1)}`);
      const changed = { ...input, candidates: input.candidates.map((one) => ({ ...one, artifactChanged: true })) };
      expect(decide(changed).challenger).toBeNull();
    }),
    runs,
  );
});

it('keeps the champion when nobody passes, and replaces an eligible one only by a better', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { result, chosen } = chosenOf(input);
      if (input.champion === null) expect(['first', 'none', 'awaiting_approval']).toContain(result.outcome);
      else expect(['kept', 'replaced', 'awaiting_approval']).toContain(result.outcome);
      if (chosen === undefined) expect(['kept', 'none']).toContain(result.outcome);
      if (result.reason === 'better') expect(result.margin).toBeGreaterThan(0);
      if (input.champion !== null) expect(result.challenger).not.toBe(input.champion.id);
    }),
    runs,
  );
});

it('says something of every candidate exactly once', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const ids = decide(input).verdicts.map(({ id }) => id);
      expect([...ids].sort()).toEqual(input.candidates.map(({ id }) => id).sort());
    }),
    runs,
  );
});

it('comes to the same bytes again from what was recorded', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const recorded = canonicalJson(input);
      expect(canonicalJson(decide(JSON.parse(recorded)))).toBe(canonicalJson(decide(input)));
    }),
    runs,
  );
});
