import { backgroundBatch } from './background-batch.ts';
import type { CellarClient } from './cellar-client.ts';
import { CellarError } from './errors.ts';
import type { LoggedModel } from './logged-models.ts';
import type { DatasetUse, MetricOptions } from './logging.ts';
import type { RunInfo, RunStatus } from './runs.ts';
import type { CallOptions, Content } from './transport.ts';
import type { Values } from './wire.ts';

export interface LogModel {
  readonly name: string;
  /** Paths in the model and what they hold. */
  readonly files: Readonly<Record<string, Content>>;
  readonly modelType?: string | undefined;
  /** The run's own params unless given. */
  readonly params?: Values | undefined;
  readonly tags?: Values | undefined;
  readonly step?: number | undefined;
}

/** A run that is being written. Metrics, params and tags are sent in the background; the rest when it is awaited. */
export type ActiveRun = ReturnType<typeof activeRun>;

export interface ActiveRunOptions {
  readonly client: CellarClient;
  readonly info: RunInfo;
  readonly clock: () => number;
  readonly onEnd: () => void;
}

export function activeRun({ client, info, clock, onEnd }: ActiveRunOptions) {
  const { runId } = info;
  const queue = backgroundBatch({ send: (batch) => client.logBatch(runId, batch) });
  let status: RunStatus | undefined;
  let ending: Promise<void> | undefined;
  let closed = false;

  function mustBeOpen(): void {
    if (status !== undefined)
      throw new CellarError('INVALID_STATE', `The run '${runId}' has ended with status ${status}: log before that.`);
  }

  function logMetric(key: string, value: number, given: MetricOptions = {}): void {
    mustBeOpen();
    const metric = { ...given, key, value, step: given.step ?? 0, timestamp: given.timestamp ?? clock() };
    queue.add({ kind: 'metric', metric });
  }

  function logParam(key: string, value: string | number | boolean): void {
    mustBeOpen();
    queue.add({ kind: 'param', key, value: String(value) });
  }

  function setTag(key: string, value: string | number | boolean): void {
    mustBeOpen();
    queue.add({ kind: 'tag', key, value: String(value) });
  }

  async function endAs(ended: RunStatus): Promise<void> {
    let refused: unknown;
    try {
      await queue.flush();
    } catch (error) {
      // The server gives no answer: the run stays open, so that a later end can still send what is left.
      if (queue.size() > 0) throw error;
      refused = error;
    }
    await client.updateRun(runId, { status: ended, endTime: clock() });
    closed = true;
    onEnd();
    if (refused !== undefined) throw refused;
  }

  return {
    runId,
    info,
    client,
    logMetric,
    logParam,
    setTag,

    /** All at the same step and time. */
    logMetrics(metrics: Readonly<Record<string, number>>, given: MetricOptions = {}): void {
      const timestamp = given.timestamp ?? clock();
      for (const [key, value] of Object.entries(metrics)) logMetric(key, value, { ...given, timestamp });
    },

    logParams(params: Values): void {
      for (const [key, value] of Object.entries(params)) logParam(key, value);
    },

    setTags(tags: Values): void {
      for (const [key, value] of Object.entries(tags)) setTag(key, value);
    },

    /** Sends what is waiting. Rejects with the first value that the server refused, or when it gives no answer. */
    flush: () => queue.flush(),

    async deleteTag(key: string): Promise<void> {
      await queue.flush();
      await client.deleteTag(runId, key);
    },

    /** Uploads a local file into a folder of the run's artifacts, its root unless given. */
    async logArtifact(file: string, folder?: string): Promise<void> {
      const { uploadFile } = await import('./artifact-files.ts');
      await uploadFile(client, info, file, folder);
    },

    /** Uploads what is in a local directory into a folder of the run's artifacts, its root unless given. */
    async logArtifacts(directory: string, folder?: string): Promise<void> {
      const { uploadDirectory } = await import('./artifact-files.ts');
      await uploadDirectory(client, info, directory, folder);
    },

    logText: (text: string, path: string, options?: CallOptions) => client.uploadArtifact(info, path, text, options),

    /** Writes a value as JSON. */
    logDict: (value: unknown, path: string, options?: CallOptions) =>
      client.uploadArtifact(info, path, `${JSON.stringify(value, undefined, 2)}\n`, options),

    /** Says that the run used a data set, `context` for what, such as 'training'. */
    logInput: (dataset: DatasetUse, context = dataset.context, options?: CallOptions) =>
      client.logInputs(runId, { datasets: [{ ...dataset, context }] }, options),

    /**
     * Logs a model of its own (MLflow 3) with its files, as an output of this run. It is READY when this resolves; when
     * a file cannot be uploaded it is marked UPLOAD_FAILED.
     */
    async logModel(model: LogModel): Promise<LoggedModel> {
      await queue.flush();
      const params = model.params ?? Object.fromEntries((await client.getRun(runId)).params);
      const logged = await client.createLoggedModel(info.experimentId, {
        name: model.name,
        modelType: model.modelType,
        sourceRunId: runId,
        params,
        tags: model.tags,
      });
      try {
        await client.logOutputs(runId, [{ modelId: logged.modelId, step: model.step ?? 0 }]);
        for (const [path, content] of Object.entries(model.files)) await client.uploadArtifact(logged, path, content);
      } catch (error) {
        // The first failure says more than that the mark could not be set either.
        await client.finalizeLoggedModel(logged.modelId, 'UPLOAD_FAILED').catch(() => undefined);
        throw error;
      }
      return client.finalizeLoggedModel(logged.modelId, 'READY');
    },

    /**
     * Flushes and ends the run. Rejects with what flush would reject with: the run has ended then too, unless the server
     * gave no answer, in which case it can be ended again. Ending a run that has ended does nothing.
     */
    async end(ended: RunStatus = 'FINISHED'): Promise<void> {
      if (closed) return;
      status ??= ended;
      ending ??= endAs(status).finally(() => {
        ending = undefined;
      });
      await ending;
    },
  };
}
