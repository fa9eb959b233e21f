import { type AppError, invalid } from '../errors.ts';
import { type Call, get, post, queryOf, type Route, raw } from '../http/route.ts';
import { artifactName, cleanArtifactPath } from './artifact-path.ts';
import type { ArtifactsService } from './service.ts';
import { declaredSize, receiveArtifact, sendArtifact } from './transfer.ts';
import {
  getModelArtifact,
  getModelVersionArtifact,
  getRunArtifact,
  listModelArtifacts,
  listRunArtifacts,
  presentFiles,
  presignDownload,
  presignUpload,
  uploadRunArtifact,
} from './wire.ts';

/** What a page may upload at once, as in MLflow. */
const maxUploadBytes = 10 * 1024 * 1024;

export interface RunArtifactRouteOptions {
  readonly artifacts: ArtifactsService;
  /** Each throws RESOURCE_DOES_NOT_EXIST for what is not there. */
  readonly artifactUriOfRun: (runId: string) => Promise<string>;
  readonly artifactUriOfModelVersion: (name: string, version: string) => Promise<string>;
  readonly artifactUriOfLoggedModel: (modelId: string) => Promise<string>;
}

/** Artifacts by their owner: a run, a model version or a logged model. Used by pages and by the Java and R clients. */
export function runArtifactRoutes(options: RunArtifactRouteOptions): Route[] {
  const { artifacts, artifactUriOfRun, artifactUriOfModelVersion, artifactUriOfLoggedModel } = options;

  const send = async (call: Call, artifactUri: string, path: string) =>
    sendArtifact(call, artifactName(cleanArtifactPath(path)), await artifacts.open(artifactUri, path));

  const listing = async (artifactUri: string, folder: string | undefined) => ({
    root_uri: artifactUri,
    ...presentFiles(await artifacts.list(artifactUri, folder)),
  });

  return [
    get('/mlflow/artifacts/list', listRunArtifacts, async ({ runId, path }) =>
      listing(await artifactUriOfRun(runId), path),
    ),
    raw(
      'GET',
      '/get-artifact',
      async (call) => {
        const { runId, path } = getRunArtifact.fromQuery(queryOf(call));
        await send(call, await artifactUriOfRun(runId), path);
      },
      { prefix: 'root' },
    ),
    raw(
      'GET',
      '/model-versions/get-artifact',
      async (call) => {
        const { name, version, path } = getModelVersionArtifact.fromQuery(queryOf(call));
        await send(call, await artifactUriOfModelVersion(name, version), path);
      },
      { prefix: 'root' },
    ),
    raw(
      'POST',
      '/mlflow/upload-artifact',
      async (call) => {
        await receiveArtifact(call, async (body) => {
          const { runUuid, path } = uploadRunArtifact.fromQuery(queryOf(call));
          const size = declaredSize(body);
          if (size === 0 || (size === undefined && body.headers['transfer-encoding'] === undefined))
            throw invalid('The request body must hold the data of the artifact.');
          return artifacts.put(await artifactUriOfRun(runUuid), path, body, { maxBytes: maxUploadBytes });
        });
        call.reply.send();
      },
      { prefix: 'ajax' },
    ),
    get(
      '/mlflow/logged-models/:modelId/artifacts/directories',
      listModelArtifacts,
      async ({ artifactDirectoryPath }, call) =>
        listing(await artifactUriOfLoggedModel(call.path['modelId']!), artifactDirectoryPath),
    ),
    raw(
      'GET',
      '/mlflow/logged-models/:modelId/artifacts/files',
      async (call) => {
        const { artifactFilePath } = getModelArtifact.fromQuery(queryOf(call));
        await send(call, await artifactUriOfLoggedModel(call.path['modelId']!), artifactFilePath);
      },
      { prefix: 'ajax' },
    ),
    post('/mlflow/artifacts/presigned-upload-url', presignUpload, async ({ runId, modelId, path }) => {
      if ((runId === undefined) === (modelId === undefined))
        throw invalid("Exactly one of the parameters 'run_id' and 'model_id' must be given.");
      cleanArtifactPath(path);
      await (runId === undefined ? artifactUriOfLoggedModel(modelId!) : artifactUriOfRun(runId));
      throw notPresigned('upload');
    }),
    post('/mlflow/artifacts/presigned-download-url', presignDownload, async ({ runId, path }) => {
      cleanArtifactPath(path);
      await artifactUriOfRun(runId);
      throw notPresigned('download');
    }),
  ];
}

const notPresigned = (direction: string): AppError =>
  invalid(
    `A presigned ${direction} is not possible: these artifacts are reached through this server (mlflow-artifacts:), not in an object store.`,
  );
