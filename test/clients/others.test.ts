import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CellarClient, createClient, type Run } from '../../src/client/browser.ts';
import { type Cellar, play, pythonFor, startCellar } from './programs.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const others = path.join(here, 'others');

let folder: string;
let cellar: Cellar;
let server: CellarClient;
/** The Python of the 2.9 client, and that of the newest one with what tunes and trains. */
let oldest: string;
let newest: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'cellar other clients '));
  oldest = await pythonFor(path.join(others, 'requirements-2.9.txt'));
  newest = await pythonFor(path.join(others, 'requirements-tuning.txt'));
  cellar = await startCellar(path.join(folder, 'data'));
  server = createClient({ trackingUri: cellar.url });
});

afterAll(async () => {
  const code = await cellar?.stop();
  rmSync(folder, { recursive: true, force: true });
  expect(code).toBe(0);
});

/** Runs a program to its end and answers with what it wrote to stdout; a failure shows all that it wrote. */
async function played(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, output } = await play(program, args, cellar.url, {
    cwd: folder,
    env: { TMPDIR: folder, ...env },
  });
  expect(code, `${path.basename(program)} ${args.join(' ')}\n${output}`).toBe(0);
  return stdout;
}

const script = (name: string) => path.join(others, name);

/** The active runs of the experiment of this name, first started first. */
async function runsOf(experimentName: string): Promise<Run[]> {
  const experiment = await server.getExperimentByName(experimentName);
  const experimentIds = [experiment?.experimentId ?? 'none'];
  return server.searchRuns({ experimentIds, orderBy: ['attributes.start_time ASC'] }).all();
}

const metricsOf = (run: Run) => Object.fromEntries([...run.metrics].map(([key, metric]) => [key, metric.value]));

describe('the Python client 2.9', () => {
  it.each(['wine.py', 'broad.py'])('plays %s to its end', async (name) => {
    expect(await played(oldest, ['-W', 'ignore', path.join(here, name)])).toMatch(/^Ran [1-9]\d* tests? in /m);
  });
});

describe("Optuna's callback", () => {
  it('writes each trial of a study, also one that was given up', async () => {
    await played(newest, [script('optuna_study.py'), 'a study']);
    const runs = await runsOf('a study');
    expect(runs.map((run) => run.runName)).toEqual(['0', '1', '2', '3', '4', '5']);
    for (const run of runs) {
      expect(run.status).toBe('FINISHED');
      const x = Number(run.params.get('x'));
      const power = Number(run.params.get('power'));
      const isGivenUp = run.runName === '2';
      expect(metricsOf(run)).toEqual({
        so_far: expect.closeTo(Math.abs(x - 2) / 3, 12),
        ...(!isGivenUp && { distance: expect.closeTo((x - 2) ** power, 9) }),
      });
      expect(Object.fromEntries(run.tags)).toMatchObject({
        number: run.runName,
        state: isGivenUp ? 'PRUNED' : 'COMPLETE',
        direction: 'MINIMIZE',
        client: 'optuna',
        worker: 'größe ✓',
        power_distribution: 'CategoricalDistribution(choices=(2, 4))',
      });
      const history = await server.getMetricHistory(run.runId, 'so_far').all();
      expect(history.map((point) => point.step)).toEqual([0, 1, 2]);
    }
  });
});

describe('Hyperopt', () => {
  it('nests each evaluation in the run of the search', async () => {
    await played(newest, [script('hyperopt_nested.py'), 'a search']);
    const [search, ...evaluations] = await runsOf('a search');
    expect(search).toMatchObject({ runName: 'search', status: 'FINISHED' });
    expect(evaluations).toHaveLength(6);
    const nested = await server
      .searchRuns({
        experimentIds: [search!.experimentId],
        filter: `tags.mlflow.parentRunId = '${search!.runId}' AND params.kind LIKE '%a%'`,
        orderBy: ['metrics.loss ASC'],
      })
      .all();
    expect(nested.map((run) => run.runId).sort()).toEqual(evaluations.map((run) => run.runId).sort());
    for (const run of nested) {
      const loss = Number(run.params.get('depth')) + Math.abs(Math.log10(Number(run.params.get('rate'))));
      expect(metricsOf(run)).toEqual({ loss: expect.closeTo(loss, 9) });
    }
    expect(metricsOf(search!)).toEqual({ best_loss: nested[0]!.metrics.get('loss')!.value });
    expect(search!.params).toEqual(nested[0]!.params);
  });
});

describe("LightGBM's autologging", () => {
  it('keeps the curve, the model and the data of a training', async () => {
    await played(newest, [script('lightgbm_autolog.py'), 'boosting']);
    const [run, ...more] = await runsOf('boosting');
    expect(more).toEqual([]);
    expect(run!.status).toBe('FINISHED');
    expect(Object.fromEntries(run!.params)).toMatchObject({ num_leaves: '7', num_boost_round: '12', metric: 'l2' });
    const curve = await server.getMetricHistory(run!.runId, 'held_out-l2').all();
    expect(curve.map((point) => point.step)).toEqual(Array.from({ length: 12 }, (_, step) => step));
    expect(curve.at(-1)!.value).toBeLessThan(curve[0]!.value);
    expect(run!.datasets.map(({ name, context }) => [name, context])).toEqual([
      ['dataset', 'train'],
      ['held_out', 'eval'],
    ]);
    const files = await server.listArtifacts({ runId: run!.runId });
    expect(files.map((file) => file.path)).toContain('feature_importance_gain.json');
    const { modelId } = run!.modelOutputs[0]!;
    expect(await server.getLoggedModel(modelId)).toMatchObject({ status: 'READY', sourceRunId: run!.runId });
    const model = await server.listArtifacts({ modelId });
    expect(model.map((file) => file.path)).toEqual(expect.arrayContaining(['MLmodel', 'input_example.json']));
    expect(await server.getModelVersion('boosting', '1')).toMatchObject({ runId: run!.runId, status: 'READY' });
  });
});

describe('the Java client', () => {
  it('tracks, searches, moves files and registers', async () => {
    await demandJava();
    const pom = path.join(others, 'java/pom.xml');
    // The Java client moves files by means of a Python client.
    const options = ['-q', '-B', '-f', pom, '-Dexec.args=java'];
    await played('mvn', [...options, 'compile', 'exec:java'], { MLFLOW_PYTHON_EXECUTABLE: newest });
    const runs = await runsOf('java');
    expect(runs.map((run) => [run.runName, run.status]).slice(0, 2)).toEqual([
      ['parent', 'FINISHED'],
      ['child', 'FAILED'],
    ]);
    expect(runs[2]).toMatchObject({ status: 'KILLED', endTime: 4_102_444_800_123, lifecycleStage: 'active' });
    const [parent, child] = runs;
    expect(Object.fromEntries(parent!.params)).toEqual({ depth: '3', rate: '0.1', text: 'ä\n"✓"' });
    expect(metricsOf(parent!)).toEqual({ loss: 0.25, acc: 0.75 });
    expect(child!.tags.get('mlflow.parentRunId')).toBe(parent!.runId);
    expect(child!.tags.has('gone')).toBe(false);
    // As in MLflow, what is infinite is kept as the largest number.
    expect(metricsOf(child!)).toEqual({ curve: 124.75, 'not a number': Number.NaN, endless: -Number.MAX_VALUE });
    expect(await (await server.downloadArtifact({ runId: parent!.runId }, 'notes/note ü.txt')).text()).toBe(
      'written by Java',
    );
    expect((await server.getExperimentByName('java'))?.tags.get('made by')).toBe('Java ☕');
    expect(await server.getModelVersion('java', '1')).toMatchObject({
      currentStage: 'Production',
      runId: parent!.runId,
    });
  });
});

/** Fails with what to install when Maven or a compiler is missing. */
async function demandJava(): Promise<void> {
  const javaHome = process.env['JAVA_HOME'];
  const compiler = javaHome ? path.join(javaHome, 'bin/javac') : 'javac';
  for (const [program, args] of [
    ['mvn', ['--version']],
    [compiler, ['-version']],
  ] as const) {
    const found = await play(program, args, cellar.url).catch(() => undefined);
    if (found?.code !== 0)
      throw new Error(
        `The Java client is built by Maven with a JDK, 11 or later, but ${program} does not run${found ? `:\n${found.output}` : '.'}\n` +
          'Install both; on Debian and Ubuntu: apt-get install maven default-jdk-headless',
      );
  }
}

describe("MLflow's command line", () => {
  const mlflow = (...args: string[]) => played(path.join(path.dirname(newest), 'mlflow'), args);
  let experimentId: string;
  let runId: string;

  beforeAll(async () => {
    experimentId = await server.createExperiment('of the command line');
    runId = (await server.createRun(experimentId, { runName: 'listed', tags: { team: 'blue' } })).runId;
    await server.logMetric(runId, 'loss', 0.5);
    await server.logParam(runId, 'depth', '3');
    await server.setTerminated(runId);
  });

  it('creates, finds, renames, deletes and restores an experiment', async () => {
    const made = /with id (\S+)/.exec(await mlflow('experiments', 'create', '--experiment-name', 'größe'))?.[1] ?? '';
    expect(await server.getExperiment(made)).toMatchObject({ name: 'größe', lifecycleStage: 'active' });
    expect(await mlflow('experiments', 'search')).toMatch(new RegExp(`^${made} +größe +mlflow-artifacts:/`, 'm'));
    await mlflow('experiments', 'rename', '--experiment-id', made, '--new-name', 'renamed');
    expect((await server.getExperiment(made)).name).toBe('renamed');
    await mlflow('experiments', 'delete', '--experiment-id', made);
    expect((await server.getExperiment(made)).lifecycleStage).toBe('deleted');
    await mlflow('experiments', 'restore', '--experiment-id', made);
    expect((await server.getExperiment(made)).lifecycleStage).toBe('active');
  });

  it('lists, describes, deletes and restores a run', async () => {
    expect(await mlflow('runs', 'list', '--experiment-id', experimentId)).toContain(runId);
    const described = JSON.parse(await mlflow('runs', 'describe', '--run-id', runId));
    expect(described).toMatchObject({
      info: { run_id: runId, run_name: 'listed', status: 'FINISHED' },
      data: { metrics: { loss: 0.5 }, params: { depth: '3' }, tags: { team: 'blue' } },
    });
    await mlflow('runs', 'delete', '--run-id', runId);
    expect((await server.getRun(runId)).lifecycleStage).toBe('deleted');
    await mlflow('runs', 'restore', '--run-id', runId);
    expect((await server.getRun(runId)).lifecycleStage).toBe('active');
  });

  it('uploads, lists and downloads artifacts', async () => {
    const file = path.join(folder, 'note ü.txt');
    writeFileSync(file, 'from the command line');
    await mlflow('artifacts', 'log-artifact', '--local-file', file, '--run-id', runId, '--artifact-path', 'notes/old');
    const stored = await server.downloadArtifact({ runId }, 'notes/old/note ü.txt');
    expect(await stored.text()).toBe('from the command line');
    const listed = await mlflow('artifacts', 'list', '--run-id', runId, '--artifact-path', 'notes/old');
    expect(JSON.parse(listed)).toEqual([{ path: 'notes/old/note ü.txt', is_dir: false, file_size: 21 }]);
    const fetched = path.join(folder, 'fetched');
    mkdirSync(fetched);
    await mlflow('artifacts', 'download', '--run-id', runId, '--artifact-path', 'notes', '--dst-path', fetched);
    expect(readFileSync(path.join(fetched, 'notes/old/note ü.txt'), 'utf8')).toBe('from the command line');
  });

  it('predicts with a model from the registry', async () => {
    await played(newest, [script('doubling_model.py'), 'doubling']);
    const asked = path.join(folder, 'asked.json');
    const answered = path.join(folder, 'answered.json');
    writeFileSync(asked, JSON.stringify({ dataframe_split: { columns: ['a', 'b'], data: [[1, 2.5]] } }));
    const files = ['--input-path', asked, '--content-type', 'json', '--output-path', answered];
    await mlflow('models', 'predict', '--model-uri', 'models:/doubling/1', '--env-manager', 'local', ...files);
    expect(existsSync(answered) && JSON.parse(readFileSync(answered, 'utf8'))).toEqual({
      predictions: [{ a: 2, b: 5 }],
    });
  });
});
