import { AppError, invalid, notFound, shown } from '../errors.ts';

/** The code of a Node.js or operating system error (`ENOENT`), if it is one. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export const isMissing = (error: unknown): boolean => errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';

export const noSuchArtifact = (path: string): AppError => notFound(`No such artifact: ${shown(path)}.`);

/** A failed look at `path` as what the caller should hear; an error that is no caller's or operator's matter stays as it is. */
export function readError(error: unknown, path: string): unknown {
  return isMissing(error) ? noSuchArtifact(path) : fileError(error, path);
}

/** As {@link readError}, for a failed write of `path`. */
export function writeError(error: unknown, path: string): unknown {
  switch (errorCode(error)) {
    case 'ENOTDIR':
      return invalid(`Artifact ${shown(path)} lies below an existing file.`);
    case 'EISDIR':
    case 'EEXIST':
    case 'ENOTEMPTY':
      return invalid(`Artifact path ${shown(path)} is taken by a folder.`);
    default:
      return fileError(error, path);
  }
}

function fileError(error: unknown, path: string): unknown {
  switch (errorCode(error)) {
    case 'ENAMETOOLONG':
      return invalid(`Artifact path ${shown(path)} is too long for the server's file system.`);
    case 'ELOOP':
      return invalid(`Artifact path ${shown(path)} leads through a link that is not allowed.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('INTERNAL_ERROR', 'There is no space left for artifacts on the server.', {
        cause: error,
        status: 507,
      });
    case 'EFBIG':
      return new AppError(
        'INVALID_PARAMETER_VALUE',
        `Artifact ${shown(path)} is larger than the server's file system allows.`,
        {
          cause: error,
          status: 413,
        },
      );
    case 'EMFILE':
    case 'ENFILE':
      return new AppError('TEMPORARILY_UNAVAILABLE', 'The server has too many files open.', {
        cause: error,
        retryAfterSeconds: 1,
      });
    case 'ECONNRESET':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return new AppError('BAD_REQUEST', `The upload of ${shown(path)} broke off before it was complete.`, {
        cause: error,
      });
    default:
      return error;
  }
}
