import type { Answer, Json, TestServer } from './app.ts';

/** The service of the tests: two environments, one holdout of four rows. */
export const wineYaml = (given: { prod?: string; int?: string; more?: string; service?: string } = {}) => `
apiVersion: cellar/v1
environments:
  int: { stage: Staging, branch: int }
  prod: { stage: Production, branch: master, protected: true, after: int }
holdouts:
  rows: { target: class, task: classification }
services:
  wine:
    experiment: /wine
    metric: { name: accuracy, goal: maximize }
    holdout: { int: rows@1, prod: rows@1 }
    allow:
      int: { ${given.int ?? 'AImodel: "<=2.0"'} }
      prod: { ${given.prod ?? 'AImodel: "<=1.0"'} }
${given.service ?? ''}
${given.more ?? ''}
`;

export const environmentsApi = (server: TestServer) => {
  const call = async (method: string, path: string, input?: object): Promise<Json> => {
    const answer = await server.call(method, `/api/v1/${path}`, input);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    call,
    refused: (method: string, path: string, input?: object): Promise<Answer> =>
      server.call(method, `/api/v1/${path}`, input),
    apply: (yaml: string, more: object = {}) => call('PUT', 'configuration', { yaml, ...more }),
    select: async (environment: string, service = 'wine') =>
      (await call('POST', `services/${service}/environments/${environment}/select`, {})).decision.decision,
    slot: (environment: string, service = 'wine') => call('GET', `services/${service}/environments/${environment}`),
    verb: (environment: string, verb: string, input: object) =>
      call('POST', `services/wine/environments/${environment}/${verb}`, input),

    /** Uploads rows as a version of a holdout. */
    async holdout(csv = 'x,class\n1,a\n2,b\n3,a\n4,b\n', name = 'rows'): Promise<Json> {
      const url = `${server.url}/api/v1/holdouts/${name}/versions?target=class&task=classification&format=csv`;
      const response = await fetch(url, { method: 'PUT', body: csv });
      const body = await response.json();
      if (!response.ok) throw new Error(JSON.stringify(body));
      return body;
    },

    /** Logs a model with a file of its own; it is registered where `register` says so. */
    async model(
      given: { name?: string; code?: string | null; register?: boolean; tags?: Record<string, string> } = {},
    ) {
      const { name = 'AImodel', code = '1.0', register = true } = given;
      const { experiment_id: experimentId } = await experiment(server);
      const run = (await server.post('runs/create', { experiment_id: experimentId, start_time: Date.now() })).body.run;
      const runId: string = run.info.run_id;
      const tags = [
        ...(code === null ? [] : [{ key: 'code_version', value: code }]),
        ...Object.entries(given.tags ?? {}).map(([key, value]) => ({ key, value })),
      ];
      for (const tag of tags) await server.post('runs/set-tag', { run_id: runId, ...tag });
      const logged = (
        await server.post('logged-models', { experiment_id: experimentId, name: 'model', source_run_id: runId })
      ).body.model.info;
      const modelId: string = logged.model_id;
      const place = logged.artifact_uri.replace('mlflow-artifacts:/', '');
      await fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts/${place}/MLmodel`, {
        method: 'PUT',
        body: modelId,
      });
      await server.call('PATCH', `logged-models/${modelId}`, { status: 'LOGGED_MODEL_READY' });
      await server.post('runs/update', { run_id: runId, status: 'FINISHED', end_time: Date.now() });
      let version: string | undefined;
      if (register) {
        await server.post('registered-models/create', { name });
        const created = await server.post('model-versions/create', {
          name,
          source: `models:/${modelId}`,
          run_id: runId,
          model_id: modelId,
        });
        version = created.body.model_version.version;
      }
      return { runId, modelId, version: Number(version) };
    },

    /** Posts what a model scored elsewhere. */
    score: (modelId: string, accuracy: number, holdout = 'rows@1') =>
      call('POST', 'evaluations', { modelId, holdout, metrics: { accuracy } }),
  };
};

async function experiment(server: TestServer): Promise<Json> {
  const made = await server.post('experiments/create', { name: '/wine' });
  if (made.status === 200) return made.body;
  return (await server.get('experiments/get-by-name', { experiment_name: '/wine' })).body.experiment;
}
