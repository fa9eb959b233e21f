import type { Readable } from 'node:stream';

/**
 * Where artifact bytes lie. Every path is one that `cleanArtifactPath` returned; `''` is the root and only a folder to
 * list. A file appears whole or not at all, and what was acknowledged survives a crash.
 */
export interface ArtifactStore {
  /**
   * Stores `source` under `path`, replacing a file of that name; folders appear as needed. `source` is read to its end
   * or left where an error struck, never destroyed. Throws INVALID_PARAMETER_VALUE where a folder has the name or a
   * file stands in the way, status 413 beyond `maxBytes`, 507 without space, BAD_REQUEST when `source` breaks off.
   */
  put(path: string, source: Readable, options?: PutOptions): Promise<{ size: number }>;
  /** Throws RESOURCE_DOES_NOT_EXIST, or INVALID_PARAMETER_VALUE for a folder. */
  stat(path: string): Promise<ArtifactInfo>;
  /** As `stat`, and the bytes of that very file however it is replaced meanwhile. */
  open(path: string): Promise<OpenArtifact>;
  /** What lies directly in a folder, ordered by the bytes of the names; empty for a file and where nothing is. */
  list(folder: string): Promise<ArtifactEntry[]>;
  /** Removes a file, or a folder with all that is in it, at once; absent is fine. Throws INVALID_PARAMETER_VALUE for the root. */
  delete(path: string): Promise<void>;
  readonly uploads: MultipartUploads;
}

/** A store whose files other programs on this machine (DuckDB, a Python worker) open by their place. */
export interface LocalArtifactStore extends ArtifactStore {
  /** The absolute place of the file with that path, whether or not it is there. */
  placeOf(path: string): string;
  /** Gives `use` a private, empty folder on the store's own disk, which is removed with all in it when `use` ends. */
  withScratch<T>(use: (folder: string) => Promise<T>): Promise<T>;
  /** Moves a finished file out of a scratch folder to `path`, replacing a file of that name; durable when it resolves. */
  adopt(file: string, path: string): Promise<void>;
}

export interface PutOptions {
  readonly maxBytes?: number | undefined;
  /** What the sender announced, if it did: a large file is refused before it is read. */
  readonly announcedBytes?: number | undefined;
}

export interface ArtifactInfo {
  readonly size: number;
  readonly modifiedTime: number;
  /** Opaque text without quotes that changes with every write. */
  readonly etag: string;
}

/** Exactly one of `read` and `close` must be called, once. */
export interface OpenArtifact extends ArtifactInfo {
  /** The bytes from `start` to `end`, both included; all of them by default. */
  read(range?: ByteRange): Readable;
  close(): Promise<void>;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ArtifactEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** Bytes; 0 for a folder. */
  readonly size: number;
}

/** A file that arrives in numbered parts, in any order and at the same time. It is invisible until completed. */
export interface MultipartUploads {
  /** Begins an upload of `partCount` parts to `path`; the id is a secret that allows adding parts. */
  create(path: string, partCount: number): Promise<string>;
  /**
   * Stores part `number` (from 1) of `size` bytes, replacing an earlier attempt; all parts but the last have one size.
   * Throws RESOURCE_DOES_NOT_EXIST for an unknown upload, INVALID_PARAMETER_VALUE for a part that does not fit.
   */
  put(uploadId: string, number: number, source: Readable, size: number): Promise<{ etag: string }>;
  /** Makes the file visible when `parts` are all there with those etags; a repeat is fine. */
  complete(uploadId: string, path: string, parts: readonly UploadedPart[]): Promise<void>;
  /** Forgets the upload; an unknown one is fine. */
  abort(uploadId: string, path: string): Promise<void>;
}

export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
}
