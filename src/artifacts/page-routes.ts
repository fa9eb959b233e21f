import { create as contentDisposition } from 'content-disposition';
import { invalid, shown } from '../errors.ts';
import { queryOf, type Route, raw } from '../http/route.ts';
import { filesBelow, zipOf } from './archive.ts';
import { artifactName, cleanArtifactFolder, cleanArtifactPath } from './artifact-path.ts';
import { sandboxedPageHeaders } from './headers.ts';
import type { RunArtifactRouteOptions } from './run-routes.ts';
import { idleMs } from './transfer.ts';
import { archiveArtifacts, type Owner, showArtifactPage } from './wire.ts';

/** What a browser is given beyond MLflow's API: a folder as one file, and an HTML artifact that can do no harm. */
export function pageArtifactRoutes(options: RunArtifactRouteOptions): Route[] {
  const { artifacts } = options;
  return [
    raw(
      'GET',
      '/artifacts/archive',
      async (call) => {
        const { path, ...owner } = archiveArtifacts.fromQuery(queryOf(call));
        const folder = cleanArtifactFolder(path);
        const { uri, title } = await ownerOf(owner, options);
        const files = await filesBelow(folder, (each) => artifacts.list(uri, each));
        const { size, stream } = await zipOf(
          files.map((file) => ({
            name: folder === '' ? file.path : file.path.slice(folder.length + 1),
            size: file.size,
            open: async () => (await artifacts.open(uri, file.path)).read(),
          })),
        );
        const { reply } = call;
        reply.headers({
          'content-type': 'application/zip',
          'content-length': size,
          'content-disposition': contentDisposition(`${folder === '' ? title : artifactName(folder)}.zip`),
          'x-content-type-options': 'nosniff',
          'cache-control': 'private, no-cache',
        });
        reply.raw.setTimeout(idleMs, () => reply.raw.destroy());
        reply.send(stream);
      },
      { prefix: 'v1' },
    ),
    raw(
      'GET',
      '/artifacts/page',
      async (call) => {
        const { path, scripts, ...owner } = showArtifactPage.fromQuery(queryOf(call));
        if (!/\.html?$/i.test(cleanArtifactPath(path)))
          throw invalid(`Artifact ${shown(path)} cannot be shown as a page: its name must end in .html or .htm.`);
        const { uri } = await ownerOf(owner, options);
        const artifact = await artifacts.open(uri, path);
        call.reply.headers({ ...sandboxedPageHeaders(scripts === true), 'content-length': artifact.size });
        call.reply.raw.setTimeout(idleMs, () => call.reply.raw.destroy());
        call.reply.send(artifact.read());
      },
      { prefix: 'v1' },
    ),
  ];
}

/** Whose artifacts are meant, and what a download of all of them is called. */
async function ownerOf(
  { runId, modelId, name, version }: Owner,
  options: RunArtifactRouteOptions,
): Promise<{ uri: string; title: string }> {
  const { artifactUriOfRun, artifactUriOfLoggedModel, artifactUriOfModelVersion } = options;
  const given = [runId, modelId, name].filter((id) => id !== undefined);
  if (given.length !== 1 || (name === undefined) !== (version === undefined))
    throw invalid("Exactly one owner must be given: 'runId', 'modelId', or 'name' with 'version'.");
  if (runId !== undefined) return { uri: await artifactUriOfRun(runId), title: `run-${runId}` };
  if (modelId !== undefined) return { uri: await artifactUriOfLoggedModel(modelId), title: `model-${modelId}` };
  return { uri: await artifactUriOfModelVersion(name!, version!), title: `${name}-${version}` };
}
