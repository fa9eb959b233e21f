import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ArtifactStore, copyModel, type LocalArtifactStore, storedFolder } from '../../artifacts/service.ts';
import { AppError } from '../../errors.ts';
import type { Storage } from '../../storage/storage.ts';
import type { HoldoutsService } from '../holdouts/service.ts';
import type { Evaluation, EvaluationError } from './evaluation.ts';
import type { EvaluationResult } from './progress-store.ts';
import type { ClaimedEvaluation } from './queue.ts';
import { metricsOf, type Worker, type WorkerSuccess } from './worker.ts';

const latency = { rowCalls: 50, batchRows: 100, batchCalls: 10 };

export interface MeasureOptions {
  readonly storage: Storage;
  readonly holdouts: Pick<HoldoutsService, 'findHoldoutVersion'>;
  /** Where models lie. */
  readonly models: ArtifactStore;
  /** Where predictions are kept; its scratch folders hold what is being evaluated. */
  readonly systemStore: LocalArtifactStore;
}

/** Where the predictions of an evaluation are kept. */
export const predictionsPath = ({ evaluationId }: Pick<Evaluation, 'evaluationId'>): string =>
  `predictions/${evaluationId}.parquet`;

/**
 * Has a worker score one model. The worker reads a copy whose digest was taken while it was copied, so that what was
 * measured is what the digest says. Answers with what is wrong where the model or the holdout is at fault; rejects with
 * WorkerEnded when the worker is gone.
 */
export async function measure(
  { evaluation, metricFunctions }: ClaimedEvaluation,
  worker: Worker,
  { storage, holdouts, models, systemStore }: MeasureOptions,
): Promise<EvaluationResult | EvaluationError> {
  const { name, version, digest } = evaluation.holdout;
  const holdout = await storage.read(() => holdouts.findHoldoutVersion(name, version));
  if (holdout === undefined || holdout.digest !== digest)
    return { type: 'holdout_missing', message: `The holdout ${name}@${version} is not there any more.` };
  return systemStore.withScratch(async (scratch) => {
    const model = path.join(scratch, 'model');
    const unfit = await fetchModel(models, evaluation, model);
    if (unfit !== undefined) return unfit;
    const functions = [];
    for (const [at, metric] of metricFunctions.entries()) {
      const file = path.join(scratch, `metric-${at}-${path.basename(metric.file)}`);
      await writeFile(file, metric.code);
      functions.push({ name: metric.name, path: file, function: metric.function });
    }
    const predictions = path.join(scratch, 'predictions.parquet');
    const answer = await worker.ask({
      id: evaluation.evaluationId,
      model,
      holdout: { path: holdout.path, target: holdout.target, task: holdout.task },
      metricFunctions: functions,
      predictions,
      latency,
    });
    if (answer.status === 'failed') return answer.error;
    await systemStore.adopt(predictions, predictionsPath(evaluation));
    return resultOf(answer);
  });
}

/** Copies the model, and says what is wrong when it is not the one that was asked for. */
async function fetchModel(
  models: ArtifactStore,
  { location, artifactDigest }: Evaluation,
  target: string,
): Promise<EvaluationError | undefined> {
  let folder: string;
  try {
    folder = storedFolder(location);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      type: 'not_stored_here',
      message: `The model is at ${location}, and only models in this server's own artifact store (mlflow-artifacts:/…) are evaluated.`,
    };
  }
  const copied = await copyModel(models, folder, target);
  if (copied.digest === artifactDigest) return undefined;
  return {
    type: 'artifact_changed',
    message:
      copied.files === 0
        ? `There are no files at ${location}.`
        : `The files at ${location} have changed: their digest is ${copied.digest}, expected ${artifactDigest}.`,
  };
}

function resultOf(answer: WorkerSuccess): EvaluationResult {
  const { latencyMs } = answer;
  return {
    metrics: metricsOf(answer),
    rows: answer.rows,
    classes: answer.classes,
    latency:
      latencyMs === null
        ? null
        : {
            rowP50Ms: latencyMs.row.p50,
            rowP95Ms: latencyMs.row.p95,
            batchP50Ms: latencyMs.batch.p50,
            batchP95Ms: latencyMs.batch.p95,
            batchRows: latencyMs.batch.rows,
          },
    sizeBytes: answer.sizeBytes,
    signature: answer.signature === null ? null : JSON.stringify(answer.signature),
    warnings: answer.warnings,
    hasPredictions: true,
  };
}
