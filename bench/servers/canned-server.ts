import { createServer } from 'node:http';

/**
 * Answers every request at once with a reply prepared before: enough of MLflow's API for the loop of the Python client
 * (see `../mlflow/client_loop.py`). Everything else is `{}`. The body of a request is read and dropped.
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
const run = { info, data: { tags: [{ key: 'mlflow.runName', value: 'canned' }] }, inputs: {} };

const replies = new Map<string, string>(
  Object.entries({
    'GET experiments/get-by-name': { experiment },
    'GET experiments/get': { experiment },
    'POST runs/create': { run },
    'GET runs/get': { run },
    'POST runs/update': { run_info: { ...info, status: 'FINISHED' } },
    'POST runs/search': { runs: [run] },
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
