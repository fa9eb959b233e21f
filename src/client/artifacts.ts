import { CellarError } from './errors.ts';
import type { CallOptions, Content, Transport } from './transport.ts';
import type { WireFiles, WireLoggedModel, WireRun } from './wire.ts';

/** Whose files: a run's or a logged model's. */
export type ArtifactOwner = { readonly runId: string } | { readonly modelId: string };
/** Where to upload. The `artifactUri` of a run or a logged model saves the call that asks for it. */
export type ArtifactRoot = ArtifactOwner | { readonly artifactUri: string };

export interface Artifact {
  /** From the owner's root. */
  readonly path: string;
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
}

export type UploadOptions = CallOptions & {
  /** Guessed from the name unless given. */
  readonly contentType?: string | undefined;
};

export function artifactVerbs(transport: Transport) {
  return {
    /** What is in a folder, the root unless a path is given. A path that does not exist has nothing. */
    async listArtifacts(owner: ArtifactOwner, path?: string, options?: CallOptions): Promise<Artifact[]> {
      const reply = await ('runId' in owner
        ? transport.get<WireFiles>('artifacts/list', { run_id: owner.runId, path }, options)
        : transport.get<WireFiles>(
            `logged-models/${encodeURIComponent(owner.modelId)}/artifacts/directories`,
            { artifact_directory_path: path },
            options,
          ));
      return (reply.files ?? []).map((file) => ({
        path: file.path,
        isDirectory: file.is_dir === true,
        sizeBytes: file.file_size ?? 0,
      }));
    },

    /**
     * A file, as the web's own Response: read it with `text()`, `json()`, `arrayBuffer()`, or as a stream from `body`.
     * RESOURCE_DOES_NOT_EXIST when there is no such file.
     */
    downloadArtifact(owner: ArtifactOwner, path: string, options?: CallOptions): Promise<Response> {
      return 'runId' in owner
        ? transport.download('/get-artifact', { run_id: owner.runId, path }, options)
        : transport.download(
            `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(owner.modelId)}/artifacts/files`,
            { artifact_file_path: path },
            options,
          );
    },

    /**
     * Writes one file, replacing what is there. A Blob is streamed; `openAsBlob` of node:fs makes one of a file.
     * NOT_IMPLEMENTED when the server does not pass artifacts through.
     */
    async uploadArtifact(
      root: ArtifactRoot,
      path: string,
      content: Content,
      options: UploadOptions = {},
    ): Promise<void> {
      const segments = artifactSegments(path);
      const uri = 'artifactUri' in root ? root.artifactUri : await artifactUriOf(root, options);
      const contentType = options.contentType ?? contentTypeOf(path);
      await transport.upload(proxyPath(uri, segments, transport.trackingUri), content, contentType, options);
    },
  };

  async function artifactUriOf(owner: ArtifactOwner, { signal }: CallOptions): Promise<string> {
    if ('runId' in owner) {
      const { run } = await transport.get<{ run: WireRun }>('runs/get', { run_id: owner.runId }, { signal });
      return run.info.artifact_uri ?? '';
    }
    const path = `logged-models/${encodeURIComponent(owner.modelId)}`;
    const { model } = await transport.get<{ model: WireLoggedModel }>(path, {}, { signal });
    return model.info.artifact_uri ?? '';
  }
}

/** The names along a path. A URL would resolve `..` on its way, to a place that nobody meant, so it must not come that far. */
export function artifactSegments(path: string): string[] {
  const segments = path.split('/');
  if (segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')) return segments;
  throw new CellarError(
    'INVALID_PARAMETER_VALUE',
    `An artifact's path must be relative, such as 'model/weights.json', without empty, '.' and '..' parts; got '${path}'.`,
  );
}

/** The server's own address of a proxied file. Another host would get this one's credentials, so it is refused. */
export function proxyPath(artifactUri: string, segments: readonly string[], trackingUri: string): string {
  const match = /^mlflow-artifacts:(?:\/\/([^/]*))?\/(.*)$/.exec(artifactUri);
  if (match === null)
    throw new CellarError(
      'NOT_IMPLEMENTED',
      `The artifacts are at '${artifactUri}', which the server does not pass through. This client only writes 'mlflow-artifacts:' locations.`,
    );
  const [, host = '', root = ''] = match;
  if (host !== '' && (!URL.canParse(trackingUri) || new URL(trackingUri).host !== host))
    throw new CellarError('NOT_IMPLEMENTED', `The artifacts are on another server, '${host}'.`);
  const names = [...root.split('/').filter((name) => name !== ''), ...segments];
  return `/api/2.0/mlflow-artifacts/artifacts/${names.map(encodeURIComponent).join('/')}`;
}

const contentTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  html: 'text/html',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  svg: 'image/svg+xml',
};
const plainText = /(^|[./])(MLmodel|txt|log|ya?ml|csv|tsv|md|toml|ini|js|ts|py|xml)$/;

function contentTypeOf(path: string): string {
  if (plainText.test(path)) return 'text/plain';
  return contentTypes[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}
