import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Asker, artifacts, rest } from './ask.ts';
import { start } from './cellar.ts';
import { type Context, type Fault, type Findings, ms } from './fault.ts';
import { SlowRequest } from './slow.ts';

const uploads = 40;
const cleanLimitMs = 5000;

export const halfSent: Fault = {
  name: 'half-sent',
  promise: 'An upload that breaks off leaves nothing behind and nothing to see; what it would have replaced stays.',
  measured:
    'Forty uploads with a length, forty in chunks, forty parts of multipart uploads, forty over an existing file and forty log-batch bodies break off after three quarters; then the folder is listed, every file is asked for, and the data folder is searched for leftovers. The same again with kill -9 in place of the breaking off.',
  async run(context, findings) {
    const { main, folder } = context;
    const { server, asker } = await start({ main, data: folder });
    await asker.send('PUT', `${artifacts}/half/kept.bin`, Buffer.from('what was there'));
    const { run } = await asker.post('runs/create', { experiment_id: '0', run_name: 'half' });
    const requests = await halfRequests(asker, run!.info.run_id);
    findings.figure('requests that broke off', requests.length);
    for (const each of requests) each.breakOff();
    const began = performance.now();
    while (leftovers(context) > 0 && performance.now() - began < cleanLimitMs) await delay(10);
    findings.figure('until the last leftover was gone', ms(performance.now() - began));
    await demandNothing(context, asker, run!.info.run_id, findings, 'after breaking off');

    await halfRequests(asker, run!.info.run_id);
    findings.figure('files begun when killed', leftovers(context));
    await server.kill();
    asker.close();
    const again = await start({ main, data: folder });
    await demandNothing(context, again.asker, run!.info.run_id, findings, 'after kill -9');
    await again.server.kill();
    again.asker.close();
  },
};

/** Sends a part of every request, and waits until the server has begun to store what it stores. */
async function halfRequests(asker: Asker, run: string): Promise<SlowRequest[]> {
  const bytes = Buffer.alloc(2 * 1024 * 1024, 'half');
  const chunked = Buffer.concat([
    Buffer.from('100000\r\n'),
    bytes.subarray(0, 1024 * 1024),
    Buffer.from('\r\n100000\r\n'),
  ]);
  const tags = Array.from({ length: 100 }, (_, i) => ({ key: `half ${i}`, value: 'x'.repeat(1000) }));
  const batch = Buffer.from(JSON.stringify({ run_id: run, tags }));
  const made: SlowRequest[] = [];
  const stream = 'application/octet-stream';
  for (let i = 0; i < uploads; i++) {
    made.push(new SlowRequest(asker.url, 'PUT', `${artifacts}/half/${i}.bin`, stream, bytes));
    made.push(
      new SlowRequest(asker.url, 'PUT', `${artifacts}/half/chunked-${i}.bin`, stream, chunked, { chunked: true }),
    );
    made.push(new SlowRequest(asker.url, 'PUT', await partUrl(asker, i), stream, bytes));
    made.push(new SlowRequest(asker.url, 'PUT', `${artifacts}/half/kept.bin`, stream, bytes));
    made.push(new SlowRequest(asker.url, 'POST', `${rest}runs/log-batch`, 'application/json', batch));
  }
  await Promise.all(made.map((each) => each.sendUpTo(0.75)));
  await delay(300);
  return made;
}

async function partUrl(asker: Asker, i: number): Promise<string> {
  const path = `/api/2.0/mlflow-artifacts/mpu/create/half`;
  const answer = await asker.send('POST', path, { path: `multipart-${i}.bin`, num_parts: 2 });
  const { credentials } = JSON.parse(answer.body.toString()) as { credentials: { url: string }[] };
  return new URL(credentials[0]!.url).pathname;
}

/** Temporary files. Parts of a multipart upload stay for its client to go on, with nothing but whole parts counted. */
function leftovers({ folder }: Context): number {
  return readdirSync(join(folder, 'artifacts/.cellar/incoming')).length;
}

async function demandNothing(
  context: Context,
  asker: Asker,
  run: string,
  findings: Findings,
  when: string,
): Promise<void> {
  const left = leftovers(context);
  findings.figure(`leftovers ${when}`, left);
  findings.demand(left === 0, `${left} temporary files are left ${when}.`);
  const { files = [] } = await asker.ask('GET', `${artifacts}?path=half`);
  const visible = files.filter((file) => file.path !== 'kept.bin').length;
  findings.figure(`files to see ${when}`, visible);
  findings.demand(visible === 0, `${visible} half-sent files are listed ${when}.`);
  const names = ['', 'chunked-', 'multipart-'].flatMap((kind) =>
    Array.from({ length: uploads }, (_, i) => `${kind}${i}.bin`),
  );
  for (const name of names) {
    const { status } = await asker.send('GET', `${artifacts}/half/${name}`);
    findings.demand(status === 404, `A half-sent file was answered ${status} ${when}.`);
  }
  const kept = await asker.send('GET', `${artifacts}/half/kept.bin`);
  findings.demand(
    kept.body.toString() === 'what was there',
    `A half-sent upload changed the file that was there ${when}.`,
  );
  const tags = (await asker.get('runs/get', { run_id: run })).run!.data.tags ?? [];
  findings.demand(!tags.some((tag) => tag.key.startsWith('half')), `A half-sent batch was stored ${when}.`);
}
