import { randomUUID } from 'node:crypto';
import { invalid, shown } from '../../errors.ts';
import { randomName } from '../../names.ts';
import { idBlocks } from '../../storage/ids.ts';
import type { Keys } from '../../storage/keys.ts';
import type { Storage, Tx } from '../../storage/storage.ts';
import { within } from '../artifact-location.ts';
import { getActiveExperimentRow, parseExperimentId } from '../experiments/service.ts';
import { type KeyValue, withValue } from '../experiments/wire.ts';
import type { MayDelete } from '../may-delete.ts';
import type { RunDocuments } from './documents.ts';
import { noActiveRun, runNameTag } from './log.ts';
import type { SearchIndex } from './search-index.ts';
import * as store from './store.ts';
import { type CreateRun, presentRunInfo, type RunInfo, runStatusNumbers, type UpdateRun } from './wire.ts';

export interface RunsDeps {
  readonly storage: Storage;
  readonly keys: Keys;
  readonly documents: RunDocuments;
  readonly index: SearchIndex;
  readonly mayDelete: MayDelete;
}

export type RunsService = ReturnType<typeof runsService>;

/** The row of a run, active or deleted; RESOURCE_DOES_NOT_EXIST when there is none. */
export function* getRunRow(runId: string): Tx<store.RunRow> {
  const row = yield* store.findRun(runId);
  if (row === undefined) throw noActiveRun(runId, false);
  return row;
}

/** The life of a run; what is logged to it is in `log.ts` and `inputs.ts`. */
export function runsService({ storage, keys, documents, index, mayDelete }: RunsDeps) {
  const nextRunNo = idBlocks(storage, 'run');
  return {
    /** Starts a run in an active experiment (`0` when none is named) and returns its JSON. */
    async create(input: CreateRun): Promise<string> {
      const experimentId = parseExperimentId(input.experimentId || '0');
      const tags = new Map(input.tags.map(withValue).map(({ key, value }: KeyValue) => [key, value]));
      const tagged = tags.get(runNameTag);
      if (input.runName && tagged && input.runName !== tagged)
        throw invalid(
          `Both 'run_name' (${shown(input.runName)}) and the tag '${runNameTag}' (${shown(tagged)}) name the run: give one, or both the same.`,
        );
      const name = input.runName || tagged || randomName();
      tags.set(runNameTag, name);
      const runId = randomUUID().replaceAll('-', '');
      const run = await storage.write(function* () {
        const experiment = yield* getActiveExperimentRow(experimentId);
        const row: store.RunRow = {
          run_no: yield* nextRunNo(),
          run_id: runId,
          exp_id: experiment.exp_id,
          name,
          user_id: input.userId ?? '',
          status: runStatusNumbers.RUNNING,
          start_time: input.startTime ?? 0,
          end_time: null,
          deleted: 0,
          artifact_uri: within(experiment.artifact_location, `${runId}/artifacts`),
        };
        yield* store.insertRun(row);
        const keyed: store.Keyed[] = [];
        for (const [key, value] of tags) keyed.push([yield* keys.idOf(key), value]);
        yield* store.upsertTags(index, row, keyed);
        return row;
      });
      const presentedTags = [...tags].map(([key, value]) => ({ key, value }));
      return JSON.stringify({ info: presentRunInfo(run), data: { tags: presentedTags }, inputs: {} });
    },

    /** The JSON of a run, active or deleted. RESOURCE_DOES_NOT_EXIST when there is none. */
    async get(runId: string): Promise<string> {
      return storage.read(function* () {
        const runNo = yield* store.findRunNo(runId);
        if (runNo === undefined) throw noActiveRun(runId, false);
        return (yield* documents.render([runNo]))[0]!;
      });
    },

    /** Where the artifacts of a run are. RESOURCE_DOES_NOT_EXIST when there is no such run. */
    async artifactUri(runId: string): Promise<string> {
      return storage.read(function* () {
        return (yield* getRunRow(runId)).artifact_uri;
      });
    },

    /** Changes what is given: status (any to any), end time, name (also the tag `mlflow.runName`). */
    async update(input: UpdateRun): Promise<RunInfo> {
      return storage.write(function* () {
        const run = yield* store.updateActiveRun(input.runId, {
          name: input.runName || undefined,
          status: input.status && runStatusNumbers[input.status],
          endTime: input.endTime,
        });
        if (run === undefined) throw noActiveRun(input.runId, (yield* store.findRun(input.runId)) !== undefined);
        if (input.runName) yield* store.upsertTags(index, run, [[yield* keys.idOf(runNameTag), input.runName]]);
        yield* documents.forget(run.run_no);
        return run;
      });
    },

    /**
     * Marks a run deleted; once more changes nothing. RESOURCE_DOES_NOT_EXIST when there is no such run,
     * INVALID_PARAMETER_VALUE while an environment needs a model that came from it.
     */
    async delete(runId: string): Promise<void> {
      await setDeleted(runId, true);
    },

    /** Makes a deleted run active again; also in a deleted experiment. */
    async restore(runId: string): Promise<void> {
      await setDeleted(runId, false);
    },
  };

  async function setDeleted(runId: string, deleted: boolean): Promise<void> {
    await storage.write(function* () {
      const run = yield* getRunRow(runId);
      if (deleted) yield* mayDelete({ runIds: [runId], modelIds: [] });
      yield* store.setRunDeleted(run.run_no, deleted);
      yield* documents.forget(run.run_no);
    });
  }
}
