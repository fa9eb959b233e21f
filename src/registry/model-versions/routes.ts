import { actorOf } from '../../http/api.ts';
import { del, get, patch, post, type Route } from '../../http/route.ts';
import type { ModelVersions } from './service.ts';
import * as wire from './wire.ts';

const at = (verb: string) => `/mlflow/model-versions/${verb}`;

export function modelVersionRoutes(versions: ModelVersions): Route[] {
  return [
    post(at('create'), wire.createRequest, async ({ tags, ...input }, { headers }) => ({
      model_version: wire.presentVersion(
        await versions.create({
          ...input,
          tags: tags.map(({ key, value = '' }) => ({ key, value })),
          ownHost: headers.host,
        }),
      ),
    })),
    get(at('get'), wire.versionRequest, async ({ name, version }) => ({
      model_version: wire.presentVersion(await versions.get(name, version)),
    })),
    get(at('search'), wire.searchRequest, async (input) => {
      const page = await versions.search(input);
      return {
        model_versions: page.versions.length === 0 ? undefined : page.versions.map(wire.presentVersion),
        next_page_token: page.nextPageToken,
      };
    }),
    patch(at('update'), wire.updateRequest, async ({ name, version, description }) => ({
      model_version: wire.presentVersion(await versions.update(name, version, description)),
    })),
    post(
      at('transition-stage'),
      wire.transitionRequest,
      async ({ name, version, stage, archiveExistingVersions }, call) => ({
        model_version: wire.presentVersion(
          await versions.transition(name, version, stage, archiveExistingVersions ?? false, actorOf(call)),
        ),
      }),
    ),
    del(at('delete'), wire.versionRequest, ({ name, version }) => versions.delete(name, version)),
    get(at('get-download-uri'), wire.versionRequest, async ({ name, version }) => ({
      artifact_uri: await versions.downloadUri(name, version),
    })),
    post(at('set-tag'), wire.setTagRequest, ({ name, version, key, value = '' }) =>
      versions.setTag(name, version, { key, value }),
    ),
    del(at('delete-tag'), wire.deleteTagRequest, ({ name, version, key }) => versions.deleteTag(name, version, key)),
  ];
}
