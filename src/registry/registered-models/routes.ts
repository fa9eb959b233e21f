import { actorOf } from '../../http/api.ts';
import { del, get, patch, post, type Route } from '../../http/route.ts';
import { presentVersion } from '../model-versions/wire.ts';
import type { RegisteredModels } from './service.ts';
import * as wire from './wire.ts';

const at = (verb: string) => `/mlflow/registered-models/${verb}`;

export function registeredModelRoutes(models: RegisteredModels): Route[] {
  const latestVersions = async ({ name, stages }: { name: string; stages: string[] }) => {
    const found = await models.latestVersions(name, stages);
    return found.length === 0 ? {} : { model_versions: found.map(presentVersion) };
  };

  return [
    post(at('create'), wire.createRequest, async ({ name, description, tags }) => ({
      registered_model: wire.presentModel(
        await models.create({ name, description, tags: tags.map(({ key, value = '' }) => ({ key, value })) }),
      ),
    })),
    get(at('get'), wire.nameRequest, async ({ name }) => ({
      registered_model: wire.presentModel(await models.get(name)),
    })),
    get(at('search'), wire.searchRequest, async (input) => {
      const page = await models.search(input);
      return {
        registered_models: page.models.length === 0 ? undefined : page.models.map(wire.presentModel),
        next_page_token: page.nextPageToken,
      };
    }),
    patch(at('update'), wire.updateRequest, async ({ name, description }) => ({
      registered_model: wire.presentModel(await models.update(name, description)),
    })),
    post(at('rename'), wire.renameRequest, async ({ name, newName }, call) => ({
      registered_model: wire.presentModel(await models.rename(name, newName, actorOf(call))),
    })),
    del(at('delete'), wire.nameRequest, ({ name }) => models.delete(name)),
    // Clients POST first; those that meet an older server GET.
    post(at('get-latest-versions'), wire.latestVersionsRequest, latestVersions),
    get(at('get-latest-versions'), wire.latestVersionsRequest, latestVersions),
    post(at('set-tag'), wire.setTagRequest, ({ name, key, value = '' }) => models.setTag(name, { key, value })),
    del(at('delete-tag'), wire.deleteTagRequest, ({ name, key }) => models.deleteTag(name, key)),
    post(at('alias'), wire.setAliasRequest, ({ name, alias, version }, call) =>
      models.setAlias(name, alias, version, actorOf(call)),
    ),
    del(at('alias'), wire.aliasRequest, ({ name, alias }) => models.deleteAlias(name, alias)),
    get(at('alias'), wire.aliasRequest, async ({ name, alias }) => ({
      model_version: presentVersion(await models.getByAlias(name, alias)),
    })),
  ];
}
