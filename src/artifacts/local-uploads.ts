import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError, invalid, notFound, shown } from '../errors.ts';
import type { MultipartUploads, UploadedPart } from './artifact-store.ts';
import { withFile, writeDurably } from './durable-write.ts';
import { isMissing, writeError } from './file-errors.ts';

export const maxParts = 10_000;
const maxOpenUploads = 1_000;
/** An upload that nothing was added to for so long is forgotten. */
const staleMs = 24 * 3600 * 1000;
/** Finished uploads whose completion may be asked for again, by a client that missed the answer. */
const maxFinished = 1_000;

interface Upload {
  readonly id: string;
  readonly folder: string;
  readonly path: string;
  readonly partCount: number;
  /** Size of every part but the last; known from the first of them that arrives. */
  partSize: number | undefined;
  readonly parts: Map<number, StoredPart>;
  /** Attempts at one part come one after the other. */
  readonly turns: Map<number, Promise<unknown>>;
  completing: Promise<void> | undefined;
}

interface StoredPart {
  readonly size: number;
  readonly etag: string;
  /** In its place within `data`, or in a file of its own: a last part that came before the size of parts was known. */
  readonly inPlace: boolean;
}

interface Dependencies {
  readonly folder: string;
  readonly now: () => number;
  readonly checkTarget: (path: string) => Promise<void>;
  readonly publish: (file: string, path: string) => Promise<void>;
}

/**
 * Multipart uploads on the local disk. Parts are written where they belong in one file, so completing copies nothing but
 * at most one last part. `upload.json` and the list of parts beside the data let an upload live through a restart.
 */
export async function localUploads({ folder, now, checkTarget, publish }: Dependencies): Promise<MultipartUploads> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const uploads = new Map<string, Promise<Upload>>();
  const finished = new Map<string, string>();
  await removeStale();

  async function removeStale(): Promise<number> {
    const ids = await readdir(folder);
    let open = 0;
    for (const id of ids) {
      const touched = await stat(join(folder, id)).catch(() => undefined);
      if (touched !== undefined && now() - touched.mtimeMs < staleMs) open++;
      else await forget(id);
    }
    return open;
  }

  async function forget(id: string): Promise<void> {
    uploads.delete(id);
    await rm(join(folder, id), { recursive: true, force: true, maxRetries: 3 });
  }

  function find(id: string): Promise<Upload> {
    if (!/^[0-9a-f]{32}$/.test(id)) throw unknownUpload(id);
    let upload = uploads.get(id);
    if (upload === undefined) {
      upload = load(id, join(folder, id));
      uploads.set(id, upload);
      upload.catch(() => uploads.delete(id));
    }
    return upload;
  }

  async function findFor(id: string, path: string): Promise<Upload> {
    const upload = await find(id);
    if (upload.path !== path) throw invalid(`Upload ${shown(id)} was created for another path than ${shown(path)}.`);
    return upload;
  }

  const create: MultipartUploads['create'] = async (path, partCount) => {
    if (partCount < 1 || partCount > maxParts)
      throw invalid(`Invalid value ${partCount} for parameter 'num_parts' supplied: expected 1 to ${maxParts}.`);
    await checkTarget(path);
    if ((await removeStale()) >= maxOpenUploads)
      throw new AppError(
        'REQUEST_LIMIT_EXCEEDED',
        `There are ${maxOpenUploads} unfinished uploads; complete or abort some.`,
        {
          retryAfterSeconds: 60,
        },
      );
    const id = randomBytes(16).toString('hex');
    try {
      await mkdir(join(folder, id), { mode: 0o700 });
      await saveUpload(join(folder, id), { path, partCount });
    } catch (error) {
      await forget(id);
      throw writeError(error, path);
    }
    return id;
  };

  const put: MultipartUploads['put'] = async (id, number, source, size) => {
    const upload = await find(id);
    if (!Number.isInteger(number) || number < 1 || number > upload.partCount)
      throw invalid(`Part ${shown(number)} is not one of the ${upload.partCount} parts of this upload.`);
    const before = upload.turns.get(number);
    const turn = (async () => {
      await before?.catch(() => undefined);
      if (upload.completing !== undefined) throw invalid('This upload is being completed.');
      return storePart(upload, number, source, size);
    })();
    upload.turns.set(number, turn);
    try {
      return await turn;
    } catch (error) {
      throw isMissing(error) ? unknownUpload(id) : writeError(error, upload.path);
    }
  };

  const complete: MultipartUploads['complete'] = async (id, path, parts) => {
    if (finished.get(id) === path) return;
    const upload = await findFor(id, path);
    upload.completing ??= assemble(upload, parts).finally(() => {
      upload.completing = undefined;
    });
    await upload.completing;
  };

  async function assemble(upload: Upload, parts: readonly UploadedPart[]): Promise<void> {
    await Promise.allSettled(upload.turns.values());
    checkParts(upload, parts);
    const last = upload.parts.get(upload.partCount)!;
    const lastStart = (upload.partCount - 1) * (upload.partSize ?? 0);
    const data = join(upload.folder, 'data');
    try {
      // A longer last part may have been there before this one.
      await withFile(data, 'r+', (file) => file.truncate(lastStart + (last.inPlace ? last.size : 0)));
      if (!last.inPlace)
        await withFile(join(upload.folder, 'last'), 'r', (source) =>
          withFile(data, 'r+', (file) =>
            writeDurably(file, source.createReadStream({ autoClose: false }), { position: lastStart }),
          ),
        );
      await withFile(data, 'r+', (file) => file.datasync());
      await publish(data, upload.path);
    } catch (error) {
      throw writeError(error, upload.path);
    }
    finished.set(upload.id, upload.path);
    if (finished.size > maxFinished) finished.delete(finished.keys().next().value!);
    await forget(upload.id);
  }

  const abort: MultipartUploads['abort'] = async (id, path) => {
    try {
      await forget((await findFor(id, path)).id);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'RESOURCE_DOES_NOT_EXIST')) throw error;
    }
  };

  return { create, put, complete, abort };
}

async function storePart(upload: Upload, number: number, source: Readable, size: number): Promise<{ etag: string }> {
  const isLast = number === upload.partCount;
  if (!isLast && upload.partSize === undefined) {
    upload.partSize = size;
    await saveUpload(upload.folder, upload);
  }
  if (!isLast && size !== upload.partSize)
    throw invalid(
      `Part ${number} has ${size} bytes: every part but the last must have ${upload.partSize}, as the first one sent.`,
    );
  const inPlace = upload.partSize !== undefined || upload.partCount === 1;
  const position = inPlace ? (number - 1) * (upload.partSize ?? 0) : 0;
  // From here on an earlier attempt is overwritten, so it no longer counts.
  await dropPart(upload, number);
  const write = (place: string, flags: string | number) =>
    withFile(join(upload.folder, place), flags, (file) => writeDurably(file, source, { position, maxBytes: size }));
  const received = await (inPlace ? write('data', constants.O_WRONLY | constants.O_CREAT) : write('last', 'w'));
  if (received !== size) throw invalid(`Part ${number} ended after ${received} of ${size} bytes.`);
  const part = { size, etag: randomBytes(12).toString('hex'), inPlace };
  await writeFile(join(upload.folder, partName(number, part)), '', { mode: 0o600 });
  upload.parts.set(number, part);
  return { etag: part.etag };
}

async function dropPart(upload: Upload, number: number): Promise<void> {
  const earlier = upload.parts.get(number);
  if (earlier === undefined) return;
  upload.parts.delete(number);
  await rm(join(upload.folder, partName(number, earlier)), { force: true });
}

function checkParts(upload: Upload, parts: readonly UploadedPart[]): void {
  const etags = new Map(parts.map((part) => [part.number, part.etag]));
  for (let number = 1; number <= upload.partCount; number++) {
    const stored = upload.parts.get(number);
    if (stored === undefined) throw invalid(`Part ${number} of ${upload.partCount} has not been uploaded.`);
    if (etags.get(number) !== stored.etag)
      throw invalid(`Part ${number} of ${upload.partCount} must be listed with the ETag of its last upload.`);
  }
  if (parts.length !== upload.partCount)
    throw invalid(`The upload has ${upload.partCount} parts, ${parts.length} were listed.`);
}

const unknownUpload = (id: string) =>
  notFound(`No upload with id ${shown(id)}; it may be complete, aborted or too old.`);

const partName = (number: number, part: StoredPart) =>
  `part-${number}-${part.size}-${part.etag}-${part.inPlace ? 'data' : 'last'}`;
const partPattern = /^part-(\d+)-(\d+)-([0-9a-f]+)-(data|last)$/;

async function saveUpload(folder: string, upload: Pick<Upload, 'path' | 'partCount'> & Partial<Upload>): Promise<void> {
  const { path, partCount, partSize } = upload;
  await writeFile(join(folder, 'upload.new'), JSON.stringify({ path, partCount, partSize }), { mode: 0o600 });
  await rename(join(folder, 'upload.new'), join(folder, 'upload.json'));
}

async function load(id: string, folder: string): Promise<Upload> {
  try {
    const saved = JSON.parse(await readFile(join(folder, 'upload.json'), 'utf8')) as Pick<
      Upload,
      'path' | 'partCount' | 'partSize'
    >;
    const parts = new Map<number, StoredPart>();
    for (const name of await readdir(folder)) {
      const match = partPattern.exec(name);
      if (match !== null)
        parts.set(Number(match[1]), { size: Number(match[2]), etag: match[3]!, inPlace: match[4] === 'data' });
    }
    return { ...saved, partSize: saved.partSize, id, folder, parts, turns: new Map(), completing: undefined };
  } catch (error) {
    throw isMissing(error) ? unknownUpload(id) : error;
  }
}
