import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, type Asker, artifacts, rest } from './ask.ts';
import { start } from './cellar.ts';
import { compare, demandWhole } from './compare.ts';
import { type Fault, type Findings, ms, quantile } from './fault.ts';
import { contentOf, type Ledger, prepare, startLoad } from './load.ts';

const recoveryLimitMs = 1000;

export const diskFull: Fault = {
  name: 'disk-full',
  promise:
    'A full disk is no crash: writes get a JSON error with its code, reads go on, and writes are back at once when there is room.',
  measured:
    'The data folder is a tmpfs of 64 MiB that a foreign file fills to its last byte while the writers are at work. Then every kind of write and of read is tried; the server is killed and started on the full disk; the file is removed, and writes are tried again.',
  async run({ main, smallDisk }, findings) {
    if ('missing' in smallDisk) {
      findings.notRun = smallDisk.missing;
      return;
    }
    const data = join(smallDisk.folder, 'data');
    const ballast = join(smallDisk.folder, 'ballast');
    const first = await start({ main, data });
    const ledger = await prepare(first.asker, 'disk-full');
    const load = startLoad(first.asker, ledger, { afterFailureMs: 20 });
    await until(
      () => ledger.artifacts.some((each) => each.kept) && ledger.versions.length > 2 && ledger.batches.length > 5,
    );
    fill(ballast);
    await until(() => load.exchanges.filter((each) => each.outcome === 'refused').length > 30 || !first.server.alive);
    // What the server had freed meanwhile is taken, too.
    fill(ballast);
    const writesAfterRefusal = await tryWrites(first.asker, ledger);
    demandJsonErrors(findings, [...load.exchanges.flatMap((each) => each.answer ?? []), ...writesAfterRefusal.answers]);
    const lost = load.exchanges.filter((each) => each.outcome === 'lost').length + writesAfterRefusal.lost;
    findings.figure('connections cut while full', lost);
    findings.demand(lost === 0, `${lost} requests got no answer while the disk was full.`);
    await demandReads(first.asker, ledger, findings, 'while full');
    findings.demand(first.server.alive, `The server ended: ${first.server.log}`);

    rmSync(ballast);
    const began = performance.now();
    await until(
      () =>
        performance.now() - began > recoveryLimitMs ||
        load.exchanges.some((each) => each.sentAt > began && each.outcome === 'done'),
    );
    const back = load.exchanges
      .filter((each) => each.sentAt > began && each.outcome === 'done')
      .map((each) => each.endedAt - began);
    findings.figure('first write after room was made', back.length === 0 ? 'none' : ms(quantile(back, 0)));
    findings.demand(back.length > 0, `No write succeeded within ${recoveryLimitMs} ms of room being made.`);
    await load.stop();
    const again = await tryWrites(first.asker, ledger);
    const failed = again.lost + again.answers.filter((answer) => answer.status !== 200).length;
    findings.figure('kinds of writes that failed afterwards', failed);
    findings.demand(failed === 0, `${failed} kinds of writes failed although there was room.`);
    await first.server.kill();
    first.asker.close();

    fill(ballast);
    await demandStartWhileFull(main, data, ledger, findings);
    rmSync(ballast);
    const second = await start({ main, data });
    demandWhole(findings, await compare(second.asker, ledger));
    await second.server.kill();
    second.asker.close();
  },
};

/** Writes until the file system takes not one byte more. */
function fill(file: string): void {
  for (let size = 1024 * 1024; size >= 1; )
    try {
      appendFileSync(file, Buffer.alloc(size, 1));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      size = Math.floor(size / 2);
    }
}

/** One of each kind of write, large enough to need room. */
async function tryWrites(asker: Asker, ledger: Ledger): Promise<{ answers: Answer[]; lost: number }> {
  const run = ledger.batches[0]!.run;
  const long = 'x'.repeat(5000);
  const path = `${ledger.folder}-more/${Math.random()}.bin`;
  const attempts: [string, string, object | Buffer][] = [
    ['POST', `${rest}experiments/create`, { name: `more ${Math.random()}`, tags: [{ key: 'long', value: long }] }],
    ['POST', `${rest}runs/create`, { experiment_id: '0', tags: [{ key: 'long', value: long }] }],
    ['POST', `${rest}runs/set-tag`, { run_id: run, key: 'long', value: long }],
    [
      'POST',
      `${rest}runs/log-batch`,
      { run_id: run, tags: Array.from({ length: 100 }, (_, i) => ({ key: `long ${i}`, value: long })) },
    ],
    ['POST', `${rest}registered-models/create`, { name: `more ${Math.random()}`, description: long }],
    ['PUT', `${artifacts}/${path}`, contentOf(path, 300_000)],
  ];
  const answers: Answer[] = [];
  let lost = 0;
  for (const [method, url, body] of attempts) {
    const answer = await asker.send(method, url, body).catch(() => undefined);
    if (answer === undefined) lost++;
    else answers.push(answer);
  }
  return { answers, lost };
}

function demandJsonErrors(findings: Findings, answers: readonly Answer[]): void {
  const errors = answers.filter((answer) => answer.status !== 200);
  const kinds = new Map<string, number>();
  for (const { status, body } of errors) {
    const text = body.toString();
    const code = /"error_code":"(\w+)"/.exec(text)?.[1];
    findings.demand(code !== undefined, `An error without a code: ${status} ${text.slice(0, 200)}`);
    findings.demand(status === 507, `A full disk was answered ${status} ${text.slice(0, 200)}`);
    const kind = `${status} ${code}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  findings.figure('errors while full', [...kinds].map(([kind, count]) => `${count} × ${kind}`).join(', ') || 'none');
  findings.demand(errors.length > 0, 'No write failed, so the disk was not full.');
}

/** Every kind of read, among them those that run on the second thread. */
async function demandReads(asker: Asker, ledger: Ledger, findings: Findings, when: string): Promise<void> {
  const run = ledger.batches[0]!.run;
  const file = ledger.artifacts.find((each) => each.kept)!;
  const reads: [string, string, object?][] = [
    ['GET', '/health'],
    ['GET', '/ready'],
    ['GET', `${rest}runs/get?run_id=${run}`],
    [
      'POST',
      `${rest}runs/search`,
      { experiment_ids: [ledger.experiment], filter: "params.`0.1` = 'param 1'", order_by: ['metrics.batched DESC'] },
    ],
    ['GET', `${rest}metrics/get-history?run_id=${run}&metric_key=batched`],
    ['GET', `${rest}metrics/get-history-bulk-interval?run_ids=${run}&metric_key=batched`],
    ['GET', `${rest}model-versions/search`],
    ['GET', `${artifacts}?path=${ledger.folder}`],
    ['GET', `${artifacts}/${file.path}`],
  ];
  let answered = 0;
  for (const [method, url, body] of reads) {
    const answer = await asker.send(method, url, body).catch((error: Error) => error);
    const status = answer instanceof Error ? answer.message : answer.status;
    if (status === 200) answered++;
    else
      findings.demand(
        false,
        `${method} ${url.split('?')[0]} ${when}: ${answer instanceof Error ? status : `${status} ${answer.body.toString('utf8', 0, 200)}`}`,
      );
  }
  findings.figure(`reads answered ${when}`, `${answered} of ${reads.length}`);
}

/** It runs and answers reads; or, where nothing can even be begun, it says why in one sentence. */
async function demandStartWhileFull(main: string, data: string, ledger: Ledger, findings: Findings): Promise<void> {
  const started = await start({ main, data }).catch((error: Error) => error);
  if (started instanceof Error) {
    findings.figure('start on the full disk', 'refused');
    findings.demand(
      /space|full/.test(started.message),
      `The start on the full disk failed without saying why: ${started.message}`,
    );
    return;
  }
  findings.figure('start on the full disk', `answers after ${ms(started.wallMs)}`);
  await demandReads(started.asker, ledger, findings, 'after a start on the full disk');
  await started.server.kill();
  started.asker.close();
}

/** Looks every few milliseconds, for 20 s at most. */
async function until(happened: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!happened()) {
    if (performance.now() > end) throw new Error('What the fault waits for did not happen within 20 s.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
