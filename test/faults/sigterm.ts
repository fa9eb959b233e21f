import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Asker, artifacts, rest } from './ask.ts';
import { type Cellar, start } from './cellar.ts';
import { compare, demandWhole } from './compare.ts';
import { type Context, type Fault, type Findings, ms } from './fault.ts';
import { contentOf, type Ledger, prepare, startLoad } from './load.ts';
import { SlowRequest } from './slow.ts';

const exitLimitMs = 10_000;

export const sigterm: Fault = {
  name: 'sigterm',
  promise:
    'SIGTERM drains: requests under way are answered, the process exits with 0 within 10 s, and refuses afterwards.',
  measured:
    'SIGTERM comes while thirteen writers, a slow upload, a slow download and a JSON body in two pieces are under way. Whatever was sent before the signal must be answered. A second server has an upload that never goes on and a connection that never asks.',
  async run(context, findings) {
    await drainUnderLoad(context, findings);
    await drainWithStalledClients(context, findings);
  },
};

async function drainUnderLoad({ main, folder }: Context, findings: Findings): Promise<void> {
  const data = `${folder}/loaded`;
  const { server, asker } = await start({ main, data });
  const ledger = await prepare(asker, 'sigterm');
  const large = contentOf(`${ledger.folder}/large`, 24 * 1024 * 1024);
  await asker.send('PUT', `${artifacts}/large.bin`, large);
  const { run } = await asker.post('runs/create', { experiment_id: ledger.experiment, run_name: 'slow body' });

  const load = startLoad(asker, ledger);
  await delay(500);
  const upload = new SlowRequest(asker.url, 'PUT', `${artifacts}/slow.bin`, 'application/octet-stream', large);
  const body = Buffer.from(JSON.stringify({ run_id: run!.info.run_id, key: 'slow', value: 'body' }));
  const tag = new SlowRequest(asker.url, 'POST', `${rest}runs/set-tag`, 'application/json', body);
  const download = slowDownload(`${asker.url}${artifacts}/large.bin`);
  await Promise.all([upload.sendUpTo(0.1), tag.sendUpTo(0.5), download.begun]);
  await delay(100);

  const signalledAt = performance.now();
  const ended = server.terminate();
  await delay(300);
  void tag.sendUpTo(1);
  for (let part = 0.2; part <= 1; part += 0.2) {
    await upload.sendUpTo(part);
    await delay(100);
  }
  void upload.sendUpTo(1);
  const { code, signal } = await ended;
  const exitMs = performance.now() - signalledAt;
  await load.stop();
  asker.close();

  const before = load.exchanges.filter((each) => each.sentAt < signalledAt && each.endedAt > signalledAt);
  const late = load.exchanges.filter((each) => each.sentAt >= signalledAt);
  const unanswered = before.filter((each) => each.outcome !== 'done').length;
  const broken = late.filter((each) => each.outcome === 'lost').length;
  findings.figure('exit', `code ${code ?? signal} after ${ms(exitMs)}`);
  findings.figure('writes under way at the signal', before.length);
  findings.figure('of these without their answer', unanswered);
  findings.figure('writes sent later', late.length);
  findings.figure('of these refused or cut', `${broken} (each writer stops at its first)`);
  findings.demand(code === 0, `The process ended with ${code ?? signal}.`);
  findings.demand(exitMs < exitLimitMs, `The process took ${ms(exitMs)} to exit.`);
  findings.demand(unanswered === 0, `${unanswered} writes under way were not done.`);
  const slow = { upload: await upload.status, 'JSON body': await tag.status, download: await download.outcome };
  for (const [what, status] of Object.entries(slow)) {
    findings.figure(`slow ${what}`, status ?? 'no answer');
    findings.demand(status === 200, `The slow ${what} that was under way got ${status ?? 'no answer'}.`);
  }
  await demandRefused(asker, findings);
  await demandAllThere(main, data, ledger, findings);
}

async function demandRefused(asker: Asker, findings: Findings): Promise<void> {
  const after = await asker.send('GET', '/health').then(
    (answer) => `${answer.status}`,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  findings.figure('a request afterwards', after);
  findings.demand(after === 'ECONNREFUSED', `A request after the exit was met with ${after}.`);
}

async function demandAllThere(main: string, data: string, ledger: Ledger, findings: Findings): Promise<void> {
  const { server, asker } = await start({ main, data });
  demandWhole(findings, await compare(asker, ledger));
  await server.kill();
  asker.close();
}

/** Reads a file so slowly that the signal falls into it; 200 when all of it came. */
function slowDownload(url: string): { begun: Promise<void>; outcome: Promise<number | string> } {
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const outcome = new Promise<number | string>((resolve) => {
    get(url, (incoming) => {
      let size = 0;
      begin();
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        incoming.pause();
        setTimeout(() => incoming.resume(), 2);
      });
      incoming.on('error', (error) => resolve(error.message));
      incoming.on('end', () => {
        const whole = size === Number(incoming.headers['content-length']);
        resolve(whole ? (incoming.statusCode ?? 0) : `cut after ${size} bytes`);
      });
    }).on('error', (error) => resolve(error.message));
  });
  return { begun, outcome };
}

async function drainWithStalledClients({ main, folder }: Context, findings: Findings): Promise<void> {
  const { server, asker } = await start({ main, data: `${folder}/stalled` });
  const upload = new SlowRequest(
    asker.url,
    'PUT',
    `${artifacts}/stalled.bin`,
    'application/octet-stream',
    Buffer.alloc(1e6),
  );
  await upload.sendUpTo(0.5);
  const { hostname, port } = new URL(asker.url);
  const silent = connect(Number(port), hostname).on('error', () => undefined);
  await delay(200);
  const began = performance.now();
  const { code, signal } = await endedWithin(server, exitLimitMs + 2000);
  const exitMs = performance.now() - began;
  upload.breakOff();
  silent.destroy();
  asker.close();
  findings.figure('exit with stalled clients', `code ${code ?? signal} after ${ms(exitMs)}`);
  findings.demand(code === 0, `With stalled clients the process ended with ${code ?? signal}.`);
  findings.demand(exitMs < exitLimitMs, `With stalled clients the process took ${ms(exitMs)} to exit.`);
}

async function endedWithin(server: Cellar, limitMs: number) {
  const timer = setTimeout(() => void server.kill(), limitMs);
  try {
    return await server.terminate();
  } finally {
    clearTimeout(timer);
  }
}
