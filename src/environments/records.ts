import { canonicalJson, sha256 } from './canonical-json.ts';
import { decide } from './decide.ts';
import { type ManualInput, type ManualResult, manualOutcome } from './manual.ts';
import type { SelectionInput, SelectionResult } from './selection-input.ts';

export type DecisionKind = 'selection' | 'promotion' | 'approval' | 'override' | 'rollback' | 'quarantine' | 'release';

/** A model version as a record names it: for ever, also when name and number are given out again. */
export interface VersionRef {
  readonly versionNo: number;
  readonly registeredModel: string;
  readonly version: number;
  readonly codeVersion: string | null;
  readonly digest: string | null;
  readonly modelId: string | null;
  readonly runId: string | null;
}

interface RecordBase {
  readonly format: 1;
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  /** From 1 in each slot, without a gap. */
  readonly sequence: number;
  /** The digest of the record before; null for the first. */
  readonly previous: string | null;
  readonly time: number;
  readonly actor: string;
  readonly trigger: Trigger;
  readonly before: VersionRef | null;
  readonly after: VersionRef | null;
}

export interface Trigger {
  /** What set it off: request, evaluation, configuration, approval, promotion, client, … */
  readonly kind: string;
  readonly detail: string | null;
}

/** What is written down of one decision; never changed. Its digest is that of its canonical JSON. */
export type DecisionRecord = RecordBase &
  (
    | {
        readonly kind: 'selection' | 'promotion' | 'approval';
        readonly input: SelectionInput;
        readonly result: SelectionResult;
      }
    | {
        readonly kind: 'override' | 'rollback' | 'quarantine' | 'release';
        readonly input: ManualInput;
        readonly result: ManualResult;
      }
  );

/** The result that the recorded inputs give, worked out again. */
export const recomputed = (record: DecisionRecord): SelectionResult | ManualResult =>
  isSelection(record) ? decide(record.input) : manualOutcome(record.input);

export const isSelection = (
  record: DecisionRecord,
): record is Extract<DecisionRecord, { readonly input: SelectionInput }> =>
  record.kind === 'selection' || record.kind === 'promotion' || record.kind === 'approval';

export interface Replay {
  readonly identical: boolean;
  readonly recorded: string;
  readonly recomputed: string;
}

/** Decides again from what was recorded and compares the two results byte by byte. */
export function replay(record: DecisionRecord): Replay {
  const recorded = canonicalJson(record.result);
  const again = canonicalJson(recomputed(record));
  return { identical: recorded === again, recorded, recomputed: again };
}

/** A stored record: its text and what the database says of it beside the text. */
export interface StoredRecord {
  readonly id: string;
  readonly sequence: number;
  readonly digest: string;
  readonly text: string;
  /** What lists read instead of the text. */
  readonly beside: Readonly<Record<'kind' | 'outcome' | 'reason' | 'actor' | 'time', string | number>>;
}

export interface ChainFault {
  readonly sequence: number;
  readonly id: string | null;
  readonly fault: string;
}

/**
 * Reads one slot's records in their order and tells what was changed, is missing or stands at another place. `head` is a
 * digest that was kept elsewhere: with it a chain that was cut or written anew is found too.
 */
export function verifyChain(records: Iterable<StoredRecord>, head?: string): ChainFault[] {
  const faults: ChainFault[] = [];
  let previous: string | null = null;
  let expected = 1;
  let seenHead = head === undefined;
  for (const { id, sequence, digest, text, beside } of records) {
    const fault = (what: string) => faults.push({ sequence, id, fault: what });
    if (sequence !== expected)
      faults.push({
        sequence: expected,
        id: null,
        fault: `record ${expected} is missing: ${sequence} follows ${expected - 1}`,
      });
    if (sha256(text) !== digest) fault('its text does not have its digest');
    const record = parsed(text);
    if (record === undefined || canonicalJson(record) !== text) fault('its text is not canonical JSON');
    else {
      if (record['id'] !== id || record['sequence'] !== sequence) fault('its text names another record');
      if (record['previous'] !== previous) fault('it does not follow the record before it');
      if (!tellsTheSame(record, beside)) fault('what stands beside its text is something else');
    }
    if (digest === head) seenHead = true;
    previous = digest;
    expected = sequence + 1;
  }
  if (!seenHead) faults.push({ sequence: expected, id: null, fault: `no record has the digest ${head}` });
  return faults;
}

const tellsTheSame = (
  record: Record<string, unknown>,
  { kind, outcome, reason, actor, time }: StoredRecord['beside'],
) => {
  const result = record['result'] as Record<string, unknown> | undefined;
  return (
    record['kind'] === kind &&
    record['actor'] === actor &&
    record['time'] === time &&
    result?.['outcome'] === outcome &&
    result['reason'] === reason
  );
};

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
