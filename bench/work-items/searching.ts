import { api } from '../subject.ts';
import type { WorkItem } from './work-item.ts';

const pages = 50;
const path = `${api}/runs/search`;
const kind = { quantiles: ['p50', 'p95'] } as const;

export const searchRuns: WorkItem = {
  name: 'W4',
  what: 'the runs of W3 in number, then `runs/search`: first page of 100; metric and param filter by metric; tag LIKE; 50 pages',
  others: ['fasttrackml'],
  async *run(subject) {
    const experiment = await subject.experiment('w4');
    await subject.seed('W4 runs', 'runs', subject.sizes.runs, experiment);
    yield;
    const first = { experiment_ids: [experiment], max_results: 100 };
    const filtered = {
      ...first,
      filter: "metrics.F1 > 0.9 and params.n_estimators = '100'",
      order_by: ['metrics.F1 DESC'],
    };
    const like = { ...first, filter: "tags.note LIKE '%drift%'" };
    const request = (body: object) => ({
      job: 'request',
      method: 'POST',
      path,
      body: JSON.stringify(body),
      expect: '"runs"',
    });

    for (const [name, body] of [
      ['a first page', first],
      ['b filter+order', filtered],
      ['c tag LIKE', like],
    ] as const) {
      const { runs } = await subject.call('POST', path, body);
      subject.figure(`W4 ${name} runs in answer`, 'n', Array.isArray(runs) ? runs.length : 0);
      yield* subject.timed(`W4 ${name} c1`, { ...request(body), minOps: 10 }, kind);
    }
    for (let i = 0; i < subject.sizes.repetitions; i++) {
      const job = { job: 'walk', body: JSON.stringify(first), pages };
      const { outcome, conditions } = await subject.drive('W4 d walk', job);
      subject.figure('W4 d 50 pages', 's', outcome.seconds, conditions);
      subject.figure('W4 d last page', 'ms', outcome.eachMs!.at(-1)!, conditions);
      if (outcome.distinctRuns !== outcome.items)
        subject.note(`W4 d: ${outcome.items} runs on ${outcome.ops} pages, but ${outcome.distinctRuns} distinct ones.`);
      yield;
    }
    yield* subject.timed(
      'W4 e filter+order c8',
      { ...request(filtered), connections: 8, minOps: 16 },
      { rate: 'req/s', ...kind },
    );
  },
};
