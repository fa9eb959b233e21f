import Type, { type Static } from 'typebox';
import { nullable, time } from '../http/api.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { DecisionRecord } from './records.ts';

/** Replies and inputs of `/api/v1` about environments, decisions and the configuration. */

const text = () => Type.String();
const reason = () => Type.String({ minLength: 1, maxLength: 5000, 'x-expected': 'a reason, not empty' });

export const versionRef = Type.Object({
  versionNo: Type.Integer(),
  registeredModel: text(),
  version: Type.Integer(),
  codeVersion: nullable(text()),
  digest: nullable(text()),
  modelId: nullable(text()),
  runId: nullable(text()),
});

export const guardResult = Type.Object({ guard: text(), passed: Type.Boolean(), detail: text() });

/** One candidate as a decision (or a preview) saw it. */
export const candidateView = Type.Object({
  id: text(),
  registeredModel: nullable(text()),
  version: nullable(Type.Integer()),
  codeVersion: nullable(text()),
  modelId: nullable(text()),
  runId: nullable(text()),
  createdTime: time(),
  rank: nullable(Type.Integer()),
  score: nullable(Type.Number()),
  margin: nullable(Type.Number()),
  verdict: text(),
  reason: nullable(text()),
  detail: nullable(text()),
  guards: Type.Array(guardResult),
  pValue: nullable(Type.Number()),
  interval: nullable(Type.Object({ low: Type.Number(), high: Type.Number() })),
});
export type CandidateView = Static<typeof candidateView>;

export const decisionSummary = Type.Object({
  id: text(),
  service: text(),
  environment: text(),
  sequence: Type.Integer(),
  kind: text(),
  outcome: text(),
  reason: text(),
  detail: text(),
  actor: text(),
  time: time(),
  digest: text(),
  trigger: Type.Object({ kind: text(), detail: nullable(text()) }),
  before: nullable(versionRef),
  after: nullable(versionRef),
  challenger: nullable(text()),
  margin: nullable(Type.Number()),
  flags: Type.Array(text()),
  /** How often the same inputs gave the same outcome again, and when last. */
  repeats: Type.Integer(),
  lastTime: time(),
});
export type DecisionSummary = Static<typeof decisionSummary>;

export const decisionView = Type.Object({
  decision: decisionSummary,
  metric: nullable(Type.Object({ name: text(), goal: text() })),
  holdout: nullable(Type.Object({ name: text(), version: Type.Integer(), digest: text() })),
  allow: Type.Record(Type.String(), Type.String()),
  candidates: Type.Array(candidateView),
  /** The record whole, whose canonical JSON has the digest. */
  record: Type.Unsafe<DecisionRecord>(Type.Object({})),
});
export type DecisionView = Static<typeof decisionView>;

/** What a selection would say, without making it. */
export const selectionPreview = Type.Object({
  service: text(),
  environment: text(),
  outcome: text(),
  reason: text(),
  detail: text(),
  challenger: nullable(text()),
  margin: nullable(Type.Number()),
  flags: Type.Array(text()),
  champion: nullable(text()),
  metric: Type.Object({ name: text(), goal: text() }),
  holdout: nullable(Type.Object({ name: text(), version: Type.Integer(), digest: text() })),
  candidates: Type.Array(candidateView),
});
export type SelectionPreview = Static<typeof selectionPreview>;

export const championView = Type.Object({
  registeredModel: text(),
  version: Type.Integer(),
  codeVersion: nullable(text()),
  modelId: nullable(text()),
  runId: nullable(text()),
  digest: nullable(text()),
  versionNo: Type.Integer(),
  since: time(),
  decision: text(),
  /** Its value of the service's metric on the pinned holdout. */
  score: nullable(Type.Number()),
});

export const slotView = Type.Object({
  service: text(),
  environment: text(),
  stage: text(),
  alias: text(),
  protected: Type.Boolean(),
  champion: nullable(championView),
  metric: Type.Object({ name: text(), goal: text() }),
  holdout: nullable(Type.Object({ name: text(), version: Type.Integer() })),
  allow: Type.Record(Type.String(), Type.String()),
  pin: nullable(text()),
  pause: nullable(Type.Object({ until: nullable(time()), reason: text(), by: text() })),
  holds: Type.Array(
    Type.Object({ version: Type.Integer(), registeredModel: text(), decision: text(), reason: text() }),
  ),
  quarantines: Type.Array(
    Type.Object({ version: Type.Integer(), registeredModel: text(), decision: text(), reason: text() }),
  ),
  openApproval: nullable(
    Type.Object({
      id: text(),
      candidate: text(),
      version: nullable(Type.Integer()),
      modelId: nullable(text()),
      decision: text(),
      createdTime: time(),
    }),
  ),
  lastDecision: nullable(decisionSummary),
  /** Why a selection is asked for that is not made yet; null where none is. */
  selecting: nullable(text()),
});
export type SlotView = Static<typeof slotView>;

export const scoresInput = Type.Object({
  versions: Type.Array(Type.Object({ registeredModel: text(), version: Type.Integer({ minimum: 1 }) }), {
    minItems: 1,
    maxItems: 1000,
  }),
});
/** What versions score by one metric on one pinned holdout, and the slots that look at it. */
export const epochScores = Type.Object({
  metric: Type.Object({ name: text(), goal: text() }),
  holdout: Type.Object({ name: text(), version: Type.Integer(), digest: text() }),
  slots: Type.Array(Type.Object({ service: text(), environment: text() })),
  scores: Type.Array(
    Type.Object({ registeredModel: text(), version: Type.Integer(), score: Type.Number(), evaluation: text() }),
  ),
});
export type EpochScores = Static<typeof epochScores>;
export const scoresReply = Type.Object({ epochs: Type.Array(epochScores) });
export type ScoresReply = Static<typeof scoresReply>;

export const statusReply = Type.Object({ time: time(), slots: Type.Array(slotView) });
export type StatusReply = Static<typeof statusReply>;

/** What served at a moment of the past. */
export const servedReply = Type.Object({
  time: time(),
  slots: Type.Array(
    Type.Object({
      service: text(),
      environment: text(),
      champion: nullable(versionRef),
      decision: nullable(text()),
      since: nullable(time()),
    }),
  ),
});
export type ServedReply = Static<typeof servedReply>;

export const settingChange = Type.Object({
  path: text(),
  kind: text(),
  /** As the file would write it; null where there was none. */
  before: nullable(text()),
  after: nullable(text()),
});
export const aliasConflict = Type.Object({
  service: text(),
  environment: text(),
  registeredModel: text(),
  version: Type.Integer(),
});
export const planReply = Type.Object({
  changed: Type.Boolean(),
  digest: text(),
  changes: Type.Array(settingChange),
  aliasConflicts: Type.Array(aliasConflict),
  slots: Type.Array(
    Type.Object({
      service: text(),
      environment: text(),
      champion: nullable(versionRef),
      outcome: text(),
      reason: text(),
      detail: text(),
      challenger: nullable(candidateView),
      margin: nullable(Type.Number()),
      notEvaluated: Type.Integer(),
    }),
  ),
});
export type PlanReply = Static<typeof planReply>;

export const configurationReply = Type.Object({
  no: Type.Integer(),
  digest: text(),
  managed: text(),
  cause: text(),
  actor: text(),
  time: time(),
  configuration: Type.Unsafe<Configuration>(Type.Object({})),
  yaml: text(),
});
export type ConfigurationReply = Static<typeof configurationReply>;

export const configurationInput = Type.Object({
  yaml: Type.String({ maxLength: 524_288 }),
  /** What errors call the file. */
  file: Type.Optional(Type.String({ maxLength: 1024 })),
  /** The text of metric functions' files, by the path that the configuration names. */
  code: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export const applyInput = Type.Object({
  ...configurationInput.properties,
  managed: Type.Optional(Type.Union([Type.Literal('file'), Type.Literal('api')])),
  adoptAliases: Type.Optional(Type.Boolean()),
});
export const applyReply = Type.Object({
  changed: Type.Boolean(),
  no: Type.Integer(),
  digest: text(),
  changes: Type.Array(settingChange),
  adopted: Type.Array(aliasConflict),
});
export type ApplyReply = Static<typeof applyReply>;

export const allowanceInput = Type.Object({
  /** Ranges by registered model: those not named stay as they are. */
  allow: Type.Record(Type.String(), Type.String()),
});
export const allowanceReply = Type.Object({
  allow: Type.Record(Type.String(), Type.String()),
  admitted: Type.Array(candidateView),
  refused: Type.Array(candidateView),
});
export type AllowanceReply = Static<typeof allowanceReply>;

export const slotPath = Type.Object({ service: text(), environment: text() });
export const selectInput = Type.Object({ dryRun: Type.Optional(Type.Boolean()) });
export const selectReply = Type.Object({ decision: nullable(decisionView), preview: nullable(selectionPreview) });
export type SelectReply = Static<typeof selectReply>;

export const promoteInput = Type.Object({
  /** The environment whose champion's code is promoted. */
  from: text(),
  allow: Type.Record(Type.String(), Type.String(), { minProperties: 1 }),
  reason: reason(),
  waiveSignature: Type.Optional(reason()),
  /** A version that becomes the champion whatever selection says. */
  pin: Type.Optional(Type.Integer({ minimum: 1 })),
  dryRun: Type.Optional(Type.Boolean()),
});
/** What the environment before has proved of the code that is promoted. */
export const evidence = Type.Object({
  environment: text(),
  registeredModel: text(),
  codeVersion: text(),
  version: Type.Integer(),
  championSince: time(),
  liveMs: Type.Integer(),
  decisionsSurvived: Type.Integer(),
  evaluations: Type.Integer(),
  evaluationsFailed: Type.Integer(),
  quarantines: Type.Integer(),
  score: nullable(Type.Number()),
});
export const promoteReply = Type.Object({
  evidence,
  changes: Type.Array(settingChange),
  preview: selectionPreview,
  decision: nullable(decisionView),
});
export type PromoteReply = Static<typeof promoteReply>;

export const reasonInput = Type.Object({ reason: reason() });
export const rollbackInput = Type.Object({ reason: reason(), to: Type.Optional(text()) });
export const releaseInput = Type.Object({
  reason: reason(),
  registeredModel: Type.Optional(text()),
  version: Type.Optional(Type.Integer({ minimum: 1 })),
});
export const pauseInput = Type.Object({ reason: reason(), until: Type.Optional(time()) });
export const decisionReply = Type.Object({ decision: decisionView });
export type DecisionReply = Static<typeof decisionReply>;

export const decisionsQuery = Type.Object({
  service: Type.Optional(text()),
  environment: Type.Optional(text()),
  runId: Type.Optional(text()),
  modelId: Type.Optional(text()),
  registeredModel: Type.Optional(text()),
  version: Type.Optional(Type.Integer({ minimum: 1 })),
  outcome: Type.Optional(text()),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
});
export const decisionsReply = Type.Object({
  decisions: Type.Array(decisionSummary),
  /** For the next page's `before`; null on the last. */
  next: nullable(Type.Integer()),
});
export type DecisionsReply = Static<typeof decisionsReply>;

export const findDecisionsInput = Type.Object({ text: Type.String({ minLength: 1, maxLength: 250 }) });
export const foundDecisions = Type.Object({ decisions: Type.Array(decisionSummary) });

/** Why a run or a version serves nowhere, or where it does: its standing in every decision that looked at it. */
export const whyReply = Type.Object({
  subject: Type.Object({
    runId: nullable(text()),
    modelId: nullable(text()),
    registeredModel: nullable(text()),
    version: nullable(Type.Integer()),
  }),
  championOf: Type.Array(slotPath),
  considered: Type.Array(Type.Object({ decision: decisionSummary, candidate: candidateView })),
});
export type WhyReply = Static<typeof whyReply>;

export const verifyQuery = Type.Object({
  service: Type.Optional(text()),
  environment: Type.Optional(text()),
  head: Type.Optional(text()),
});
export const verifyReply = Type.Object({
  intact: Type.Boolean(),
  slots: Type.Array(
    Type.Object({
      service: text(),
      environment: text(),
      records: Type.Integer(),
      head: nullable(text()),
      faults: Type.Array(Type.Object({ sequence: Type.Integer(), id: nullable(text()), fault: text() })),
    }),
  ),
});
export type VerifyReply = Static<typeof verifyReply>;

export const replayReply = Type.Object({ id: text(), identical: Type.Boolean(), recorded: text(), recomputed: text() });
export type ReplayReply = Static<typeof replayReply>;
