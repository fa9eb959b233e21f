import { bool, type Infer, int, list, message, nested, required, str } from '../http/message.ts';
import type { UploadedPart } from './artifact-store.ts';

export const listArtifacts = message({ path: str() });
export const nothing = message({});

export const createUpload = message({ path: required(str()), numParts: required(int()) });
export const completeUpload = message({
  path: required(str()),
  uploadId: required(str()),
  parts: required(list(nested(message({ partNumber: required(int()), etag: str(), url: str() })))),
});
export const abortUpload = message({ path: required(str()), uploadId: required(str()) });

export const listRunArtifacts = message({ runId: required(str(), { alias: 'run_uuid' }), path: str() });
export const getRunArtifact = message({ runId: required(str(), { alias: 'run_uuid' }), path: required(str()) });
export const getModelVersionArtifact = message({
  name: required(str()),
  version: required(str()),
  path: required(str()),
});
export const uploadRunArtifact = message({ runUuid: required(str(), { alias: 'run_id' }), path: required(str()) });
export const listModelArtifacts = message({ artifactDirectoryPath: str() });
export const getModelArtifact = message({ artifactFilePath: required(str()) });
export const presignUpload = message({ runId: str(), modelId: str(), path: required(str()), expiration: int() });
export const presignDownload = message({ runId: required(str()), path: required(str()), expiration: int() });

const owner = { runId: str(), modelId: str(), name: str(), version: str() };
export const archiveArtifacts = message({ ...owner, path: str() });
export const showArtifactPage = message({ ...owner, path: required(str()), scripts: bool() });
export type Owner = Omit<Infer<typeof archiveArtifacts>, 'path'>;

/** `file_size` is absent for folders and empty files. */
export interface FileInfo {
  path: string;
  is_dir: boolean;
  file_size?: number;
}

/** An empty list is absent. */
export function presentFiles(files: readonly { path: string; isDirectory: boolean; size: number }[]): {
  files?: FileInfo[];
} {
  if (files.length === 0) return {};
  return {
    files: files.map(({ path, isDirectory, size }) => ({
      path,
      is_dir: isDirectory,
      ...(size > 0 && { file_size: size }),
    })),
  };
}

export interface UploadCredentials {
  upload_id: string;
  credentials: { url: string; part_number: number; headers: Record<string, string> }[];
}

/** Where each part of an upload is to be sent; part URLs are `partsUrl/<number>`. */
export function presentUpload(uploadId: string, partCount: number, partsUrl: string): UploadCredentials {
  const credentials = Array.from({ length: partCount }, (_, index) => ({
    url: `${partsUrl}/${index + 1}`,
    part_number: index + 1,
    headers: {},
  }));
  return { upload_id: uploadId, credentials };
}

/** Clients echo the ETag header as they got it, with its quotes. */
export function uploadedParts(parts: Infer<typeof completeUpload>['parts']): UploadedPart[] {
  return parts.map(({ partNumber, etag }) => ({ number: partNumber, etag: (etag ?? '').replace(/^"(.*)"$/, '$1') }));
}
