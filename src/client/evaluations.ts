import type { WireEvaluation } from '../evaluation/evaluations/wire.ts';
import { type CallOptions, pathOf, type Transport } from './transport.ts';

/** What a model scores on a holdout. Times are milliseconds since 1970. */
export type Evaluation = WireEvaluation;

/** A model: a version of a registered model, a logged model, or the only model of a run. */
export interface NamedModel {
  readonly name?: string | undefined;
  readonly version?: number | undefined;
  readonly modelId?: string | undefined;
  readonly runId?: string | undefined;
}

export interface ListEvaluations extends CallOptions, NamedModel {
  /** `wine-holdout`, or one version of it: `wine-holdout@2`. */
  readonly holdout?: string | undefined;
  readonly status?: Evaluation['status'] | undefined;
  readonly limit?: number | undefined;
}

export interface PostEvaluation extends NamedModel {
  /** `wine-holdout@2` */
  readonly holdout: string;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What models score on holdouts. */
export function evaluationVerbs({ own }: Pick<Transport, 'own'>) {
  return {
    /** The newest first, 50 unless a limit is given. */
    async listEvaluations(asked: ListEvaluations = {}): Promise<readonly Evaluation[]> {
      const { name, version, modelId, runId, holdout, status, limit, ...options } = asked;
      const query = { name, version, modelId, runId, holdout, status, limit };
      return (await own.get<{ evaluations: Evaluation[] }>('evaluations', query, options)).evaluations;
    },

    getEvaluation: (evaluationId: string, options?: CallOptions) =>
      own.get<Evaluation>(pathOf('evaluations', evaluationId), {}, options),

    /** Makes a failed one again. RESOURCE_CONFLICT when it has not failed. */
    retryEvaluation: (evaluationId: string, options?: CallOptions) =>
      own.once<Evaluation>('POST', pathOf('evaluations', evaluationId, 'retry'), {}, options),

    /** Tells what a model scored elsewhere. The same figures of the same model are one record. */
    postEvaluation: (posted: PostEvaluation, options?: CallOptions) =>
      own.once<Evaluation>('POST', 'evaluations', { ...posted }, options),
  };
}
