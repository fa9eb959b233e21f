import type { Capability } from './sequence.ts';

/** Every call of the core of MLflow's REST API, `{}` standing for one path segment or, in artifact paths, for several. */
export const calls: readonly string[] = [
  ...under('POST', '/api/2.0/mlflow/experiments', ['create', 'search', 'update', 'delete', 'restore']),
  ...under('POST', '/api/2.0/mlflow/experiments', ['set-experiment-tag', 'delete-experiment-tag']),
  ...under('GET', '/api/2.0/mlflow/experiments', ['get', 'get-by-name', 'search']),
  'POST /ajax-api/2.0/mlflow/experiments/search-datasets',
  ...under('POST', '/api/2.0/mlflow/runs', [
    'create',
    'update',
    'delete',
    'restore',
    'search',
    'log-metric',
    'log-parameter',
  ]),
  ...under('POST', '/api/2.0/mlflow/runs', [
    'set-tag',
    'delete-tag',
    'log-batch',
    'log-model',
    'log-inputs',
    'outputs',
  ]),
  'GET /api/2.0/mlflow/runs/get',
  ...under('GET', '/api/2.0/mlflow/metrics', ['get-history', 'get-history-bulk-interval']),
  'GET /ajax-api/2.0/mlflow/metrics/get-history-bulk',
  'GET /ajax-api/2.0/mlflow/metrics/get-history-bulk-interval',
  ...under('POST', '/api/2.0/mlflow/logged-models', ['search', '{}/params']),
  'POST /api/2.0/mlflow/logged-models',
  ...under('GET', '/api/2.0/mlflow/logged-models', ['{}', '{}/artifacts/directories']),
  'GET /ajax-api/2.0/mlflow/logged-models/{}/artifacts/files',
  ...under('PATCH', '/api/2.0/mlflow/logged-models', ['{}', '{}/tags']),
  ...under('DELETE', '/api/2.0/mlflow/logged-models', ['{}', '{}/tags/{}']),
  'GET /api/2.0/mlflow/artifacts/list',
  ...under('GET', '', [
    'get-artifact',
    'model-versions/get-artifact',
    'health',
    'version',
    'api/3.0/mlflow/server-info',
  ]),
  'POST /ajax-api/2.0/mlflow/upload-artifact',
  ...under('POST', '/api/2.0/mlflow/artifacts', ['presigned-upload-url', 'presigned-download-url']),
  'GET /api/2.0/mlflow-artifacts/artifacts',
  ...['GET', 'HEAD', 'PUT', 'DELETE'].map((verb) => `${verb} /api/2.0/mlflow-artifacts/artifacts/{}`),
  ...under('POST', '/api/2.0/mlflow-artifacts/mpu', ['create/{}', 'complete/{}', 'abort/{}']),
  'GET /api/2.0/mlflow-artifacts/presigned/{}',
  ...under('POST', '/api/2.0/mlflow/registered-models', [
    'create',
    'rename',
    'get-latest-versions',
    'set-tag',
    'alias',
  ]),
  ...under('GET', '/api/2.0/mlflow/registered-models', ['get', 'search', 'get-latest-versions', 'alias']),
  'PATCH /api/2.0/mlflow/registered-models/update',
  ...under('DELETE', '/api/2.0/mlflow/registered-models', ['delete', 'delete-tag', 'alias']),
  ...under('POST', '/api/2.0/mlflow/model-versions', ['create', 'transition-stage', 'set-tag']),
  ...under('GET', '/api/2.0/mlflow/model-versions', ['get', 'search', 'get-download-uri']),
  'PATCH /api/2.0/mlflow/model-versions/update',
  ...under('DELETE', '/api/2.0/mlflow/model-versions', ['delete', 'delete-tag']),
];

function under(verb: string, prefix: string, names: readonly string[]): string[] {
  return names.map((name) => `${verb} ${prefix}/${name}`);
}

/** The calls that no sequence makes in a step that is compared. */
export function untouched(capabilities: readonly Capability[]): string[] {
  const made = capabilities
    .flatMap((each) => each.sequences)
    .flatMap((each) => each.steps)
    .filter((step) => !step.given)
    .map(
      (step) =>
        `${step.method} ${step.path.startsWith('/') ? step.path : `/api/2.0/mlflow/${step.path}`}`.split('?')[0] ?? '',
    );
  return calls.filter((call) => !made.some((each) => patternOf(call).test(each)));
}

function patternOf(call: string): RegExp {
  const literal = call.split('{}').map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join(call.includes('mlflow-artifacts') ? '.+' : '[^/]+')}$`);
}
