import { createServer } from 'node:http';

/**
 * Answers every request at once with a reply prepared before: enough of MLflow's API for the loop of the Python client
 * (see `../mlflow/client_loop.py`). Everything else is `{}`. The body of a request is read and dropped. A run has all that the
 * loop has given it by then: the client reads it, which takes its time whoever answers.
 */
const experiment = {
  experiment_id: '1',
  name: 'bench-client',
  artifact_location: 'mlflow-artifacts:/1',
  lifecycle_stage: 'active',
  last_update_time: 1_700_000_000_000,
  creation_time: 1_700_000_000_000,
};
const info = {
  run_uuid: '0'.repeat(32),
  run_id: '0'.repeat(32),
  experiment_id: '1',
  run_name: 'canned',
  user_id: 'bench',
  status: 'RUNNING',
  start_time: 1_700_000_000_000,
  artifact_uri: 'mlflow-artifacts:/1/0/artifacts',
  lifecycle_stage: 'active',
};
const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));
const startTags = {
  'mlflow.user': 'bench',
  'mlflow.source.name': '/srv/bench/mlflow/client_loop.py',
  'mlflow.source.type': 'LOCAL',
  'mlflow.source.git.commit': '0'.repeat(40),
  'mlflow.source.git.branch': 'main',
  'mlflow.runName': 'canned',
};
const started = { info, data: { tags: pairs(startTags) }, inputs: {} };
const logged = {
  info,
  data: {
    metrics: ['F1', 'accuracy'].map((key) => ({ key, value: 0.001, timestamp: 1_700_000_000_000, step: 0 })),
    params: pairs({ n_estimators: '1', max_depth: '1' }),
    tags: pairs({ ...startTags, team: 'a' }),
  },
  inputs: {},
  outputs: {},
};

const replies = new Map<string, string>(
  Object.entries({
    'GET experiments/get-by-name': { experiment },
    'GET experiments/get': { experiment },
    'POST runs/create': { run: started },
    'GET runs/get': { run: logged },
    'POST runs/update': { run_info: { ...info, status: 'FINISHED', end_time: 1_700_000_000_100 } },
    'POST runs/search': { runs: [logged] },
  }).map(([call, reply]) => [call, JSON.stringify(reply)]),
);
const prefix = '/api/2.0/mlflow/';

createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const [path = ''] = request.url!.split('?', 1);
    const reply = replies.get(`${request.method} ${path.slice(prefix.length)}`) ?? '{}';
    response.setHeader('content-type', 'application/json');
    response.end(reply);
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
