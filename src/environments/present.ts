import type { DecisionRow } from './decision-store.ts';
import type { DecisionRecord } from './records.ts';
import { isSelection } from './records.ts';
import type { Ready } from './selection.ts';
import type { SelectionInput, SelectionResult } from './selection-input.ts';
import type { CandidateView, DecisionSummary, DecisionView, SelectionPreview } from './wire.ts';

export const recordOf = (row: DecisionRow): DecisionRecord => JSON.parse(row.record);

export function presentSummary(row: DecisionRow, record = recordOf(row)): DecisionSummary {
  const selected = isSelection(record) ? record.result : undefined;
  return {
    id: row.decisionId,
    service: row.service,
    environment: row.environment,
    sequence: row.sequence,
    kind: row.kind,
    outcome: row.outcome,
    reason: row.reason,
    detail: record.result.detail,
    actor: row.actor,
    time: row.time,
    digest: row.digest,
    trigger: record.trigger,
    before: record.before,
    after: record.after,
    challenger: selected?.challenger ?? null,
    margin: selected?.margin ?? null,
    flags: [...record.result.flags],
    repeats: row.repeats,
    lastTime: row.lastTime,
  };
}

export function presentDecision(row: DecisionRow): DecisionView {
  const record = recordOf(row);
  const input = isSelection(record) ? record.input : undefined;
  return {
    decision: presentSummary(row, record),
    metric: input === undefined ? null : { name: input.policy.metric.name, goal: input.policy.metric.goal },
    holdout: input?.holdout ?? null,
    allow: { ...input?.policy.allow },
    candidates: isSelection(record) ? presentCandidates(record.input, record.result) : [],
    record,
  };
}

/** The candidates in the order of the verdicts: ranked first. */
export function presentCandidates(input: SelectionInput, result: SelectionResult): CandidateView[] {
  const candidates = new Map(input.candidates.map((candidate) => [candidate.id, candidate]));
  const comparisons = new Map(input.comparisons.map((comparison) => [comparison.challenger, comparison]));
  return result.verdicts.map((verdict) => {
    const { registeredModel, version, codeVersion, modelId, runId, createdTime } = candidates.get(verdict.id)!;
    const comparison = comparisons.get(verdict.id);
    const { low, high } = comparison ?? { low: null, high: null };
    return {
      ...verdict,
      guards: [...verdict.guards],
      registeredModel,
      version,
      codeVersion,
      modelId,
      runId,
      createdTime,
      pValue: comparison?.pValue ?? null,
      interval: low === null || high === null ? null : { low, high },
    };
  });
}

export function presentPreview({
  policy,
  facts,
  result,
}: Pick<Ready, 'policy' | 'facts' | 'result'>): SelectionPreview {
  return {
    service: policy.service,
    environment: policy.environment,
    outcome: result.outcome,
    reason: result.reason,
    detail: result.detail,
    challenger: result.challenger,
    margin: result.margin,
    flags: [...result.flags],
    champion: facts.input.champion?.id ?? null,
    metric: { name: policy.metric.name, goal: policy.metric.goal },
    holdout: facts.input.holdout,
    candidates: presentCandidates(facts.input, result),
  };
}
