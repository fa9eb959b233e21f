import type {
  AllowanceReply,
  CandidateView,
  DecisionReply,
  DecisionView,
  SelectionPreview as Preview,
  PromoteReply,
  ScoresReply,
  SelectReply,
  ServedReply,
  SlotView,
  StatusReply,
} from '../environments/wire.ts';
import { type CallOptions, pathOf, type Transport } from './transport.ts';

/** Names a service in one environment. */
export interface Slot {
  readonly service: string;
  readonly environment: string;
}

/** A service in one environment: its champion, what holds it, the last decision. Times are milliseconds since 1970. */
export type SlotStatus = SlotView;
export type Status = StatusReply;
/** What served at a moment of the past. */
export type Served = ServedReply;
/** A candidate as a decision, or a preview, saw it. */
export type Candidate = CandidateView;
/** What a selection would say now. */
export type SelectionPreview = Preview;
/** Which candidates ranges would admit, and which they would refuse. */
export type AllowancePreview = AllowanceReply;
/** What versions score by one metric on one holdout, and the slots that look at it. */
export type Epoch = ScoresReply['epochs'][number];
export type Promotion = PromoteReply;
/** What an environment has proved of the code that is its champion. */
export type Evidence = Promotion['evidence'];

export interface Promote {
  /** The environment whose champion's code is promoted. */
  readonly from: string;
  /** The new ranges, by registered model; the others stay. */
  readonly allow: Readonly<Record<string, string>>;
  readonly reason: string;
  /** Why another signature is accepted. */
  readonly waiveSignature?: string | undefined;
  /** A version that becomes the champion whatever selection says. */
  readonly pin?: number | undefined;
}

export interface Release extends CallOptions {
  /** Only what bars this version; else everything, the pin too. */
  readonly only?: { readonly registeredModel: string; readonly version: number } | undefined;
}

/** A selection waits for evaluations. After this the server goes on by itself, and asking again finds it further. */
const patienceMs = 290_000;

/** Which model each environment serves: seen, selected, promoted, rolled back. */
export function environmentVerbs({ own }: Pick<Transport, 'own'>) {
  const placeOf = ({ service, environment }: Slot, ...rest: readonly string[]) =>
    pathOf('services', service, 'environments', environment, ...rest);
  const decided = async (asked: Promise<DecisionReply>): Promise<DecisionView> => (await asked).decision;

  return {
    /** Every slot, or those of one service. RESOURCE_DOES_NOT_EXIST for a service that nobody configured. */
    getStatus: ({ service, ...options }: CallOptions & { service?: string | undefined } = {}) =>
      own.get<Status>(service === undefined ? 'status' : pathOf('services', service), {}, options),

    /** By the decisions, so also of slots that are configured no more. */
    getStatusAt: (time: number, options?: CallOptions) => own.get<Served>('status/at', { time }, options),

    getSlot: (slot: Slot, options?: CallOptions) => own.get<SlotStatus>(placeOf(slot), {}, options),

    /**
     * What at most 1000 versions score on the holdouts that environments pin now. Scores compare within an epoch only;
     * epochs without a score of theirs are absent.
     */
    async listScores(
      versions: readonly { readonly registeredModel: string; readonly version: number }[],
      options?: CallOptions,
    ): Promise<readonly Epoch[]> {
      if (versions.length === 0) return [];
      return (await own.repeatable<ScoresReply>('POST', 'scores', { versions }, options)).epochs;
    },

    /** Every candidate with its rank, or the reason why it is refused, as a selection would see it now. */
    previewSelection: (slot: Slot, options?: CallOptions) =>
      own.get<SelectionPreview>(placeOf(slot, 'candidates'), {}, options),

    /** Changes nothing. `allow` has ranges by registered model; those not named stay as they are. */
    previewAllowance: (slot: Slot, allow: Readonly<Record<string, string>>, options?: CallOptions) =>
      own.repeatable<AllowancePreview>('POST', placeOf(slot, 'allowance-preview'), { allow }, options),

    /** Evaluates what has no score yet, waits for it, decides. */
    async select(slot: Slot, { timeoutMs = patienceMs, ...options }: CallOptions = {}): Promise<DecisionView> {
      const answer = await own.repeatable<SelectReply>('POST', placeOf(slot, 'select'), {}, { timeoutMs, ...options });
      return answer.decision as DecisionView;
    },

    /** What another environment proved, what would change and be selected. Changes nothing. */
    previewPromotion: (slot: Slot, promotion: Promote, options?: CallOptions) =>
      own.repeatable<Promotion>('POST', placeOf(slot, 'promote'), { ...promotion, dryRun: true }, options),

    /**
     * Signs the code off, raises the allowance and selects, all or nothing. RESOURCE_CONFLICT, naming the guard or the
     * better model, when the promoted code does not win.
     */
    promote: (slot: Slot, promotion: Promote, { timeoutMs = patienceMs, ...options }: CallOptions = {}) =>
      own.once<Promotion>('POST', placeOf(slot, 'promote'), promotion, { timeoutMs, ...options }),

    /** To the champion before, or the one that the decision `to` made: at once, pinned; what it replaces is on hold. */
    rollback: (slot: Slot, reason: string, { to, ...options }: CallOptions & { to?: string | undefined } = {}) =>
      decided(own.once('POST', placeOf(slot, 'rollback'), { reason, to }, options)),

    /** Lifts pin, holds and quarantines; a selection follows by itself. */
    release: (slot: Slot, reason: string, { only, ...options }: Release = {}) =>
      decided(own.once('POST', placeOf(slot, 'release'), { reason, ...only }, options)),

    /** No replacement until resumed, or until a time. Approvals, promotions and rollbacks go on. */
    async pause(slot: Slot, reason: string, given: CallOptions & { until?: number | undefined } = {}): Promise<void> {
      const { until, ...options } = given;
      await own.repeatable('POST', placeOf(slot, 'pause'), { reason, until }, options);
    },

    /** RESOURCE_CONFLICT when it is not paused. A selection follows by itself. */
    async resume(slot: Slot, options?: CallOptions): Promise<void> {
      await own.once('POST', placeOf(slot, 'resume'), {}, options);
    },

    /** RESOURCE_CONFLICT when what the request was bound to has changed since. */
    approve: (approvalId: string, reason: string, options?: CallOptions) =>
      decided(own.once('POST', pathOf('approvals', approvalId, 'approve'), { reason }, options)),

    async reject(approvalId: string, reason: string, options?: CallOptions): Promise<void> {
      await own.once('POST', pathOf('approvals', approvalId, 'reject'), { reason }, options);
    },
  };
}
