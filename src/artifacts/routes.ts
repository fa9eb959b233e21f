import { AppError } from '../errors.ts';
import { type Call, del, get, post, type Route, raw } from '../http/route.ts';
import {
  artifactFolder,
  artifactName,
  artifactPath,
  cleanArtifactFolder,
  cleanArtifactPath,
  joinArtifactPath,
} from './artifact-path.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { declaredSize, receiveArtifact, sendArtifact, sendArtifactHeaders } from './transfer.ts';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listArtifacts,
  nothing,
  presentFiles,
  presentUpload,
  uploadedParts,
} from './wire.ts';

export { declaredSize, receiveArtifact } from './transfer.ts';

export interface ArtifactRouteOptions {
  readonly store: ArtifactStore;
  /** The URL that clients reach this server by (`https://host/prefix`), where it is known. */
  readonly publicUrl?: string | undefined;
}

/**
 * What `server-info` says of large transfers. Parts are sent to absolute URLs, and behind a proxy the Host header may
 * name an inner host, so clients are invited to send parts only when the operator has said how the server is reached.
 * Downloads in parts ask for presigned URLs, which a local folder has not; ranges work without.
 */
export const transferFeatures = (publicUrl: string | undefined) => ({
  multipart_uploads_enabled: publicUrl !== undefined,
  multipart_downloads_enabled: false,
});

/** The artifact proxy: MLflow clients store and load artifacts here, by the path of an `mlflow-artifacts:` URI. */
export function artifactRoutes({ store, publicUrl }: ArtifactRouteOptions): Route[] {
  const { uploads } = store;
  return [
    get('/mlflow-artifacts/artifacts', listArtifacts, async ({ path }) => {
      const entries = await store.list(cleanArtifactFolder(path));
      return presentFiles(entries.map(({ name, ...entry }) => ({ path: name, ...entry })));
    }),
    raw('PUT', '/mlflow-artifacts/artifacts/*', async (call) => {
      await receiveArtifact(call, async (body) =>
        store.put(artifactPath(afterRoute(call, 'artifacts')), body, { announcedBytes: declaredSize(body) }),
      );
      call.reply.send();
    }),
    raw('GET', '/mlflow-artifacts/artifacts/*', async (call) => {
      const path = artifactPath(afterRoute(call, 'artifacts'));
      await sendArtifact(call, artifactName(path), await store.open(path));
    }),
    raw('HEAD', '/mlflow-artifacts/artifacts/*', async (call) => {
      const path = artifactPath(afterRoute(call, 'artifacts'));
      sendArtifactHeaders(call, artifactName(path), await store.stat(path));
    }),
    // MLflow's client ends the path of a whole run in a slash.
    del('/mlflow-artifacts/artifacts/*', nothing, async (_, call) => {
      await store.delete(artifactFolder(afterRoute(call, 'artifacts')));
    }),

    post('/mlflow-artifacts/mpu/create/*', createUpload, async ({ path, numParts }, call) => {
      const id = await uploads.create(uploadTarget(call, 'mpu/create', path), numParts);
      return presentUpload(id, numParts, `${baseUrl(call, publicUrl)}/mlflow-artifacts/mpu/part/${id}`);
    }),
    // The client sends parts without credentials, as to a presigned URL: the upload's id is what allows it.
    raw('PUT', '/mlflow-artifacts/mpu/part/:uploadId/:number', async (call) => {
      const { etag } = await receiveArtifact(call, async (body) => {
        const size = declaredSize(body);
        if (size === undefined)
          throw new AppError('BAD_REQUEST', 'A part must be sent with its Content-Length.', { status: 411 });
        return uploads.put(call.path['uploadId']!, Number(call.path['number']), body, size);
      });
      call.reply.header('etag', `"${etag}"`).send();
    }),
    post('/mlflow-artifacts/mpu/complete/*', completeUpload, async ({ path, uploadId, parts }, call) => {
      await uploads.complete(uploadId, uploadTarget(call, 'mpu/complete', path), uploadedParts(parts));
    }),
    post('/mlflow-artifacts/mpu/abort/*', abortUpload, async ({ path, uploadId }, call) => {
      await uploads.abort(uploadId, uploadTarget(call, 'mpu/abort', path));
    }),

    get('/mlflow-artifacts/presigned/*', nothing, () => {
      throw new AppError(
        'NOT_IMPLEMENTED',
        'Multipart download is not supported for the current artifact repository: it has no presigned URLs.',
      );
    }),
  ];
}

/**
 * The undecoded path behind a route of the proxy. The framework's own parameter is decoded by its rules; a location is
 * decoded by ours alone, once.
 */
function afterRoute(call: Call, route: string): string {
  const path = call.request.raw.url!.split('?', 1)[0]!;
  const marker = `/mlflow-artifacts/${route}/`;
  const at = path.indexOf(marker);
  if (at === -1)
    throw new AppError('ENDPOINT_NOT_FOUND', 'The fixed part of an artifact URL may not be percent-encoded.');
  return path.slice(at + marker.length);
}

/** Clients name the file by its path on their own disk; its last name counts, with either separator. */
function uploadTarget(call: Call, route: string, localPath: string): string {
  const name = cleanArtifactPath(localPath.replace(/^.*[\\/]/s, ''));
  return joinArtifactPath(artifactFolder(afterRoute(call, route)), name);
}

/** The URL of this server up to the API version, as the client reached it. */
function baseUrl(call: Call, publicUrl: string | undefined): string {
  const { raw: request, protocol, host } = call.request;
  const prefix = request.url!.slice(0, request.url!.indexOf('/mlflow-artifacts/'));
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '') + prefix;
  const secure = protocol === 'https' || /^https\b/i.test(String(request.headers['x-forwarded-proto'] ?? ''));
  return `${secure ? 'https' : 'http'}://${host}${prefix}`;
}
