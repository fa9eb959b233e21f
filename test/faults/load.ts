import { type Answer, type Asker, artifacts, Refused } from './ask.ts';

/** What was asked for, and whether the server said that it is done. Filled before a request is sent and after its answer. */
export interface Ledger {
  readonly experiment: string;
  readonly model: string;
  readonly folder: string;
  readonly runs: { readonly name: string; id: string | undefined }[];
  readonly metrics: { readonly run: string; readonly step: number; kept: boolean }[];
  readonly batches: { readonly run: string; readonly number: number; kept: boolean }[];
  /** The highest value of a tag that only grows. */
  readonly tags: { readonly run: string; tried: number; kept: number }[];
  readonly versions: { readonly source: string; version: string | undefined }[];
  readonly artifacts: { readonly path: string; readonly size: number; kept: boolean }[];
}

/** One request of the load. */
export interface Exchange {
  readonly sentAt: number;
  readonly endedAt: number;
  /** `lost`: the connection ended without an answer. */
  readonly outcome: 'done' | 'refused' | 'lost';
  readonly answer: Answer | undefined;
}

export const batchRows = 60;
/** A batch is as many metrics as params as tags. */
export const batchThird = batchRows / 3;
const batchesARun = 15;

/** Bytes of an artifact, known from its path and size alone. */
export const contentOf = (path: string, size: number) => Buffer.alloc(size, `${path};`);

/** An experiment, a registered model and the runs that the load writes to. */
export async function prepare(asker: Asker, name: string): Promise<Ledger> {
  const { experiment_id: experiment = '' } = await asker.post('experiments/create', { name });
  await asker.post('registered-models/create', { name });
  return {
    experiment,
    model: name,
    folder: `faults-${name}`,
    runs: [],
    metrics: [],
    batches: [],
    tags: [],
    versions: [],
    artifacts: [],
  };
}

export interface Load {
  readonly exchanges: readonly Exchange[];
  /** How many requests are under way. */
  readonly underWay: number;
  /** Lets every writer finish what it is at. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** What a writer does after a request that failed: give up, or wait so long and go on. */
  readonly afterFailureMs?: number | undefined;
  readonly artifacts?: boolean;
}

/** Thirteen writers on as many connections, each with one request at a time. */
export function startLoad(asker: Asker, ledger: Ledger, options: LoadOptions = {}): Load {
  const exchanges: Exchange[] = [];
  let stopped = false;
  let underWay = 0;

  async function observed(act: () => Promise<void>): Promise<Exchange['outcome']> {
    const sentAt = performance.now();
    const note = (outcome: Exchange['outcome'], answer?: Answer) => {
      exchanges.push({ sentAt, endedAt: performance.now(), outcome, answer });
      return outcome;
    };
    underWay++;
    try {
      await act();
      return note('done');
    } catch (error) {
      return error instanceof Refused ? note('refused', error.answer) : note('lost');
    } finally {
      underWay--;
    }
  }

  async function keepWriting(act: () => Promise<void>): Promise<void> {
    while (!stopped)
      if ((await observed(act)) !== 'done') {
        if (options.afterFailureMs === undefined) return;
        await new Promise((resolve) => setTimeout(resolve, options.afterFailureMs));
      }
  }

  const { one, many } = writers(asker, ledger);
  const acts = [
    ...many(2, one.run),
    ...many(2, one.metric),
    ...many(4, one.batch),
    one.tag(),
    ...many(2, one.version),
    ...(options.artifacts === false ? [] : many(2, one.artifact)),
  ];
  const ends = acts.map(keepWriting);
  return {
    exchanges,
    get underWay() {
      return underWay;
    },
    stop: async () => {
      stopped = true;
      await Promise.all(ends);
    },
  };
}

let tokens = 0;
const token = () => `${process.pid}-${++tokens}`;

/** Makers of writers: each call of what `one` makes is one request, or makes the run that it needs first. */
function writers(asker: Asker, ledger: Ledger) {
  async function createRun(): Promise<string> {
    const attempt: Ledger['runs'][number] = { name: `run-${token()}`, id: undefined };
    ledger.runs.push(attempt);
    const reply = await asker.post('runs/create', {
      experiment_id: ledger.experiment,
      run_name: attempt.name,
      start_time: 1_700_000_000_000,
    });
    attempt.id = reply.run!.info.run_id;
    return attempt.id;
  }

  const one = {
    run: () => async () => {
      await createRun();
    },
    metric: () => {
      let run: string | undefined;
      let step = 0;
      return async () => {
        run ??= await createRun();
        const attempt = { run, step: step++, kept: false };
        ledger.metrics.push(attempt);
        const point = { key: 'loss', value: attempt.step / 2, timestamp: 1_700_000_000_000 + attempt.step };
        await asker.post('runs/log-metric', { run_id: run, step: attempt.step, ...point });
        attempt.kept = true;
      };
    },
    batch: () => {
      let run: string | undefined;
      let number = 0;
      return async () => {
        if (number % batchesARun === 0) run = undefined;
        run ??= await createRun();
        const attempt = { run, number: number++, kept: false };
        ledger.batches.push(attempt);
        await asker.post('runs/log-batch', { run_id: run, ...batch(attempt.number) });
        attempt.kept = true;
      };
    },
    tag: () => {
      let attempt: Ledger['tags'][number] | undefined;
      return async () => {
        if (attempt === undefined) {
          attempt = { run: await createRun(), tried: 0, kept: 0 };
          ledger.tags.push(attempt);
        }
        const value = ++attempt.tried;
        await asker.post('runs/set-tag', { run_id: attempt.run, key: 'counter', value: String(value) });
        attempt.kept = value;
      };
    },
    version: () => async () => {
      const attempt: Ledger['versions'][number] = { source: `s3://models/${token()}`, version: undefined };
      ledger.versions.push(attempt);
      const reply = await asker.post('model-versions/create', { name: ledger.model, source: attempt.source });
      attempt.version = reply.model_version!.version;
    },
    artifact: () => async () => {
      const path = `${ledger.folder}/${token()}.bin`;
      const attempt = { path, size: 1024 + Math.floor(Math.random() * 256 * 1024), kept: false };
      ledger.artifacts.push(attempt);
      const answer = await asker.send('PUT', `${artifacts}/${path}`, contentOf(path, attempt.size));
      if (answer.status !== 200) throw new Refused(`PUT ${path}`, answer);
      attempt.kept = true;
    },
  };
  const many = (count: number, make: () => () => Promise<void>) => Array.from({ length: count }, make);
  return { one, many };
}

/** The rows of a batch bear its number, so that half of it would be seen. */
function batch(number: number) {
  const rows = Array.from({ length: batchThird }, (_, i) => i);
  return {
    metrics: rows.map((i) => ({
      key: 'batched',
      value: i,
      step: number * batchThird + i,
      timestamp: 1_700_000_000_000,
    })),
    params: rows.map((i) => ({ key: `${number}.${i}`, value: `param ${i}` })),
    tags: rows.map((i) => ({ key: `${number}.${i}`, value: `tag ${i}` })),
  };
}
