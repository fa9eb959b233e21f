import type { FastifyBaseLogger } from 'fastify';
import { AppError } from '../../errors.ts';
import type { Tracking } from '../../tracking/service.ts';
import type { Evaluation, EvaluationError } from './evaluation.ts';
import type { EvaluationResult } from './progress-store.ts';

const experimentName = 'cellar/evaluations';

export interface RunRecordOptions {
  readonly tracking: Pick<Tracking, 'experiments' | 'runs' | 'log'>;
  readonly clock: () => number;
  readonly logger: Pick<FastifyBaseLogger, 'warn'>;
}

export type RunRecord = ReturnType<typeof runRecord>;

/**
 * Shows evaluations as MLflow runs of the experiment `cellar/evaluations`. They are for people: where they cannot be
 * written, such as when somebody has deleted the experiment, the evaluation goes on without one.
 */
export function runRecord({ tracking, clock, logger }: RunRecordOptions) {
  async function tried<T>(evaluationId: string, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      logger.warn({ err: error, evaluationId }, 'an evaluation could not be shown as a run');
      return undefined;
    }
  }

  async function experimentId(): Promise<string> {
    try {
      return String(await tracking.experiments.create({ name: experimentName, artifactLocation: undefined, tags: [] }));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'RESOURCE_ALREADY_EXISTS') throw error;
      return String((await tracking.experiments.getByName(experimentName)).id);
    }
  }

  return {
    /** The run that shows an evaluation, now running; made when it has none. */
    begin: (evaluation: Evaluation): Promise<string | undefined> =>
      tried(evaluation.evaluationId, async () => {
        const { runId, label, actor, startTime } = evaluation;
        if (runId !== null) {
          await tracking.runs.update({ runId, status: 'RUNNING', endTime: undefined, runName: undefined });
          return runId;
        }
        const created = await tracking.runs.create({
          experimentId: await experimentId(),
          userId: actor,
          runName: `${label} on ${holdoutOf(evaluation)}`,
          startTime: startTime ?? clock(),
          tags: tagsOf(evaluation),
        });
        return (JSON.parse(created) as { info: { run_id: string } }).info.run_id;
      }),

    /** Logs to that run how the evaluation went; once more changes nothing. */
    async end(evaluation: Evaluation, runId: string, end: EvaluationResult | EvaluationError): Promise<void> {
      await tried(evaluation.evaluationId, async () => {
        const timestamp = clock();
        const isSuccess = 'metrics' in end;
        const metrics = isSuccess ? [...figuresOf(end)] : [];
        await tracking.log.logBatch({
          runId,
          metrics: metrics.map(([key, value]) => ({ ...unattached, key, value, timestamp })),
          params: paramsOf(evaluation),
          tags: isSuccess ? [] : [{ key: 'cellar.error', value: `${end.type}: ${end.message}` }],
        });
        const status = isSuccess ? 'FINISHED' : 'FAILED';
        await tracking.runs.update({ runId, status, endTime: timestamp, runName: undefined });
      });
    },
  };
}

const unattached = { step: 0, modelId: undefined, datasetName: undefined, datasetDigest: undefined };

const holdoutOf = ({ holdout }: Evaluation) => `${holdout.name}@${holdout.version}`;

const paramsOf = (evaluation: Evaluation) => [
  { key: 'model', value: evaluation.label },
  { key: 'holdout', value: holdoutOf(evaluation) },
  { key: 'holdout_digest', value: evaluation.holdout.digest },
  { key: 'artifact_digest', value: evaluation.artifactDigest },
  { key: 'evaluator', value: evaluation.evaluator },
];

const tagsOf = ({ evaluationId, sourceRunId, modelId, location, external }: Evaluation) =>
  Object.entries({
    'mlflow.source.name': 'cellar',
    'cellar.evaluation': evaluationId,
    'cellar.model_location': location,
    ...(sourceRunId !== null && { 'cellar.source_run': sourceRunId }),
    ...(modelId !== null && { 'cellar.logged_model': modelId }),
    ...(external && { 'cellar.external': 'true' }),
  }).map(([key, value]) => ({ key, value }));

function* figuresOf(result: EvaluationResult): Generator<[string, number]> {
  yield* result.metrics;
  const { latency, sizeBytes } = result;
  if (sizeBytes !== null) yield ['size_bytes', sizeBytes];
  if (latency === null) return;
  yield ['latency_row_p50_ms', latency.rowP50Ms];
  yield ['latency_row_p95_ms', latency.rowP95Ms];
  yield ['latency_batch_p50_ms', latency.batchP50Ms];
  yield ['latency_batch_p95_ms', latency.batchP95Ms];
}
