import { randomUUID } from 'node:crypto';
import { AppError, notFound, shown } from '../../errors.ts';
import { nextId } from '../../storage/ids.ts';
import { afterCommit, type Storage, type Tx } from '../../storage/storage.ts';
import type { HoldoutVersion } from '../holdouts/holdout.ts';
import {
  type Evaluation,
  type EvaluationError,
  evaluatorOf,
  externalEvaluatorOf,
  type MetricFunction,
  type SubjectToEvaluate,
} from './evaluation.ts';
import { countingByDigest } from './precedence.ts';
import * as progress from './progress-store.ts';
import * as store from './store.ts';

export interface QueueOptions {
  readonly storage: Storage;
  readonly clock: () => number;
  /** Told after a commit that something waits to be evaluated. */
  readonly onPending: () => void;
}

export type Queue = ReturnType<typeof evaluationQueue>;

const newEvaluationId = () => `e-${randomUUID().replaceAll('-', '')}`;

/** What waits to be evaluated, and what was. */
export function evaluationQueue({ storage, clock, onPending }: QueueOptions) {
  const { dialect } = storage;

  /** The evaluation that counts for each artifact digest on a holdout digest; digests without one are absent. */
  function* findEvaluations(
    artifactDigests: readonly string[],
    holdoutDigest: string,
    evaluator: string,
  ): Tx<Map<string, Evaluation>> {
    return countingByDigest(yield* store.findByDigests(dialect, artifactDigests, holdoutDigest, evaluator));
  }

  /** RESOURCE_DOES_NOT_EXIST when there is none. */
  function* getEvaluation(evaluationId: string): Tx<Evaluation> {
    const found = yield* store.findEvaluation(dialect, evaluationId);
    if (found === undefined) throw notFound(`There is no evaluation ${shown(evaluationId)}.`);
    return found;
  }

  /** Writes an evaluation of a subject, or nothing when this model, holdout and evaluator have one. */
  function* add(
    asked: SubjectToEvaluate,
    holdout: HoldoutVersion,
    given: Pick<store.NewEvaluation, 'evaluator' | 'status' | 'position' | 'external' | 'actor'>,
  ): Tx<boolean> {
    return yield* store.insertEvaluation({
      ...given,
      evaluationNo: yield* nextId('evaluation'),
      evaluationId: newEvaluationId(),
      artifactDigest: asked.digest,
      holdout,
      location: asked.location,
      label: asked.label,
      modelId: asked.subject.kind === 'model' ? asked.subject.modelId : null,
      sourceRunId: asked.sourceRunId,
      creationTime: clock(),
    });
  }

  return {
    findEvaluations,
    getEvaluation,

    /** RESOURCE_DOES_NOT_EXIST when there is none. */
    get: (evaluationId: string): Promise<Evaluation> => storage.read(() => getEvaluation(evaluationId)),

    /**
     * Takes in what somebody measured elsewhere. `isNew` is false, and nothing is written, where the same figures for the
     * same model were posted before.
     */
    async post(
      asked: SubjectToEvaluate,
      holdout: HoldoutVersion,
      metrics: ReadonlyMap<string, number>,
      actor: string,
    ): Promise<{ evaluation: Evaluation; isNew: boolean }> {
      const evaluator = externalEvaluatorOf(metrics);
      return storage.write(function* () {
        const posted = { evaluator, status: 'succeeded', position: 0, external: true, actor } as const;
        const isNew = yield* add(asked, holdout, posted);
        const found = yield* store.findByDigests(dialect, [asked.digest], holdout.digest, evaluator);
        const { evaluationNo, evaluationId } = found.find((each) => each.evaluator === evaluator)!;
        yield* store.addSubject(evaluationNo, asked);
        if (isNew) yield* progress.setPosted(evaluationNo, metrics, clock());
        return { evaluation: yield* getEvaluation(evaluationId), isNew };
      });
    },

    /**
     * Asks for evaluations of `subjects` on a holdout, the first of them first, and answers with the one that counts for
     * each, in the same order. What was evaluated, failed or waits already is not asked for again.
     */
    async request(
      subjects: readonly SubjectToEvaluate[],
      holdout: HoldoutVersion,
      metricFunctions: readonly MetricFunction[],
      actor = 'cellar',
    ): Promise<Evaluation[]> {
      const evaluator = evaluatorOf(metricFunctions);
      const digests = [...new Set(subjects.map(({ digest }) => digest))];
      return storage.write(function* () {
        const before = yield* findEvaluations(digests, holdout.digest, evaluator);
        const fresh = subjects.filter(({ digest }) => !before.has(digest));
        if (fresh.length > 0 && metricFunctions.length > 0) yield* store.saveEvaluator(evaluator, metricFunctions);
        for (const asked of fresh)
          yield* add(asked, holdout, {
            evaluator,
            status: 'pending',
            position: subjects.indexOf(asked),
            external: false,
            actor,
          });
        const found = yield* findEvaluations(digests, holdout.digest, evaluator);
        for (const [position, asked] of subjects.entries()) {
          const { evaluationNo } = found.get(asked.digest)!;
          yield* store.addSubject(evaluationNo, asked);
          yield* progress.bringForward(evaluationNo, position);
        }
        if (fresh.length > 0) yield* afterCommit(onPending);
        return subjects.map(({ digest }) => found.get(digest)!);
      });
    },

    /** Asks for a failed evaluation once more. RESOURCE_CONFLICT when it has not failed. */
    async retry(evaluationId: string): Promise<Evaluation> {
      return storage.write(function* () {
        const evaluation = yield* getEvaluation(evaluationId);
        if (evaluation.status !== 'failed')
          throw new AppError(
            'RESOURCE_CONFLICT',
            `The evaluation ${evaluationId} is ${evaluation.status}: only a failed one is made again.`,
          );
        yield* progress.requeue(evaluation.evaluationNo);
        yield* afterCommit(onPending);
        return yield* getEvaluation(evaluationId);
      });
    },

    /** The next one that waits, now running in this job; undefined when none waits. */
    async claim(jobId: string): Promise<ClaimedEvaluation | undefined> {
      return storage.write(function* () {
        for (;;) {
          const next = yield* progress.findNextPending();
          if (next === undefined) return undefined;
          if (!(yield* progress.setRunning(next.evaluation_no, jobId, clock()))) continue;
          const evaluation = yield* getEvaluation(next.evaluation_id);
          return { evaluation, metricFunctions: yield* store.metricFunctionsOf(evaluation.evaluator) };
        }
      });
    },

    /** Whether something waits. */
    hasPending: (): Promise<boolean> =>
      storage.read(function* () {
        return (yield* progress.findNextPending()) !== undefined;
      }),

    /** Notes the MLflow run that shows an evaluation. */
    setRun: (evaluationNo: number, runId: string) => storage.write(() => progress.setRun(evaluationNo, runId)),

    /** The evaluation at its end; undefined when it does not run in that job any more, and nothing was written. */
    settle: (evaluation: Evaluation, jobId: string, end: progress.EvaluationResult | EvaluationError) =>
      storage.write(function* () {
        const { evaluationNo, evaluationId } = evaluation;
        const isOurs =
          'metrics' in end
            ? yield* progress.setSucceeded(evaluationNo, jobId, end, clock())
            : yield* progress.setFailed(evaluationNo, jobId, end, clock());
        return isOurs ? yield* getEvaluation(evaluationId) : undefined;
      }),

    /** One that runs in this job waits again, as if it had not begun. */
    release: ({ evaluationNo }: Evaluation, jobId: string) =>
      storage.write(() => progress.release(evaluationNo, jobId)),

    /** The jobs in which evaluations run, as far as is written down. */
    jobsUnderWay: () => storage.read(progress.jobsUnderWay),

    /** Those that run in a job that has ended wait again; answers with how many. */
    async requeueLost(jobIds: readonly string[]): Promise<number> {
      if (jobIds.length === 0) return 0;
      return storage.write(() => progress.requeueOfJobs(dialect, jobIds, clock()));
    },

    /** Those that failed for want of a Python wait again: there may be one now. */
    requeueWithoutPython: (): Promise<number> => storage.write(progress.requeueWithoutPython),

    list: (filter: store.EvaluationFilter): Promise<Evaluation[]> =>
      storage.read(() => store.listEvaluations(dialect, filter)),

    async countUnsettled(evaluationIds: readonly string[]): Promise<number> {
      return storage.read(function* () {
        const found = yield* store.findEvaluationsById(dialect, evaluationIds);
        return found.filter(({ status }) => status === 'pending' || status === 'running').length;
      });
    },
  };
}

export interface ClaimedEvaluation {
  readonly evaluation: Evaluation;
  readonly metricFunctions: readonly MetricFunction[];
}
