import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { pino } from 'pino';
import { readConfig } from '../src/config.ts';
import { canonicalJson } from '../src/environments/canonical-json.ts';
import { decide, missingComparisons } from '../src/environments/decide.ts';
import type { SelectionInput } from '../src/environments/selection-input.ts';
import { startServer } from '../src/main.ts';
import type { Json } from '../test/support/app.ts';
import { aCandidate, anInput, compared } from '../test/support/selection.ts';
import { machine } from './machine.ts';

/**
 * `npm run bench:selection`: how long a decision over many candidates takes, beside what its inputs cost to write down
 * and to hash, and how long the plan of a whole configuration takes on a server.
 */
const { values: options } = parseArgs({
  options: {
    candidates: { type: 'string', default: '10000' },
    services: { type: 'string', default: '50' },
    versions: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '30' },
  },
});
const [candidates, services, versions, rounds] = [
  options.candidates,
  options.services,
  options.versions,
  options.rounds,
].map(Number) as [number, number, number, number];

const quantile = (values: readonly number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))]!;

function timed(act: () => unknown): number[] {
  const taken: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    act();
    taken.push(performance.now() - start);
  }
  return taken;
}

/** Half of the candidates are admitted, all of these are compared, and every guard is asked. */
function manyCandidates(): SelectionInput {
  const input = anInput({
    champion: 1,
    policy: {
      allow: { AImodel: '1.x || 2.0.x' },
      guards: [
        { kind: 'minImprovement', absolute: 0.0001 },
        { kind: 'significance', alpha: 0.05 },
        { kind: 'noWorse', metrics: [{ name: 'accuracy', goal: 'maximize', tolerance: 0.01 }] },
        { kind: 'maxLatencyMs', limit: 50 },
      ],
    },
    candidates: Array.from({ length: candidates }, (_, i) =>
      aCandidate(i + 1, {
        f1: 0.5 + ((i * 7919) % 10_000) / 25_000,
        codeVersion: i % 2 === 0 ? `1.${i % 40}` : `3.${i % 40}`,
      }),
    ),
  });
  return {
    ...input,
    comparisons: missingComparisons(input).map((id) => compared(Number(id.slice(1)), ((id.length * 31) % 97) / 1000)),
  };
}

async function planTimes(): Promise<number[]> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'cellar-bench-'));
  const server = await startServer(
    readConfig({ port: '0', dataDir, python: 'none' }, {}, undefined),
    pino({ level: 'silent' }),
  );
  const call = async (method: string, place: string, body?: object | string) => {
    const response = await fetch(`${server.url}${place}`, {
      method,
      ...(body !== undefined && {
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': typeof body === 'string' ? 'application/octet-stream' : 'application/json' },
      }),
    });
    if (!response.ok) throw new Error(`${method} ${place}: ${response.status} ${await response.text()}`);
    return (await response.json().catch(() => ({}))) as Json;
  };
  const mlflow = (place: string, body: object): Promise<Json> => call('POST', `/api/2.0/mlflow/${place}`, body);
  try {
    await call(
      'PUT',
      '/api/v1/holdouts/rows/versions?target=class&task=classification&format=csv',
      'x,class\n1,a\n2,b\n3,a\n4,b\n',
    );
    for (let service = 1; service <= services; service++) {
      const name = `model-${service}`;
      const { experiment_id } = await mlflow('experiments/create', { name: `/bench/${service}` });
      await mlflow('registered-models/create', { name });
      for (let version = 1; version <= versions; version++) {
        const { run } = await mlflow('runs/create', { experiment_id, tags: [{ key: 'code_version', value: '1.0' }] });
        const run_id: string = run.info.run_id;
        const { model } = await mlflow('logged-models', { experiment_id, name: 'm', source_run_id: run_id });
        const { model_id, artifact_uri } = model.info;
        const place = artifact_uri.replace('mlflow-artifacts:/', '');
        const text = createHash('sha256').update(model_id).digest('hex');
        await call('PUT', `/api/2.0/mlflow-artifacts/artifacts/${place}/MLmodel`, `flavors: {}\n# ${text}\n`);
        await call('PATCH', `/api/2.0/mlflow/logged-models/${model_id}`, { model_id, status: 'LOGGED_MODEL_READY' });
        await mlflow('runs/update', { run_id, status: 'FINISHED' });
        await mlflow('model-versions/create', { name, source: `models:/${model_id}`, run_id, model_id });
        await call('POST', '/api/v1/evaluations', {
          modelId: model_id,
          holdout: 'rows@1',
          metrics: { accuracy: version / (versions + 1) },
        });
      }
      process.stderr.write(`\r${service} of ${services} services`);
    }
    process.stderr.write('\n');
    const yaml = (range: string) =>
      [
        'apiVersion: cellar/v1',
        'environments: { int: { stage: Staging }, prod: { stage: Production, after: int } }',
        'holdouts: { rows: { target: class, task: classification } }',
        'services:',
        ...Array.from(
          { length: services },
          (_, i) =>
            `  service-${i + 1}: { experiment: /bench/${i + 1}, metric: { name: accuracy }, holdout: rows@1, allow: { int: { model-${i + 1}: "*" }, prod: { model-${i + 1}: "${range}" } } }`,
        ),
      ].join('\n');
    await call('PUT', '/api/v1/configuration', { yaml: yaml('<=1.0') });
    const taken: number[] = [];
    for (let i = 0; i < Math.max(5, rounds / 3); i++) {
      const start = performance.now();
      await call('POST', '/api/v1/configuration/plan', { yaml: yaml('<=2.0') });
      taken.push(performance.now() - start);
    }
    return taken;
  } finally {
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const table = new Table({ head: ['what', 'median', 'p95', 'goal'], style: { head: [], border: [] } });
const row = (what: string, taken: readonly number[], goal: string) =>
  table.push([what, `${quantile(taken, 0.5).toFixed(1)} ms`, `${quantile(taken, 0.95).toFixed(1)} ms`, goal]);
const input = manyCandidates();
const text = canonicalJson(input);
timed(() => decide(input));
row(
  `decide() over ${candidates} candidates, ${input.comparisons.length} comparisons`,
  timed(() => decide(input)),
  '100 ms',
);
row(
  `canonical JSON of its inputs (${(text.length / 2 ** 20).toFixed(1)} MiB)`,
  timed(() => canonicalJson(input)),
  '',
);
row(
  'SHA-256 over it',
  timed(() => createHash('sha256').update(text).digest()),
  '',
);
if (services > 0)
  row(`plan over ${services} services in 2 environments, ${versions} versions each`, await planTimes(), '2,000 ms');
const { Machine, 'Node.js': node } = machine();
process.stdout.write(
  `${table.toString()}\n${Machine}, Node.js ${node}, load average ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}\n`,
);
