import { setTimeout as delay } from 'node:timers/promises';
import { type Asker, artifacts, rest } from './ask.ts';
import { start } from './cellar.ts';
import { type Fault, ms, quantile } from './fault.ts';
import { SlowRequest } from './slow.ts';

const clients = 100;
const pieces = 30;
const pauseMs = 100;
/** The clock of a busy machine is coarse: slower than this and twice as slow as before would be a stall. */
const toleratedMs = 25;

export const slowBodies: Fault = {
  name: 'slow-bodies',
  promise:
    'A hundred clients that send their bodies slowly leave normal requests as quick as they were, and are answered when they are done.',
  measured:
    'Fifty log-batch bodies and fifty artifacts arrive in thirty pieces, one every 100 ms. Meanwhile one client writes metrics and reads its run, as it did before.',
  async run({ main, folder }, findings) {
    const { server, asker } = await start({ main, data: folder });
    const { run } = await asker.post('runs/create', { experiment_id: '0', run_name: 'slow' });
    const id = run!.info.run_id;
    const over = { now: false };
    setTimeout(() => {
      over.now = true;
    }, pieces * pauseMs);
    await normalRequests(asker, id, { now: true });
    const before = await normalRequests(asker, id, over);

    const slow = Array.from({ length: clients }, (_, i) => slowRequest(asker.url, id, i));
    const sending = { now: false };
    const during = normalRequests(asker, id, sending);
    for (let piece = 1; piece <= pieces; piece++) {
      for (const each of slow) void each.sendUpTo(piece / pieces);
      if (piece < pieces) await delay(pauseMs);
    }
    sending.now = true;
    const { times, failed } = await during;
    const statuses = await Promise.all(slow.map((each) => each.status));
    const answered = statuses.filter((status) => status === 200).length;
    await server.kill();
    asker.close();

    findings.figure(
      'normal requests before',
      `${before.times.length}, p50 ${figure(before.times, 0.5)}, p99 ${figure(before.times, 0.99)}`,
    );
    findings.figure(
      'normal requests meanwhile',
      `${times.length}, p50 ${figure(times, 0.5)}, p99 ${figure(times, 0.99)}`,
    );
    findings.figure('normal requests that failed', failed);
    findings.figure('slow clients answered 200', `${answered} of ${clients}`);
    findings.demand(failed === 0, `${failed} normal requests failed.`);
    findings.demand(
      answered === clients,
      `${clients - answered} slow clients were not answered 200: ${[...new Set(statuses)].join(', ')}.`,
    );
    const [was, is] = [quantile(before.times, 0.5), quantile(times, 0.5)];
    findings.demand(
      is < 2 * was || is < toleratedMs,
      `A normal request took ${ms(is)} at the median, ${ms(was)} before.`,
    );
  },
};

const figure = (times: readonly number[], q: number) => `${quantile(times, q).toFixed(1)} ms`;

function slowRequest(url: string, run: string, i: number): SlowRequest {
  if (i % 2 === 0) {
    const metrics = Array.from({ length: 500 }, (_, step) => ({ key: `slow ${i}`, value: step, step, timestamp: 1 }));
    const body = Buffer.from(JSON.stringify({ run_id: run, metrics }));
    return new SlowRequest(url, 'POST', `${rest}runs/log-batch`, 'application/json', body);
  }
  return new SlowRequest(url, 'PUT', `${artifacts}/slow/${i}.bin`, 'application/octet-stream', Buffer.alloc(60_000, i));
}

/** Writes and reads in turn until it is over, once at least. */
async function normalRequests(asker: Asker, run: string, over: { readonly now: boolean }) {
  const times: number[] = [];
  let failed = 0;
  let step = 0;
  do {
    const point = { run_id: run, key: 'normal', value: step, step: step++, timestamp: 1 };
    const answers = [
      await asker.send('POST', `${rest}runs/log-metric`, point),
      await asker.send('GET', `${rest}metrics/get-history?run_id=${run}&metric_key=normal&max_results=5`),
    ];
    for (const { status, ms: took } of answers) {
      times.push(took);
      if (status !== 200) failed++;
    }
    await delay(5);
  } while (!over.now);
  return { times, failed };
}
