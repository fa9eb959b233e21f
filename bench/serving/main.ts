// npm run bench:serving: the wine forest by Cellar (python, onnx) and by `mlflow models serve`, under the same load, beside
// what the model itself does without a server. BENCH_SECONDS is the time of one figure, 5 unless given. Needs Go.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import { sampleModels, wineColumns, wineRows } from '../../test/serving/models.ts';
import { type Peer, startPeer } from '../../test/serving/peer.ts';
import { buildDriver, type Driver } from '../driver.ts';
import { machine } from '../machine.ts';
import { memoryOf } from '../processes.ts';
import { bareOnnx } from './bare-onnx.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 5);
const here = import.meta.dirname;

interface Server extends Peer {
  /** Where a compiled model lies; undefined where none was compiled. */
  readonly compiled?: string;
}

async function startCellar(runtime: 'python' | 'onnx'): Promise<Server> {
  const child = fork(path.join(here, 'cellar-server.ts'), [runtime], { execArgv: ['--import', 'tsx'] });
  const [{ url, compiled }] = (await once(child, 'message')) as [{ url: string; compiled: string }];
  return {
    pid: child.pid!,
    ...(runtime === 'onnx' && { compiled }),
    base: url,
    path: '/serve/prod/wine/invocations',
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
}
/** By server, rows and connections. */
const measured = new Map<string, Figures>();
const keyOf = (name: string, rows: number, connections: number) => `${name} ${rows} ${connections}`;
const table = (head: string[]) => new Table({ head, style: { head: [], border: [] } });
const figures = table(['server', 'rows', 'connections', 'requests/s', 'p50 ms', 'p99 ms', 'errors', 'memory MiB']);

async function measure(name: string, drive: Driver, server: Server): Promise<void> {
  for (const rows of [1, 100])
    for (const connections of [1, 16, 64]) {
      const data = Array.from({ length: rows }, (_, i) => wineRows[i % wineRows.length]);
      const { opsPerS, p50Ms, p99Ms, errors, error } = await drive({
        job: 'request',
        base: server.base,
        method: 'POST',
        path: server.path,
        body: JSON.stringify({ dataframe_split: { columns: wineColumns, data } }),
        expect: '"predictions"',
        connections,
        seconds,
        warmUpSeconds: 1,
      });
      measured.set(keyOf(name, rows, connections), { perSecond: opsPerS, p50Ms });
      const memory = memoryOf([server.pid]).pssMiB.toFixed(0);
      figures.push([name, rows, connections, opsPerS.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2), errors, memory]);
      process.stderr.write(
        `${name}, ${rows} rows, ${connections} connections: ${opsPerS.toFixed(0)}/s ${error ?? ''}\n`,
      );
    }
}

const models = await sampleModels();
const drive = await buildDriver();
const ownPredict = [path.join(here, 'own_predict.py'), path.join(models.folder, 'wine-100')];
const own: Record<string, number> = JSON.parse((await promisify(execFile)(models.python, ownPredict)).stdout);
const bare: Record<string, number> = {};
for (const [name, start] of [
  ['cellar python', () => startCellar('python')],
  ['cellar onnx', () => startCellar('onnx')],
  ['mlflow serve', (): Promise<Server> => startPeer(models, 'wine-100')],
] as const) {
  const server = await start();
  try {
    await measure(name, drive, server);
    if (server.compiled !== undefined) for (const rows of [1, 100]) bare[rows] = await bareOnnx(server.compiled, rows);
  } finally {
    await server.stop();
  }
}

const of = (name: string, rows: number, connections: number) => measured.get(keyOf(name, rows, connections))!;
const peer = of('mlflow serve', 1, 16).perSecond;
const times = (value: number) => `${value.toFixed(1)} times`;
const percent = (value: number) => `${(value * 100).toFixed(0)} %`;
const goals = table(['at 1 row', 'reached', 'goal']);
const perSecond = (name: string) => of(name, 1, 16).perSecond;
goals.push(
  ['python, 16 connections: requests/s to the peer', times(perSecond('cellar python') / peer), '5 times'],
  ['python, 16 connections: of what the model itself does', percent(perSecond('cellar python') / own[1]!), '60 %'],
  ['onnx, 16 connections: requests/s to the peer', times(perSecond('cellar onnx') / peer), '100 times'],
  ['onnx, 16 connections: of a bare session', percent(perSecond('cellar onnx') / bare[1]!), ''],
  [
    'python, 1 connection: p50 to the peer',
    percent(of('cellar python', 1, 1).p50Ms / of('mlflow serve', 1, 1).p50Ms),
    '50 %',
  ],
  [
    'onnx, 1 connection: p50 to the peer',
    percent(of('cellar onnx', 1, 1).p50Ms / of('mlflow serve', 1, 1).p50Ms),
    '50 %',
  ],
);
const limits = table(['without a server', '1 row', '100 rows', 'unit']);
for (const [name, rates] of [
  ["the model's own predict", own],
  ['a bare ONNX session', bare],
] as const)
  limits.push([name, rates[1]!.toFixed(0), rates[100]!.toFixed(0), 'calls/s']);
const { Machine, 'Node.js': node } = machine();
const load = loadavg()
  .map((one) => one.toFixed(1))
  .join(' ');
process.stdout.write(`${figures}\n${limits}\n${goals}\n${Machine}, Node.js ${node}, load average ${load}\n`);
