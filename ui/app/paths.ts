import { listToUrl } from './url-list.ts';

const at = (...segments: readonly string[]) => `/${segments.map(encodeURIComponent).join('/')}`;

/** Every address inside the page is built here. */
export const paths = {
  home: () => '/',
  experiments: () => '/experiments',
  experiment: (id: string) => at('experiments', id),
  /** The runs of an experiment that a filter admits. */
  runsWhere: (experimentId: string, filter: string) =>
    `${at('experiments', experimentId)}?${new URLSearchParams({ q: filter })}`,
  run: (id: string) => at('runs', id),
  /** The curves of some metrics of a run. */
  runMetrics: (id: string, metrics: readonly string[]) =>
    `${at('runs', id)}?${new URLSearchParams({ tab: 'metrics', metrics: listToUrl(metrics) })}`,
  /** A file or folder of a run (`of` is '') or of a model that it logged. */
  runFiles: (id: string, of: string, path: string) =>
    `${at('runs', id)}?${new URLSearchParams({ tab: 'artifacts', ...(of !== '' && { of }), ...(path !== '' && { path }) })}`,
  /** Runs of any experiments side by side. */
  compare: (runIds: readonly string[]) => `/compare?${new URLSearchParams({ runs: runIds.join(',') })}`,
  models: () => '/models',
  model: (name: string) => at('models', name),
  modelVersion: (name: string, version: string) => at('models', name, 'versions', version),
  /** A service; its candidates and decisions of one environment. */
  service: (name: string, environment = '') =>
    `${at('services', name)}${environment === '' ? '' : `?${new URLSearchParams({ tab: environment })}`}`,
  decision: (id: string) => at('decisions', id),
};
