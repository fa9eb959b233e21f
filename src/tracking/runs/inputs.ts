import { invalid } from '../../errors.ts';
import { checkLength, limits } from '../../names.ts';
import { nextId } from '../../storage/ids.ts';
import { run as execute, get, type Insert, insertRows, type Storage, type Tx } from '../../storage/storage.ts';
import { withValue } from '../experiments/wire.ts';
import type { RunDocuments } from './documents.ts';
import { checkRunId, lockActiveRun } from './log.ts';
import type { RunKey } from './store.ts';
import type { LogInputs, LogOutputs } from './wire.ts';

export interface InputsDeps {
  readonly storage: Storage;
  readonly documents: RunDocuments;
}

export type InputsService = ReturnType<typeof inputsService>;

type DatasetInput = LogInputs['datasets'][number];

const tagRows: Insert = {
  table: 'run_dataset_tags',
  columns: { run_no: 'bigint', dataset_no: 'bigint', key: 'text', value: 'text' },
  onConflict: 'on conflict do nothing',
};
const modelInputRows: Insert = {
  table: 'run_model_inputs',
  columns: { run_no: 'bigint', model_id: 'text' },
  onConflict: 'on conflict do nothing',
};
const modelOutputRows: Insert = {
  table: 'run_model_outputs',
  columns: { run_no: 'bigint', model_id: 'text', step: 'bigint' },
  onConflict: 'on conflict (run_no, model_id) do update set step = excluded.step',
};

/** What went into a run (data sets, models) and which models came out of it. */
export function inputsService({ storage, documents }: InputsDeps) {
  return {
    /**
     * Notes data sets and models as inputs of a run. A data set is known in its experiment by name and digest, and its
     * first description stays; an input that is there already gains the tags that it lacks.
     */
    async logInputs(input: LogInputs): Promise<void> {
      checkRunId(input.runId);
      input.datasets.forEach(checkDataset);
      const datasets = distinct(input.datasets);
      await storage.write(function* () {
        const run = yield* lockActiveRun(storage, input.runId);
        for (const dataset of datasets) yield* addDataset(run, dataset);
        yield* insertRows(
          modelInputRows,
          [...new Set(input.models.map((model) => model.modelId))].map((modelId) => [run.run_no, modelId]),
        );
        yield* documents.forget(run.run_no);
      });
    },

    /** Notes logged models as outputs of a run. Repeating the call is harmless; another step replaces the first. */
    async logOutputs(input: LogOutputs): Promise<void> {
      await storage.write(function* () {
        const run = yield* lockActiveRun(storage, input.runId);
        const steps = new Map(input.models.map((model) => [model.modelId, model.step ?? 0]));
        yield* insertRows(
          modelOutputRows,
          [...steps].map(([modelId, step]) => [run.run_no, modelId, step]),
        );
        yield* documents.forget(run.run_no);
      });
    },
  };

  function* addDataset(run: RunKey, { dataset, tags }: DatasetInput): Tx<void> {
    const known = [run.exp_id, dataset.name, dataset.digest];
    const find = 'select dataset_no from datasets where exp_id = ? and name = ? and digest = ?';
    let row = yield* get<{ dataset_no: number }>(find, known);
    if (row === undefined) {
      yield* execute(
        `insert into datasets(dataset_no, exp_id, name, digest, source_type, source, schema, profile)
         values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
        [
          yield* nextId('dataset'),
          ...known,
          dataset.sourceType ?? '',
          dataset.source ?? '',
          dataset.schema ?? null,
          dataset.profile ?? null,
        ],
      );
      row = yield* get<{ dataset_no: number }>(find, known);
    }
    const datasetNo = row!.dataset_no;
    yield* execute(
      `insert into run_datasets(run_no, dataset_no, position)
       select ?, ?, count(*) from run_datasets where run_no = ? on conflict do nothing`,
      [run.run_no, datasetNo, run.run_no],
    );
    yield* insertRows(
      tagRows,
      tags.map(withValue).map(({ key, value }) => [run.run_no, datasetNo, key, value]),
    );
  }
}

function checkDataset({ dataset, tags }: DatasetInput, i: number): void {
  const at = `datasets[${i}].dataset`;
  checkLength(`Parameter '${at}.name'`, dataset.name, limits.datasetName);
  checkLength(`Parameter '${at}.digest'`, dataset.digest, limits.datasetDigest);
  checkLength(`Parameter '${at}.schema'`, dataset.schema ?? '', limits.datasetSchema);
  checkLength(`Parameter '${at}.source'`, dataset.source ?? '', limits.datasetSource);
  checkLength(`Parameter '${at}.profile'`, dataset.profile ?? '', limits.datasetProfile);
  tags.forEach((tag, j) => {
    checkLength(`Parameter 'datasets[${i}].tags[${j}].key'`, tag.key, limits.inputTagKey);
    checkLength(`Parameter 'datasets[${i}].tags[${j}].value'`, tag.value ?? '', limits.inputTagValue);
  });
  if (new Set(tags.map((tag) => tag.key)).size !== tags.length)
    throw invalid(`Parameter 'datasets[${i}].tags' names a key twice: expected each key once.`);
}

/** Of equal (name, digest) in one request the first counts. */
function distinct(inputs: readonly DatasetInput[]): DatasetInput[] {
  const first = new Map<string, DatasetInput>();
  for (const input of inputs) {
    const identity = JSON.stringify([input.dataset.name, input.dataset.digest]);
    if (!first.has(identity)) first.set(identity, input);
  }
  return [...first.values()];
}
