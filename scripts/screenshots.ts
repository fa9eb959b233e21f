// npm run screenshots: pictures of every page for docs/images, of the wine story played by the real mlflow client.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { type CellarClient, createClient } from '../src/client/index.ts';
import { findChromium } from '../test/support/chromium.ts';
import { makeReady } from './checkout.mjs';
import { startServer, stopServer } from './demo-server.mjs';
import { step } from './progress.mjs';
import { pythonEnvironment } from './python-env.mjs';
import { run } from './run.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const example = path.join(root, 'examples', 'wine');
const images = path.join(root, 'docs', 'images');

const configuration = `apiVersion: cellar/v1
environments:
  int: { stage: Staging, branch: int }
  prod: { stage: Production, branch: master, protected: true, after: int }
holdouts:
  wine-holdout: { target: class, task: classification }
services:
  wine:
    experiment: /Users/me/WineClassifier
    where: "tags.model_name LIKE '%model'"
    metric: { name: f1_weighted, goal: maximize }
    holdout: { int: wine-holdout@1, prod: wine-holdout@1 }
    allow:
      int: { AImodel: "<=2.0", MLmodel: "=1.0" }
      prod: { AImodel: "<=1.0" }
    guards: { minImprovement: 0.002 }
`;

interface Told {
  readonly experiment: string;
  readonly sweep: string;
  readonly best: string;
  readonly curves: string;
  readonly compared: readonly string[];
  readonly decision: string;
}

async function tellStory(url: string, python: string, folder: string): Promise<Told> {
  const client = createClient({ trackingUri: url, actor: 'me' });
  const env = {
    ...process.env,
    // What getpass takes the user's name from.
    LOGNAME: 'me',
    MLFLOW_TRACKING_URI: url,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const play = (...args: string[]) => run(python, args, { cwd: example, env, onLine: () => undefined });
  await step('Training the models of the story', async () => {
    await play('train.py');
    await play('register.py');
    for (const forest of ['worse', 'first', 'better']) await play('aimodel.py', '--forest', forest);
    await play('aimodel2.py', '--env', 'INT');
    await play('mlmodel.py', '--env', 'INT');
    await play('split.py', folder);
  });
  const decision = await step('Selecting the champions', async () => {
    await client.putHoldout('wine-holdout', readFileSync(path.join(folder, 'holdout.csv')), {
      target: 'class',
      format: 'csv',
    });
    await client.applyConfiguration({ yaml: configuration });
    await client.select({ service: 'wine', environment: 'int' });
    const { decision } = await client.select({ service: 'wine', environment: 'prod' });
    await served(client);
    return decision.id;
  });
  const sweep = await step('Logging a sweep', () => logSweep(client));
  const experiment = (await client.getExperimentByName('/Users/me/WineClassifier'))!.experimentId;
  const byScore = { experimentIds: [experiment], orderBy: ['metrics.Accuracy DESC'], pageSize: 5 };
  const compared = (await client.searchRuns(byScore).page()).items.map(({ runId }) => runId);
  return { experiment, ...sweep, best: compared[0]!, compared, decision };
}

/** Until both champions answer. */
async function served(client: CellarClient): Promise<void> {
  for (;;) {
    const slots = await client.listDeployments();
    if (slots.length === 2 && slots.every(({ live }) => live !== null)) return;
    await delay(500);
  }
}

const trials = 48;
const epochs = 120;

/** A run with nested trials, one of them with curves. */
async function logSweep(client: CellarClient): Promise<{ sweep: string; curves: string }> {
  const experimentId = await client.createExperiment('/Users/me/WineTuning');
  const now = Date.now() - 3_600_000;
  const parent = await client.createRun(experimentId, { runName: 'sweep', startTime: now });
  let curves = '';
  for (let i = 0; i < trials; i++) {
    const rate = 10 ** (-1 - ((i * 37) % trials) / 16);
    const depth = 2 + (i % 7);
    const startTime = now + i * 45_000;
    const { runId } = await client.createRun(experimentId, {
      runName: `trial ${i + 1}`,
      startTime,
      tags: { 'mlflow.parentRunId': parent.runId },
    });
    const best = 0.97 - (Math.log10(rate) + 2.3) ** 2 / 22 - Math.abs(depth - 5) / 45;
    const at = (epoch: number, key: string, value: number) => ({
      key,
      value,
      step: epoch,
      timestamp: startTime + epoch * 300,
    });
    const steps = i === trials - 1 ? epochs : 1;
    await client.logBatch(runId, {
      params: [
        { key: 'learning_rate', value: rate.toPrecision(2) },
        { key: 'depth', value: String(depth) },
        { key: 'criterion', value: ['gini', 'entropy', 'log_loss'][i % 3]! },
      ],
      metrics: Array.from({ length: steps }, (_, epoch) => {
        const left = steps === 1 ? 0 : Math.exp(-epoch / 25);
        const noise = Math.sin(epoch * 12.9898) * 0.02;
        return [
          at(epoch, 'val/accuracy', best - 0.5 * left + noise),
          at(epoch, 'val/loss', 1 - best + 1.4 * left + noise),
        ];
      }).flat(),
    });
    await client.updateRun(runId, { status: 'FINISHED', endTime: startTime + 40_000 + (i % 5) * 1000 });
    curves = runId;
  }
  await client.updateRun(parent.runId, { status: 'FINISHED', endTime: now + trials * 45_000 });
  return { sweep: experimentId, curves };
}

const pagesOf = ({ experiment, sweep, best, curves, compared, decision }: Told) => [
  { name: 'overview', path: '/' },
  { name: 'experiments', path: '/experiments' },
  { name: 'runs', path: `/experiments/${experiment}` },
  { name: 'groups', path: `/experiments/${sweep}?group=params.criterion` },
  { name: 'run', path: `/runs/${best}` },
  { name: 'curves', path: `/runs/${curves}?tab=metrics&smooth=0.6` },
  { name: 'artifacts', path: `/runs/${best}?tab=artifacts` },
  { name: 'compare', path: `/compare?runs=${compared.join(',')}` },
  { name: 'models', path: '/models' },
  { name: 'model', path: '/models/AImodel' },
  { name: 'version', path: '/models/AImodel/versions/3' },
  { name: 'service', path: '/services/wine' },
  { name: 'decision', path: `/decisions/${decision}` },
];

const looks = [
  { ending: '', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { ending: '-dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { ending: '-phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const;

async function take(browser: Browser, url: string, told: Told): Promise<void> {
  for (const { ending, ...look } of looks) {
    const context = await browser.newContext({ ...look, reducedMotion: 'reduce' });
    const page = await context.newPage();
    for (const { name, path: at } of pagesOf(told)) {
      await page.goto(url + at, { waitUntil: 'networkidle' });
      await page.screenshot({ path: path.join(images, `${name}${ending}.png`) });
    }
    await context.close();
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'cellar-pictures-'));
await makeReady(root);
const python = await pythonEnvironment(path.join(example, 'requirements.txt'));
const server = await startServer({ root, dataDir: path.join(folder, 'data'), store: undefined, port: 0, python });
try {
  const told = await tellStory(server.url, python, folder);
  mkdirSync(images, { recursive: true });
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  await step('Taking the pictures', () => take(browser, server.url, told));
  await browser.close();
} finally {
  await stopServer(server);
  rmSync(folder, { recursive: true, force: true });
}
