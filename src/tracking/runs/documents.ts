import { BoundedCache } from '../../bounded-cache.ts';
import type { Keys } from '../../storage/keys.ts';
import { afterCommit, type Storage, type Tx, values } from '../../storage/storage.ts';
import { listRuns, type RunRow } from './store.ts';
import { presentRunInfo } from './wire.ts';

/** Characters of rendered runs that are kept in memory. */
const rememberedCharacters = 12 * 1024 * 1024;

/**
 * Runs as the JSON of the wire. Rendering one costs more than finding it, so the text is kept until the run changes;
 * only where this process is the only writer.
 */
export interface RunDocuments {
  /** The JSON of each run, in the order of `runNos`. */
  render(runNos: readonly number[]): Tx<string[]>;
  /** To be called by every transaction that changes a run or anything that belongs to it. */
  forget(runNo: number): Tx<void>;
  forgetAll(): Tx<void>;
}

export function runDocuments(storage: Storage, keys: Keys): RunDocuments {
  const { dialect, exclusive } = storage;
  const kept = new BoundedCache<number, string>(rememberedCharacters, (text) => text.length);

  return {
    *render(runNos) {
      const missing = exclusive ? runNos.filter((runNo) => !kept.has(runNo)) : runNos;
      const fresh = missing.length > 0 ? yield* renderRuns(missing) : new Map<number, string>();
      const texts = runNos.map((runNo) => fresh.get(runNo) ?? kept.get(runNo) ?? '');
      if (exclusive) for (const [runNo, text] of fresh) kept.set(runNo, text);
      return texts;
    },
    *forget(runNo) {
      if (exclusive) yield* afterCommit(() => kept.delete(runNo));
    },
    *forgetAll() {
      if (!exclusive) return;
      yield* afterCommit(() => kept.clear());
    },
  };

  function* renderRuns(runNos: readonly number[]): Tx<Map<number, string>> {
    const list = dialect.list(runNos);
    const of = (columns: string, from: string, tail = '') =>
      `select ${columns} from ${from} where ${dialect.isAnyOf('run_no', runNos)} ${tail}`;

    const parts = new Map((yield* listRuns(dialect, runNos)).map((row) => [row.run_no, new RunParts(row)]));
    const metrics = yield* values<[number, number, number, number, number, number]>(
      of('run_no, key_id, value, is_nan, ts, step', 'latest_metrics'),
      [list],
    );
    const params = yield* values<[number, number, string]>(of('run_no, key_id, value', 'params'), [list]);
    const tags = yield* values<[number, number, string]>(of('run_no, key_id, value', 'tags'), [list]);
    const datasets = yield* values<[number, number, string, string, string, string, string | null, string | null]>(
      `select rd.run_no, d.dataset_no, d.name, d.digest, d.source_type, d.source, d.schema, d.profile
       from run_datasets rd join datasets d on d.dataset_no = rd.dataset_no
       where ${dialect.isAnyOf('rd.run_no', runNos)} order by rd.run_no, rd.position, d.dataset_no`,
      [list],
    );
    const datasetTags =
      datasets.length === 0
        ? []
        : yield* values<[number, number, string, string]>(
            of('run_no, dataset_no, key, value', 'run_dataset_tags', 'order by run_no, dataset_no, key'),
            [list],
          );
    const inputs = yield* values<[number, string]>(of('run_no, model_id', 'run_model_inputs'), [list]);
    const outputs = yield* values<[number, string, number]>(of('run_no, model_id, step', 'run_model_outputs'), [list]);

    const names = yield* keys.namesOf(keyIds(metrics, params, tags));
    const nameOf = (keyId: number) => JSON.stringify(names.get(keyId));
    for (const [runNo, keyId, value, isNan, ts, step] of metrics)
      parts.get(runNo)?.metrics.push(metricText(nameOf(keyId), value, isNan, ts, step));
    for (const [runNo, keyId, value] of params)
      parts.get(runNo)?.params.push(`{"key":${nameOf(keyId)},"value":${JSON.stringify(value)}}`);
    for (const [runNo, keyId, value] of tags)
      parts.get(runNo)?.tags.push(`{"key":${nameOf(keyId)},"value":${JSON.stringify(value)}}`);
    for (const [runNo, datasetNo, name, digest, sourceType, source, schema, profile] of datasets) {
      const own = datasetTags.filter((tag) => tag[0] === runNo && tag[1] === datasetNo);
      parts.get(runNo)?.datasets.push(
        JSON.stringify({
          ...(own.length > 0 && { tags: own.map(([, , key, value]) => ({ key, value })) }),
          dataset: {
            name,
            digest,
            source_type: sourceType,
            source,
            schema: schema ?? undefined,
            profile: profile ?? undefined,
          },
        }),
      );
    }
    for (const [runNo, modelId] of inputs) parts.get(runNo)?.modelInputs.push(JSON.stringify({ model_id: modelId }));
    for (const [runNo, modelId, step] of outputs)
      parts.get(runNo)?.modelOutputs.push(JSON.stringify({ model_id: modelId, step }));
    return new Map([...parts].map(([runNo, part]) => [runNo, part.text()]));
  }
}

class RunParts {
  readonly row: RunRow;
  readonly metrics: string[] = [];
  readonly params: string[] = [];
  readonly tags: string[] = [];
  readonly datasets: string[] = [];
  readonly modelInputs: string[] = [];
  readonly modelOutputs: string[] = [];
  constructor(row: RunRow) {
    this.row = row;
  }
  text(): string {
    const data = object({ metrics: this.metrics, params: this.params, tags: this.tags });
    const inputs = object({ dataset_inputs: this.datasets, model_inputs: this.modelInputs });
    const outputs = object({ model_outputs: this.modelOutputs });
    return `{"info":${JSON.stringify(presentRunInfo(this.row))},"data":${data},"inputs":${inputs},"outputs":${outputs}}`;
  }
}

/** An object of lists, without the empty ones. */
function object(lists: Record<string, string[]>): string {
  const filled = Object.entries(lists).filter(([, items]) => items.length > 0);
  return `{${filled.map(([name, items]) => `"${name}":[${items.join(',')}]`).join(',')}}`;
}

function* keyIds(...tables: (readonly (readonly [number, number, ...unknown[]])[])[]): Generator<number> {
  for (const table of tables) for (const row of table) yield row[1];
}

/** A metric point; `name` is JSON already. A NaN is stored as a flag and travels as the text "NaN". */
export function metricText(name: string, value: number, isNan: number, ts: number, step: number): string {
  return `{"key":${name},"value":${isNan === 1 ? '"NaN"' : value},"timestamp":${ts},"step":${step}}`;
}
