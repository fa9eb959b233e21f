import type { Job, Outcome } from '../driver.ts';
import type { Conditions } from '../processes.ts';
import { ajax, api, artifacts, type Subject } from '../subject.ts';
import type { WorkItem } from './work-item.ts';

const MiB = 1024 * 1024;
const fileMiB = 16;
const fileNames = 4;

/** Who does what at the same time; figures are of each. */
interface Part {
  readonly name: string;
  readonly rate: string;
  /** Items to one of the unit. */
  readonly scale?: number;
  readonly job: Omit<Job, 'base' | 'prefix'>;
}

export const mixedLoad: WorkItem = {
  name: 'W10',
  what: 'all at once: writers of runs and batches, searches, histories, intervals, artifacts up and down',
  async *run(subject) {
    const experiment = await subject.experiment('w10');
    await subject.seed('W10 runs', 'runs', subject.sizes.mixedRuns, experiment);
    const written = await subject.drive('W10 history', {
      job: 'history-load',
      experiment,
      connections: 2,
      maxOps: subject.sizes.mixedPoints / 1000,
    });
    const base = `${artifacts}/bench-mixed-${subject.nonce}`;
    const file = { size: fileMiB * MiB, files: 1 };
    await subject.drive('W10 file', { job: 'put', path: `${base}/down`, maxOps: 1, ...file });
    const parts = partsOf(experiment, written.outcome.runId!, base);

    for (let i = 0; i < subject.sizes.repetitions; i++) {
      await eventLoopDelayMs(subject);
      const seconds = subject.sizes.mixedSeconds;
      const { outcomes, conditions } = await subject.driveTogether(parts.map(({ job }) => ({ seconds, ...job })));
      const delayMs = await eventLoopDelayMs(subject);
      if (delayMs !== undefined) subject.figure('W10 event-loop delay p99', 'ms', delayMs, conditions);
      for (const [at, part] of parts.entries()) recordPart(subject, part, outcomes[at]!, conditions);
      yield;
    }
  },
};

function partsOf(experiment: string, runId: string, base: string): readonly Part[] {
  const search = {
    experiment_ids: [experiment],
    max_results: 100,
    filter: "metrics.F1 > 0.9 and params.n_estimators = '100'",
    order_by: ['metrics.F1 DESC'],
  };
  const reading = 'metric_key=metric_0&max_results=';
  const get = (path: string) => ({ job: 'request', method: 'GET', path, expect: '"metrics"' });
  return [
    { name: 'runs c4', rate: 'runs/s', job: { job: 'lifecycle', connections: 4, experiment, first: 1_000_000 } },
    {
      name: 'log-batch 1000m c2',
      rate: 'items/s',
      scale: 1,
      job: { job: 'log-batch', connections: 2, metrics: 1000, experiment },
    },
    {
      name: 'searches c2',
      rate: 'req/s',
      job: {
        job: 'request',
        connections: 2,
        method: 'POST',
        path: `${api}/runs/search`,
        body: JSON.stringify(search),
        expect: '"runs"',
      },
    },
    { name: 'histories c1', rate: 'req/s', job: get(`${api}/metrics/get-history?run_id=${runId}&${reading}25000`) },
    {
      name: 'intervals c1',
      rate: 'req/s',
      job: get(`${ajax}/metrics/get-history-bulk-interval?run_ids=${runId}&${reading}320`),
    },
    {
      name: 'uploads c1',
      rate: 'MiB/s',
      scale: MiB,
      job: { job: 'put', path: `${base}/up`, size: fileMiB * MiB, files: fileNames },
    },
    {
      name: 'downloads c1',
      rate: 'MiB/s',
      scale: MiB,
      job: { job: 'get', path: `${base}/down`, size: fileMiB * MiB, files: 1 },
    },
  ];
}

function recordPart(subject: Subject, { name, rate, scale }: Part, outcome: Outcome, conditions: Conditions): void {
  const value = scale === undefined ? outcome.opsPerS : outcome.itemsPerS / scale;
  subject.figure(`W10 ${name} rate`, rate, value, conditions);
  subject.figure(`W10 ${name} p50`, 'ms', outcome.p50Ms, conditions);
  subject.figure(`W10 ${name} p99`, 'ms', outcome.p99Ms, conditions);
}

/** What Cellar says of itself since it was last asked; undefined for others. */
async function eventLoopDelayMs(subject: Subject): Promise<number | undefined> {
  if (subject.server.product !== 'cellar') return undefined;
  const response = await fetch(`${subject.server.url}/metrics`);
  const seconds = /^cellar_event_loop_delay_p99_seconds (\S+)$/m.exec(await response.text())?.[1];
  if (seconds === undefined) throw new Error("Cellar's /metrics does not tell the delay of its event loop.");
  return Number(seconds) * 1000;
}
