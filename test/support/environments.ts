import { createHash, randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import pg from 'pg';
import { vi } from 'vitest';
import type { Answer, Json, TestServer } from './app.ts';

export interface Settings {
  /** Allowances as YAML flow maps: `AImodel: "<=1.0"`. AImodel and MLmodel stand for the service's own two. */
  readonly int?: string;
  readonly prod?: string;
  /** More lines of the service, indented by four. */
  readonly service?: string;
  readonly holdout?: string;
  readonly metric?: string;
}

export interface Logged {
  readonly runId: string;
  readonly modelId: string;
  readonly version: number;
  readonly digest: string;
}

/** For servers of these tests: their models are never loaded. */
export const withoutPython = { python: 'no-python-here' };

let made = 0;

/**
 * A service of its own for one test: environments INT (Staging) and PROD (Production, protected), two registered models,
 * an experiment and a holdout of four rows, all with names that no other test uses.
 */
export async function aService(server: TestServer) {
  const no = ++made;
  const service = `wine${no}`;
  const models: Record<string, string> = { AImodel: `AImodel${no}`, MLmodel: `MLmodel${no}` };
  const experiment = `/wine/${no}`;
  const holdout = `rows${no}`;
  const named = (text: string) => text.replaceAll(/\b(AImodel|MLmodel)\b/g, (name) => models[name]!);
  const experimentId: string = (await server.post('experiments/create', { name: experiment })).body.experiment_id;
  const holdoutDigests = new Map<string, string>();

  const refused = (method: string, path: string, input?: object): Promise<Answer> =>
    server.call(method, `/api/v1/${path}`, input);
  const call = async (method: string, path: string, input?: object): Promise<Json> => {
    const answer = await refused(method, path, input);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const mlflow = async (path: string, input: object): Promise<Json> => {
    const answer = await server.post(path, input);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  const yaml = ({ int, prod, service: more = '', holdout: pinned, metric }: Settings = {}) =>
    named(`apiVersion: cellar/v1
environments:
  int: { stage: Staging, branch: int }
  prod: { stage: Production, branch: master, protected: true, after: int }
holdouts:
  ${holdout}: { target: class, task: classification }
services:
  ${service}:
    experiment: ${experiment}
    metric: ${metric ?? '{ name: accuracy, goal: maximize }'}
    holdout: { int: "${pinned ?? `${holdout}@1`}", prod: "${pinned ?? `${holdout}@1`}" }
    allow:
      int: { ${int ?? 'AImodel: "<=2.0"'} }
      prod: { ${prod ?? 'AImodel: "<=1.0"'} }
${more}`);
  const place = (environment: string) => `services/${service}/environments/${environment}`;

  const self = {
    service,
    experiment,
    experimentId,
    holdout,
    /** The name of one of the two registered models: `AImodel` or `MLmodel`. */
    model: (name: string) => models[name]!,
    yaml,
    call,
    refused,
    mlflow,
    place,

    /** Applies, and waits for the selections that follow. */
    async apply(settings: Settings = {}, more: object = {}): Promise<Json> {
      const applied = await call('PUT', 'configuration', { yaml: yaml(settings), ...more });
      await self.settled();
      return applied;
    },
    /** Resolves when no selection of the service is asked for. */
    settled: () =>
      vi.waitFor(
        async () => {
          const { slots } = await call('GET', `services/${service}`);
          const asked = slots.filter(({ selecting }: Json) => selecting !== null);
          if (asked.length > 0) throw new Error(`A selection of ${service} is still asked for.`);
        },
        { timeout: 20_000, interval: 20 },
      ),
    plan: (settings: Settings = {}): Promise<Json> => call('POST', 'configuration/plan', { yaml: yaml(settings) }),
    slot: (environment: string): Promise<Json> => call('GET', place(environment)),
    /** Acts on a slot; answers with the decision. */
    act: async (environment: string, verb: string, input: object = {}): Promise<Json> =>
      (await call('POST', `${place(environment)}/${verb}`, input)).decision,
    refusedAct: (environment: string, verb: string, input: object): Promise<Answer> =>
      refused('POST', `${place(environment)}/${verb}`, input),
    select: (environment: string): Promise<Json> => self.act(environment, 'select'),
    /** The decisions about a slot, newest first. */
    decisions: async (environment: string): Promise<Json[]> =>
      (await call('GET', 'decisions', { service, environment })).decisions,
    champion: async (environment: string): Promise<string> => {
      const { champion } = await self.slot(environment);
      if (champion === null) return 'none';
      const own = Object.keys(models).find((name) => models[name] === champion.registeredModel);
      return `${own ?? champion.registeredModel} ${champion.version}`;
    },
    /** Stage and aliases of a version as MLflow clients see them. */
    seen: async (version: number, name = 'AImodel'): Promise<{ stage: string; aliases: string[] }> => {
      const query = { name: models[name], version: String(version) };
      const { model_version: found } = (await server.get('model-versions/get', query)).body;
      return { stage: found.current_stage, aliases: [...(found.aliases ?? [])].sort() };
    },

    /** Uploads rows as the next version of the holdout. */
    async upload(csv = 'x,class\n1,a\n2,b\n3,a\n4,b\n'): Promise<Json> {
      const url = `${server.url}/api/v1/holdouts/${holdout}/versions?target=class&task=classification&format=csv`;
      const response = await fetch(url, { method: 'PUT', body: csv });
      const body: Json = await response.json();
      if (!response.ok) throw new Error(JSON.stringify(body));
      holdoutDigests.set(`${holdout}@${body.version}`, body.digest);
      return body;
    },

    /** Logs a model with a file of its own, scored if `accuracy` says what, and registered unless `register` is false. */
    async log(
      given: {
        name?: string;
        code?: string | null;
        register?: boolean;
        accuracy?: number;
        tags?: Record<string, string>;
        status?: string;
      } = {},
    ): Promise<Logged> {
      const { name = 'AImodel', code = '1.0', register = true, status = 'FINISHED' } = given;
      const start = { experiment_id: experimentId, start_time: Date.now() };
      const runId: string = (await mlflow('runs/create', start)).run.info.run_id;
      const tags = { ...(code !== null && { code_version: code }), 'cellar.model': models[name]!, ...given.tags };
      for (const [key, value] of Object.entries(tags)) await mlflow('runs/set-tag', { run_id: runId, key, value });
      const asked = { experiment_id: experimentId, name: 'model', source_run_id: runId };
      const { model_id: modelId, artifact_uri: uri } = (await mlflow('logged-models', asked)).model.info;
      const file = `${server.url}/api/2.0/mlflow-artifacts/artifacts/${uri.replace('mlflow-artifacts:/', '')}/MLmodel`;
      await fetch(file, { method: 'PUT', body: mlModel(modelId) });
      await server.call('PATCH', `logged-models/${modelId}`, { model_id: modelId, status: 'LOGGED_MODEL_READY' });
      await mlflow('runs/update', { run_id: runId, status, end_time: Date.now() });
      const logged = { runId, modelId, version: 0, digest: digestOf(mlModel(modelId)) };
      if (given.accuracy !== undefined) await self.score(logged, given.accuracy);
      return register ? self.register(logged, name) : logged;
    },

    async register(logged: Logged, name = 'AImodel'): Promise<Logged> {
      const { runId, modelId } = logged;
      await server.post('registered-models/create', { name: models[name] });
      const source = { name: models[name], source: `models:/${modelId}`, run_id: runId, model_id: modelId };
      const created = await mlflow('model-versions/create', source);
      return { ...logged, version: Number(created.model_version.version) };
    },

    /** Records what a model scores. */
    async score({ modelId, digest }: Logged, accuracy: number, on = `${holdout}@1`): Promise<void> {
      await insertScore(server, {
        modelId,
        digest,
        accuracy,
        name: holdout,
        version: Number(on.split('@')[1]),
        holdoutDigest: holdoutDigests.get(on)!,
      });
    },
  };
  await self.upload();
  return self;
}

export type TestService = Awaited<ReturnType<typeof aService>>;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const mlModel = (modelId: string) => `flavors: { python_function: {} }\n# ${modelId}\n`;

/** The digest of a model folder with one file, MLmodel, that holds this text. */
const digestOf = (text: string) => sha256(`MLmodel\0${text.length}\0${sha256(text)}\n`);

interface Score {
  readonly modelId: string;
  readonly digest: string;
  readonly accuracy: number;
  readonly name: string;
  readonly version: number;
  readonly holdoutDigest: string;
}

async function insertScore(server: TestServer, score: Score): Promise<void> {
  const no = 1_000_000 + ++made;
  const now = Date.now();
  await onDatabase(
    server,
    `insert into evaluations(evaluation_no, evaluation_id, artifact_digest, holdout_digest, evaluator, holdout_name,
       holdout_version, location, label, model_id, status, position, is_external, actor, creation_time, end_time)
     values (?, ?, ?, ?, '1', ?, ?, '', 'm', ?, 'succeeded', 0, 0, 'test', ?, ?)`,
    [no, `e-${randomUUID()}`, score.digest, score.holdoutDigest, score.name, score.version, score.modelId, now, now],
  );
  await onDatabase(server, 'insert into evaluation_metrics(evaluation_no, name, value, is_nan) values (?, ?, ?, 0)', [
    no,
    'accuracy',
    score.accuracy,
  ]);
}

/** Changes the database of a server from outside, as nobody should. Answers with how many rows changed. */
export async function onDatabase({ place }: TestServer, sql: string, params: readonly unknown[] = []): Promise<number> {
  if (place.store === undefined) {
    const database = new Database(`${place.dataDir}/cellar.db`, { timeout: 10_000 });
    try {
      return database.prepare(sql).run(...params).changes;
    } finally {
      database.close();
    }
  }
  const client = new pg.Client({ connectionString: place.store });
  await client.connect();
  try {
    let at = 0;
    return (
      (
        await client.query(
          sql.replaceAll('?', () => `$${++at}`),
          [...params],
        )
      ).rowCount ?? 0
    );
  } finally {
    await client.end();
  }
}
