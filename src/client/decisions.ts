import type {
  DecisionsReply,
  DecisionView,
  ReplayReply,
  DecisionSummary as Summary,
  VerifyReply,
  WhyReply,
} from '../environments/wire.ts';
import { type CallOptions, pathOf, type Transport } from './transport.ts';

/** One decision whole: every candidate with its score and the reason. Times are milliseconds since 1970. */
export type Decision = DecisionView;
export type DecisionSummary = Summary;
export type DecisionPage = DecisionsReply;
export type DecisionReplay = ReplayReply;
export type ChainReport = VerifyReply;
/** Why a run or a version serves nowhere, or where it does. */
export type Standing = WhyReply;

/** A run, a logged model, or a version of a registered model. */
export type Subject =
  | { readonly runId: string }
  | { readonly modelId: string }
  | { readonly registeredModel: string; readonly version: number };

export interface ListDecisions extends CallOptions {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly outcome?: string | undefined;
  /** Only decisions that considered it. */
  readonly about?: Subject | undefined;
  /** 100 unless said otherwise. */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly before?: number | undefined;
}

export interface VerifyDecisions extends CallOptions {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  /** The digest of one slot's last record, kept elsewhere: finds a chain that was cut or written anew. */
  readonly head?: string | undefined;
}

/** What was decided, and the proof of it. */
export function decisionVerbs({ own }: Pick<Transport, 'own'>) {
  return {
    /** Newest first. */
    listDecisions: ({ service, environment, outcome, about, limit, before, ...options }: ListDecisions = {}) =>
      own.get<DecisionPage>('decisions', { service, environment, outcome, ...about, limit, before }, options),

    /**
     * A few decisions, the newest first: by the beginning of an id, by service and environment (`wine prod`), or by the
     * champion that they left (`AImodel 3`).
     */
    async findDecisions(text: string, options?: CallOptions): Promise<readonly DecisionSummary[]> {
      return (await own.get<{ decisions: DecisionSummary[] }>('decisions/find', { text }, options)).decisions;
    },

    getDecision: (decisionId: string, options?: CallOptions) =>
      own.get<Decision>(pathOf('decisions', decisionId), {}, options),

    /** Decides again from the recorded inputs, and compares the results byte by byte. */
    replayDecision: (decisionId: string, options?: CallOptions) =>
      own.repeatable<DecisionReplay>('POST', pathOf('decisions', decisionId, 'replay'), {}, options),

    /** Reads the chains of all slots, or of some. */
    verifyDecisions: ({ service, environment, head, ...options }: VerifyDecisions = {}) =>
      own.get<ChainReport>('decisions/verify', { service, environment, head }, options),

    /** The standing of a run or a version in every decision that looked at it, newest first. */
    why: (subject: Subject, options?: CallOptions) => own.get<Standing>('why', { ...subject }, options),
  };
}
