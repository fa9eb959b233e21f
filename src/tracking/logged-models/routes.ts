import { del, get, patch, post, type Route } from '../../http/route.ts';
import { withValue } from '../experiments/wire.ts';
import type { LoggedModelsService } from './service.ts';
import * as wire from './wire.ts';

const base = '/mlflow/logged-models';

export function loggedModelRoutes(models: LoggedModelsService): Route[] {
  return [
    post(base, wire.createModel, async (input) => ({ model: wire.presentModel(await models.create(input)) })),
    post(`${base}/search`, wire.searchModels, async (input) => {
      const page = await models.search(input);
      return {
        ...(page.models.length > 0 && { models: page.models.map(wire.presentModel) }),
        next_page_token: page.nextPageToken,
      };
    }),
    get(`${base}/:model_id`, wire.getModel, async ({ allowDeleted }, { path }) => ({
      model: wire.presentModel(await models.get(path['model_id']!, allowDeleted)),
    })),
    patch(`${base}/:model_id`, wire.finalizeModel, async ({ status }, { path }) => ({
      model: wire.presentModel(await models.setStatus(path['model_id']!, status)),
    })),
    del(`${base}/:model_id`, wire.nothing, (_, { path }) => models.delete(path['model_id']!)),
    post(`${base}/:model_id/params`, wire.logModelParams, ({ params }, { path }) =>
      models.logParams(path['model_id']!, params.map(withValue)),
    ),
    patch(`${base}/:model_id/tags`, wire.setModelTags, ({ tags }, { path }) =>
      models.setTags(path['model_id']!, tags.map(withValue)),
    ),
    del(`${base}/:model_id/tags/:tag_key`, wire.nothing, (_, { path }) =>
      models.deleteTag(path['model_id']!, path['tag_key']!),
    ),
  ];
}
