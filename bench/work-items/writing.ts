import type { Timed } from '../subject.ts';
import type { WorkItem } from './work-item.ts';

const poolBounds = { least: 30, most: 3000 };

export const logMetric: WorkItem = {
  name: 'W1',
  what: '`runs/log-metric`: one metric a request, a run for each connection',
  others: ['fasttrackml'],
  async *run(subject) {
    for (const connections of [1, 16])
      yield* subject.timed(
        `W1 log-metric c${connections}`,
        { job: 'log-metric', connections, experiment: await subject.experiment(`w1-${connections}`) },
        { rate: 'req/s' },
      );
  },
};

export const logBatch: WorkItem = {
  name: 'W2',
  what: '`runs/log-batch`: 1,000 metrics (10 keys, 100 steps); 900 metrics and 100 params, a new run each time',
  others: ['fasttrackml'],
  async *run(subject) {
    const kind: Timed = { rate: 'items/s', items: true };
    for (const connections of [1, 8]) {
      const experiment = await subject.experiment(`w2-${connections}`);
      const outcome = yield* subject.timed(
        `W2 log-batch 1000m c${connections}`,
        { job: 'log-batch', connections, metrics: 1000, experiment },
        kind,
      );
      // The new runs are made before the measure, as many as it is likely to use.
      const likely = Math.ceil(outcome.opsPerS * subject.sizes.seconds);
      yield* subject.timed(
        `W2 log-batch 900m+100p c${connections}`,
        {
          job: 'log-batch',
          connections,
          metrics: 900,
          params: 100,
          maxOps: Math.min(poolBounds.most, Math.max(poolBounds.least, likely)),
          warmUpSeconds: 0,
          experiment,
        },
        { ...kind, withoutCpu: true },
      );
    }
  },
};

export const lifecycle: WorkItem = {
  name: 'W3',
  what: 'create a run, `log-batch` (10 params, 10 metrics, 5 tags), finish it',
  others: ['fasttrackml'],
  async *run(subject) {
    const experiment = await subject.experiment('w3');
    yield* subject.timed(
      'W3 run lifecycle c8',
      { job: 'lifecycle', connections: 8, minOps: 8, experiment },
      { rate: 'runs/s' },
    );
  },
};
