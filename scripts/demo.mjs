// npm run demo: from a fresh clone to three tracked wine forests and a model in production, on this machine.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeReady } from './checkout.mjs';
import { tellEnvironments } from './demo-environments.mjs';
import { startServer, stopServer } from './demo-server.mjs';
import { KnownFailure, told } from './known-failure.mjs';
import { isAlive } from './lock.mjs';
import { say, step } from './progress.mjs';
import { pythonEnvironment } from './python-env.mjs';
import { run } from './run.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const example = path.join(root, 'examples', 'wine');
const usage = `npm run demo -- [options]

Sets everything up, starts a server, and tells two stories with the unmodified mlflow package. First three wine forests
are trained, the best is registered, put into production and loaded from there. Then two environments, INT and PROD,
choose their models by rule: better ones replace worse ones, new code is proved on INT and promoted, another algorithm
competes, another holdout opens an epoch, and PROD is rolled back. The server keeps running.

  --data DIR    where the server keeps its data (default: .cache/demo-data of the project)
  --store URL   postgres://… instead of SQLite in the data folder
  --port PORT   port of the server (default: 5000 if it is free, else another)
  --once        stop the server at the end
  CELLAR_PYTHON=PROGRAM in the environment names the Python to use (3.10 to 3.13)
`;

/** What the three trainings must give; numpy's seed makes them repeat exactly. */
const expected = [
  { n_estimator: '1', max_features: '0.1', Accuracy: '0.7333', F1: '0.7309' },
  { n_estimator: '1', max_features: '0.5', Accuracy: '0.9333', F1: '0.9311' },
  { n_estimator: '100', max_features: '0.5', Accuracy: '0.9778', F1: '0.9778' },
];

/** @param {{ data?: string, store?: string, port?: number, once: boolean }} options */
async function demo({ data, store, port, once }) {
  const dataDir = path.resolve(data ?? path.join(root, '.cache', 'demo-data'));
  const [python] = await Promise.all([pythonEnvironment(path.join(example, 'requirements.txt')), makeReady(root)]);
  const server = await step('Starting the server', () => startServer({ root, dataDir, store, port, python }));
  const stopOurs = () => {
    if (server.isOurs && isAlive(server.pid)) process.kill(server.pid, 'SIGTERM');
  };
  process.once('exit', stopOurs);
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  say(server.isOurs ? `  ${server.url}, data in ${dataDir}` : `  already running since an earlier demo: ${server.url}`);

  const environment = {
    ...process.env,
    MLFLOW_TRACKING_URI: server.url,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONWARNINGS: 'ignore::FutureWarning',
  };
  const script = (/** @type {string} */ name, /** @type {string[]} */ ...args) =>
    run(python, [name, ...args], { cwd: example, env: environment, onLine: (line) => say(`  ${line}`) });

  const startTime = Date.now();
  await step('Training three wine forests: python examples/wine/train.py', () => script('train.py'));
  await step('Registering the best: python examples/wine/register.py', () => script('register.py'));

  const { experimentId, runs } = await trackedSince(server.url, startTime);
  check(runs);
  const version = await productionVersion(server.url);
  print('');
  print('What the server has written down:');
  print(table(runs));
  print('');
  print(
    `winetest version ${version.version} is in Production; in Python: mlflow.pyfunc.load_model("models:/winetest/Production")`,
  );

  await tellEnvironments({ root, example, python, url: server.url, dataDir, environment, script });

  process.off('exit', stopOurs);
  if (once && server.isOurs) {
    await step('Stopping the server', () => stopServer(server));
    print(`The data stays in ${dataDir}.`);
    return;
  }
  print('');
  print(`Look here:       ${server.url}/experiments/${experimentId} and ${server.url}/services/wine`);
  print(`Use it yourself: export MLFLOW_TRACKING_URI=${server.url}`);
  print(`Stop it:         kill ${server.pid}        (data stays in ${dataDir})`);
}

/**
 * The runs that this demo made, oldest first, as the server tells them.
 * @param {string} url
 * @param {number} startTime
 */
async function trackedSince(url, startTime) {
  /** @type {{ experiments?: { experiment_id: string }[] }} */
  const { experiments = [] } = await ask(url, 'experiments/search', {
    filter: "name LIKE '/Users/%/WineClassifier'",
    order_by: ['last_update_time DESC'],
    max_results: 1000,
  });
  /**
   * @typedef {{ key: string, value: string | number }} Entry
   * @type {{ runs?: { info: { run_id: string, experiment_id: string }, data: { params?: Entry[], metrics?: Entry[] } }[] }}
   */
  const { runs = [] } = await ask(url, 'runs/search', {
    experiment_ids: experiments.map((experiment) => experiment.experiment_id),
    filter: `attributes.start_time >= ${startTime} and tags.model_name = 'Wineforest'`,
    order_by: ['attributes.start_time ASC'],
    max_results: 100,
  });
  const rows = runs.map(({ info, data }) => ({
    run: info.run_id,
    ...Object.fromEntries((data.params ?? []).map(({ key, value }) => [key, String(value)])),
    ...Object.fromEntries((data.metrics ?? []).map(({ key, value }) => [key, Number(value).toFixed(4)])),
  }));
  return { experimentId: runs[0]?.info.experiment_id, runs: rows };
}

/** @typedef {Record<string, string>} Row */

/** @param {Row[]} runs */
function check(runs) {
  const wanted = expected.map((row) => JSON.stringify(row));
  const got = runs.map(({ n_estimator, max_features, Accuracy, F1 }) =>
    JSON.stringify({ n_estimator, max_features, Accuracy, F1 }),
  );
  if (got.length === wanted.length && got.every((row, i) => row === wanted[i])) return;
  throw new KnownFailure(
    `the runs are not what the trainings must give.\nExpected:\n${wanted.join('\n')}\nGot:\n${got.join('\n')}`,
  );
}

/** @param {string} url */
async function productionVersion(url) {
  /** @type {{ model_versions?: { version: string }[] }} */
  const { model_versions: versions = [] } = await ask(url, 'registered-models/get-latest-versions', {
    name: 'winetest',
    stages: ['Production'],
  });
  const [version] = versions;
  if (version === undefined) throw new KnownFailure('no version of winetest is in Production.');
  return version;
}

/**
 * @template T
 * @param {string} url
 * @param {string} call
 * @param {object} body
 * @returns {Promise<T>} what the call is known to answer
 */
async function ask(url, call, body) {
  const answer = await fetch(`${url}/api/2.0/mlflow/${call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new KnownFailure(`${call} was answered with ${answer.status}: ${await answer.text()}`);
  return /** @type {Promise<T>} */ (answer.json());
}

/** @param {Row[]} rows */
function table(rows) {
  const columns = ['run', 'n_estimator', 'max_features', 'Accuracy', 'F1'];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines.map((line) => `  ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

function options() {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  const { values } = parseArgs({ options: { data: text, store: text, port: text, once: flag, help: flag } });
  const { port, ...rest } = values;
  if (port === undefined) return rest;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new TypeError(`--port ${port}: expected a number from 0 to 65535`);
  }
  return { ...rest, port: Number(port) };
}

function givenOptions() {
  try {
    return options();
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

const given = givenOptions();
if (given.help) process.stdout.write(usage);
else {
  try {
    await demo(given);
  } catch (error) {
    process.stderr.write(`demo: ${told(error)}\n`);
    process.exit(1);
  }
}
