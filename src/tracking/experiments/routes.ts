import { endpoint } from '../../http/api.ts';
import { get, post, type Route } from '../../http/route.ts';
import type { ExperimentsService } from './service.ts';
import * as wire from './wire.ts';

export function experimentRoutes(experiments: ExperimentsService): Route[] {
  const search = async (input: wire.SearchExperiments) => {
    const page = await experiments.search(input);
    return {
      ...(page.experiments.length > 0 && { experiments: page.experiments.map(wire.presentExperiment) }),
      next_page_token: page.nextPageToken,
    };
  };
  return [
    post('/mlflow/experiments/create', wire.createExperiment, async (input) => {
      const id = await experiments.create({ ...input, tags: input.tags.map(wire.withValue) });
      return { experiment_id: String(id) };
    }),
    get('/mlflow/experiments/get', wire.getExperiment, async ({ experimentId }) => ({
      experiment: wire.presentExperiment(await experiments.get(experimentId)),
    })),
    get('/mlflow/experiments/get-by-name', wire.getExperimentByName, async ({ experimentName }) => ({
      experiment: wire.presentExperiment(await experiments.getByName(experimentName)),
    })),
    post('/mlflow/experiments/search', wire.searchExperiments, search),
    get('/mlflow/experiments/search', wire.searchExperiments, search),
    post('/mlflow/experiments/update', wire.updateExperiment, ({ experimentId, newName }) =>
      experiments.rename(experimentId, newName),
    ),
    post('/mlflow/experiments/delete', wire.getExperiment, ({ experimentId }) => experiments.delete(experimentId)),
    post('/mlflow/experiments/restore', wire.getExperiment, ({ experimentId }) => experiments.restore(experimentId)),
    post('/mlflow/experiments/set-experiment-tag', wire.setExperimentTag, ({ experimentId, ...tag }) =>
      experiments.setTag(experimentId, wire.withValue(tag)),
    ),
    post('/mlflow/experiments/delete-experiment-tag', wire.deleteExperimentTag, ({ experimentId, key }) =>
      experiments.deleteTag(experimentId, key),
    ),
    post(
      '/mlflow/experiments/search-datasets',
      wire.searchDatasets,
      async ({ experimentIds }) => {
        const summaries = await experiments.searchDatasets(experimentIds);
        return summaries.length === 0 ? {} : { dataset_summaries: summaries.map(wire.presentDatasetSummary) };
      },
      { prefix: 'ajax' },
    ),
    endpoint(
      'GET',
      '/experiments',
      {
        summary:
          'All experiments, or all deleted ones, each with the number of its runs and when the last one started.',
        tag: 'experiments',
        input: wire.activityInput,
        reply: wire.activityReply,
      },
      async ({ input }) => {
        const { experiments: found, more } = await experiments.activity(input.deleted === true);
        return {
          experiments: found.map((row) => ({
            experimentId: String(row.exp_id),
            name: row.name,
            creationTime: row.creation_time,
            runs: row.runs,
            lastRunTime: row.last_run_time,
          })),
          more,
        };
      },
    ),
  ];
}
