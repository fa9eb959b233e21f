import { ajax } from '../subject.ts';
import type { WorkItem } from './work-item.ts';

const pointsABatch = 1000;
const intervalPoints = 320;

export const metricHistory: WorkItem = {
  name: 'W5',
  what: 'one metric of many points: written by `log-batch`, read back by pages of 25,000; the sampled interval of the page',
  others: ['fasttrackml'],
  async *run(subject) {
    const experiment = await subject.experiment('w5');
    const written = await subject.drive('W5 write', {
      job: 'history-load',
      experiment,
      connections: 2,
      maxOps: subject.sizes.points / pointsABatch,
    });
    subject.figure('W5 write history c2 rate', 'points/s', written.outcome.itemsPerS, written.conditions);
    subject.figure('W5 points', 'n', written.outcome.items);
    const runId = written.outcome.runId!;
    yield;
    for (let i = 0; i < subject.sizes.repetitions; i++) {
      const { outcome, conditions } = await subject.drive('W5 read', { job: 'history', runId });
      subject.figure('W5 read history', 's', outcome.seconds, conditions);
      subject.figure('W5 read history rate', 'points/s', outcome.itemsPerS, conditions);
      if (outcome.items !== written.outcome.items)
        subject.note(`W5: ${written.outcome.items} points written, ${outcome.items} read back.`);
      yield;
    }
    if (subject.server.product === 'fasttrackml') return;
    const path = `${ajax}/metrics/get-history-bulk-interval?max_results=${intervalPoints}&metric_key=metric_0&run_ids=${runId}`;
    await subject.call('GET', path);
    yield* subject.timed(
      `W5 interval of ${intervalPoints} c1`,
      { job: 'request', method: 'GET', path, expect: '"metrics"', minOps: 5, warmUpSeconds: 0 },
      { quantiles: ['p50', 'p95'] },
    );
  },
};
