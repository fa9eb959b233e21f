import { type Asker, artifacts, Refused, type Reply } from './ask.ts';
import type { Findings } from './fault.ts';
import { batchRows, batchThird, contentOf, type Ledger } from './load.ts';

export interface Comparison {
  /** Writes that were acknowledged, and are there or were missed. */
  acknowledged: number;
  lost: number;
  doubled: number;
  /** Batches of which neither no row nor every row is there. */
  half: number;
  /** Files that can be listed or read and are not what was sent. */
  partial: number;
  /** Writes without an answer that were done all the same: nothing forbids them. */
  unanswered: number;
}

/** Looks for everything that the ledger says was acknowledged, and for what must not be there. */
export async function compare(asker: Asker, ledger: Ledger): Promise<Comparison> {
  const found: Comparison = { acknowledged: 0, lost: 0, doubled: 0, half: 0, partial: 0, unanswered: 0 };
  const count = (acknowledged: boolean, there: boolean) => {
    if (acknowledged) found.acknowledged++;
    if (acknowledged && !there) found.lost++;
    if (!acknowledged && there) found.unanswered++;
  };
  await compareRuns(asker, ledger, found, count);
  await compareMetrics(asker, ledger, found, count);
  await compareBatches(asker, ledger, found, count);
  for (const { run, tried, kept } of ledger.tags) {
    const { tags = [] } = await dataOf(asker, run);
    const value = Number(tags.find((tag) => tag.key === 'counter')?.value ?? 0);
    found.acknowledged += kept;
    if (value < kept || value > tried) found.lost++;
  }
  await compareVersions(asker, ledger, found, count);
  await compareArtifacts(asker, ledger, found, count);
  return found;
}

export function sum(comparisons: readonly Comparison[]): Comparison {
  const total: Comparison = { acknowledged: 0, lost: 0, doubled: 0, half: 0, partial: 0, unanswered: 0 };
  for (const each of comparisons) for (const key of Object.keys(total) as (keyof Comparison)[]) total[key] += each[key];
  return total;
}

/** Tells the figures of a comparison and demands that nothing is lost, doubled, half there or partial. */
export function demandWhole(findings: Findings, found: Comparison): void {
  findings.figure('acknowledged writes', found.acknowledged);
  findings.figure('lost', found.lost);
  findings.figure('doubled', found.doubled);
  findings.figure('half batches', found.half);
  findings.figure('partial artifacts', found.partial);
  findings.figure('done without an answer', found.unanswered);
  findings.demand(found.acknowledged > 0, 'The load wrote nothing, so nothing was shown.');
  findings.demand(found.lost === 0, `${found.lost} acknowledged writes are lost.`);
  findings.demand(found.doubled === 0, `${found.doubled} writes were made twice.`);
  findings.demand(found.half === 0, `${found.half} batches are half written.`);
  findings.demand(found.partial === 0, `${found.partial} artifacts are partial.`);
}

type Count = (acknowledged: boolean, there: boolean) => void;

/** The reply, or an empty one when what was asked for is not there: then everything in it is lost. */
async function orNothing(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof Refused && error.answer.status === 404) return {};
    throw error;
  }
}

async function dataOf(asker: Asker, run: string): Promise<NonNullable<Reply['run']>['data']> {
  return (await orNothing(asker.get('runs/get', { run_id: run }))).run?.data ?? {};
}

async function compareRuns(asker: Asker, ledger: Ledger, found: Comparison, count: Count): Promise<void> {
  const ids = new Map<string, string>();
  const search = { experiment_ids: [ledger.experiment], max_results: 1000 };
  for await (const { runs = [] } of asker.pages((token) =>
    asker.post('runs/search', { ...search, ...(token !== '' && { page_token: token }) }),
  ))
    for (const { info } of runs) {
      if (ids.has(info.run_name)) found.doubled++;
      ids.set(info.run_name, info.run_id);
    }
  for (const { name, id } of ledger.runs)
    count(id !== undefined, ids.has(name) && (id === undefined || ids.get(name) === id));
}

async function stepsOf(asker: Asker, run: string, key: string): Promise<number[]> {
  const steps: number[] = [];
  for await (const { metrics = [] } of asker.pages((token) =>
    orNothing(
      asker.get('metrics/get-history', {
        run_id: run,
        metric_key: key,
        max_results: '20000',
        ...(token !== '' && { page_token: token }),
      }),
    ),
  ))
    steps.push(...metrics.map((point) => point.step));
  return steps;
}

function grouped<T extends { readonly run: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.run);
    if (group === undefined) groups.set(row.run, [row]);
    else group.push(row);
  }
  return groups;
}

async function compareMetrics(asker: Asker, ledger: Ledger, found: Comparison, count: Count): Promise<void> {
  for (const [run, attempts] of grouped(ledger.metrics)) {
    const steps = await stepsOf(asker, run, 'loss');
    const there = new Set(steps);
    found.doubled += steps.length - there.size;
    for (const { step, kept } of attempts) count(kept, there.has(step));
  }
}

async function compareBatches(asker: Asker, ledger: Ledger, found: Comparison, count: Count): Promise<void> {
  for (const [run, attempts] of grouped(ledger.batches)) {
    const { params = [], tags = [] } = await dataOf(asker, run);
    const steps = await stepsOf(asker, run, 'batched');
    const rows = new Map<number, number>();
    const add = (number: number) => rows.set(number, (rows.get(number) ?? 0) + 1);
    for (const { key } of [...params, ...tags]) if (/^\d+\.\d+$/.test(key)) add(Number(key.split('.')[0]));
    for (const step of steps) add(Math.floor(step / batchThird));
    for (const { number, kept } of attempts) {
      const there = rows.get(number) ?? 0;
      if (there !== 0 && there !== batchRows) found.half++;
      count(kept, there === batchRows);
    }
  }
}

async function compareVersions(asker: Asker, ledger: Ledger, found: Comparison, count: Count): Promise<void> {
  const sources = new Map<string, string>();
  const numbers = new Set<number>();
  for await (const { model_versions: versions = [] } of asker.pages((token) =>
    asker.get('model-versions/search', {
      filter: `name='${ledger.model}'`,
      max_results: '10000',
      ...(token !== '' && { page_token: token }),
    }),
  ))
    for (const { version, source } of versions) {
      if (sources.has(source) || numbers.has(Number(version))) found.doubled++;
      sources.set(source, version);
      numbers.add(Number(version));
    }
  // Numbers without a gap: the highest is their count.
  const highest = Math.max(0, ...numbers);
  found.lost += highest - numbers.size;
  for (const { source, version } of ledger.versions)
    count(version !== undefined, sources.has(source) && (version === undefined || sources.get(source) === version));
}

async function compareArtifacts(asker: Asker, ledger: Ledger, found: Comparison, count: Count): Promise<void> {
  const listing = await asker.ask('GET', `${artifacts}?path=${ledger.folder}`);
  const sizes = new Map((listing.files ?? []).map((file) => [`${ledger.folder}/${file.path}`, Number(file.file_size)]));
  for (const { path, size, kept } of ledger.artifacts) {
    const answer = await asker.send('GET', `${artifacts}/${path}`);
    const readable = answer.status === 200;
    const whole = readable && answer.body.equals(contentOf(path, size));
    if ((readable && !whole) || readable !== sizes.has(path) || (readable && sizes.get(path) !== size)) found.partial++;
    sizes.delete(path);
    count(kept, whole);
  }
  // Whatever else is listed was never sent under that name.
  found.partial += sizes.size;
}
