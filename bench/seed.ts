import { waitingIndex } from '../src/storage/migrations/0009-waiting-index.ts';
import { openStorage } from '../src/storage/open.ts';
import { get, type Insert, insertRows, run, type Storage, type Tx } from '../src/storage/storage.ts';
import { latestRows, metricRows } from '../src/tracking/metrics/store.ts';
import { paramRows, runRows, tagRows } from '../src/tracking/runs/store.ts';

/** What every seeded run holds; keys are shared by all runs. */
export const shape = { params: 10, metrics: 10, tags: 5 } as const;

const tables = {
  runs: runRows,
  metrics: metricRows,
  latest: latestRows,
  params: paramRows,
  tags: tagRows,
} satisfies Record<string, Insert>;

const runsATransaction = 1000;

/** A generator of numbers in [0, 1) that gives every seeding the same data. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Fills the database at `options` with `count` runs of experiment 0, straight through the storage room (through the API
 * it would take minutes), and makes the search indexes afterwards. Returns at once when they are there already, and goes on
 * where a seeding was broken off.
 */
export async function seedRuns(
  options: { dataDir: string; url: string | undefined },
  count: number,
  onProgress: (done: number) => void = () => undefined,
): Promise<void> {
  const storage = await openStorage({ ...options, durability: 'normal' }, Date.now);
  try {
    const present = (await storage.read(() => get<{ n: number }>('select count(*) as n from runs')))?.n ?? 0;
    if (present >= count) return;
    if (present === 0) await storage.write(() => addExperimentAndKeys());
    const random = numbers(7);
    for (let i = 0; i < present * (shape.params + shape.metrics + shape.tags); i++) random();
    const indexes = waitingIndex
      .statements(storage.dialect)
      .filter((statement) => statement.startsWith('create index'));
    for (const index of indexes) await storage.write(() => run(`drop index if exists ${index.split(' ')[2]}`));
    for (let done = present; done < count; done += runsATransaction) {
      const last = Math.min(count, done + runsATransaction);
      await addRuns(storage, done + 1, last, random);
      onProgress(last);
    }
    for (const index of indexes) await storage.write(() => run(index));
    await storage.write(() => run("update counters set value = ? where name = 'run'", [count]));
    // PostgreSQL does so by itself, but not at once; on SQLite the server never does.
    if (storage.dialect.name === 'postgres') await storage.write(() => run('analyze'));
  } finally {
    await storage.close();
  }
}

function* addExperimentAndKeys(): Tx<void> {
  yield* run(`insert into experiments(exp_id, name, artifact_location, deleted, creation_time, last_update_time)
    values (0, 'Default', 'mlflow-artifacts:/0', 0, 0, 0) on conflict do nothing`);
  const names = [
    ...Array.from({ length: shape.metrics }, (_, i) => `metric_${i}`),
    ...Array.from({ length: shape.params }, (_, i) => `param_${i}`),
    ...Array.from({ length: shape.tags }, (_, i) => `tag_${i}`),
  ];
  for (const [i, name] of names.entries()) yield* run('insert into keys(key_id, key) values (?, ?)', [i + 1, name]);
  yield* run("update counters set value = ? where name = 'key'", [names.length]);
}

async function addRuns(storage: Storage, first: number, last: number, random: () => number): Promise<void> {
  const rows: Record<keyof typeof tables, (string | number | null)[][]> = {
    runs: [],
    metrics: [],
    latest: [],
    params: [],
    tags: [],
  };
  for (let no = first; no <= last; no++) {
    const id = no.toString(16).padStart(32, '0');
    const start = 1_700_000_000_000 + no * 1000;
    rows.runs.push([no, id, 0, `run-${no}`, 'bench', 3, start, start + 500, 0, `mlflow-artifacts:/0/${id}/artifacts`]);
    for (let i = 1; i <= shape.metrics; i++) {
      const value = random();
      rows.metrics.push([no, i, 0, start, value, 0]);
      rows.latest.push([no, i, 0, value, 0, start, 0, 1, 1, 1]);
    }
    for (let i = 1; i <= shape.params; i++)
      rows.params.push([no, shape.metrics + i, 0, String(Math.floor(random() * 10 ** (1 + (i % 4)))), 1]);
    for (let i = 1; i <= shape.tags; i++)
      rows.tags.push([no, shape.metrics + shape.params + i, 0, `team-${Math.floor(random() * 50)}`, 1]);
  }
  await storage.write(function* () {
    for (const [name, insert] of Object.entries(tables))
      yield* insertRows({ table: insert.table, columns: insert.columns }, rows[name as keyof typeof tables]);
  });
}
