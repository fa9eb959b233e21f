import { AppError, shown } from '../errors.ts';

/** An S3 key holds no more, so no path is written to a local folder that could not move to a bucket. */
const maxPathBytes = 1024;
/** Percent-encoding writes a byte as three characters at most. */
const maxEncodedLength = 3 * maxPathBytes;
/** What Linux, macOS and Windows file systems take for one name. */
const maxSegmentBytes = 255;
const tooLong = `it is longer than ${maxPathBytes} bytes`;

/**
 * The path of one artifact from the undecoded rest of a URL: percent-decoded exactly once (`+` stays `+`, `%2F` is a
 * slash), then held to the rules of {@link cleanArtifactPath}. Throws INVALID_PARAMETER_VALUE.
 */
export function artifactPath(rawEncoded: string): string {
  if (rawEncoded.length > maxEncodedLength) throw refused(rawEncoded, tooLong);
  if (!/^[\x21-\x7e]*$/.test(rawEncoded))
    throw refused(rawEncoded, 'characters outside of ASCII must be percent-encoded as UTF-8');
  return cleanArtifactPath(decodeOnce(rawEncoded));
}

/** As {@link artifactPath}, for a folder: one slash may end it, and the root is `''`. */
export function artifactFolder(rawEncoded: string): string {
  return rawEncoded === '' ? '' : artifactPath(withoutEndingSlash(rawEncoded));
}

/** As {@link cleanArtifactPath}, for a folder: one slash may end it, and the root is `''` or absent. */
export function cleanArtifactFolder(decoded: string | undefined): string {
  return decoded === undefined || decoded === '' ? '' : cleanArtifactPath(withoutEndingSlash(decoded));
}

/**
 * Checks a decoded artifact path: relative, `/` between the names, every name meaning itself on any file system.
 * The result is the only spelling of that location, so permissions and storage see the same one.
 * Throws INVALID_PARAMETER_VALUE that says which rule is broken.
 */
export function cleanArtifactPath(decoded: string): string {
  const refuse = (why: string): never => {
    throw refused(decoded, why);
  };
  if (decoded === '') refuse('it is empty where a file name is needed');
  // Before the rules that walk it again and again.
  if (Buffer.byteLength(decoded) > maxPathBytes) refuse(tooLong);
  if (!decoded.isWellFormed()) refuse('it is not well-formed Unicode');
  if (/\p{Cc}/u.test(decoded)) refuse('it holds a control character');
  if (decoded.includes('\\')) refuse("it holds a backslash; folders are separated by '/'");
  if (decoded.includes('#')) refuse("it holds '#'");
  if (hidesAnotherPath(decoded)) refuse('it is percent-encoded more than once');
  if (decoded.startsWith('/')) refuse('it is absolute; it must be relative to the artifact root');
  if (/^([a-z]|file):/i.test(decoded)) refuse('it starts with a drive letter or file:');
  if (decoded.endsWith('/')) refuse("it must end in a file name, not in '/'");
  for (const segment of decoded.split('/')) {
    if (segment === '') refuse("it holds an empty segment ('//')");
    // Windows drops spaces behind a name, so ".. " would be ".." there.
    if (/^\.{1,2}\s*$/.test(segment)) refuse("it holds a '.' or '..' segment");
    if (Buffer.byteLength(segment) > maxSegmentBytes) refuse(`a name in it is longer than ${maxSegmentBytes} bytes`);
  }
  return decoded;
}

/** Whether decoding once more, as often as anyone might, would turn text into separators or dot segments. */
function hidesAnotherPath(decoded: string): boolean {
  for (let path = decoded; ; ) {
    const next = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (next === path) return false;
    const added = [...next.matchAll(/[/\\\0#]/g)].length > [...path.matchAll(/[/\\\0#]/g)].length;
    if (added || next.split('/').some((segment) => /^\.{1,2}\s*$/.test(segment))) return true;
    path = next;
  }
}

/** Joins cleaned paths; the result is held to the length limit again. */
export function joinArtifactPath(folder: string, path: string): string {
  if (folder === '' || path === '') return folder + path;
  return cleanArtifactPath(`${folder}/${path}`);
}

/** The last name of a cleaned path. */
export const artifactName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Undoes one round of percent-encoding. Throws INVALID_PARAMETER_VALUE unless the bytes are UTF-8. */
export function decodeOnce(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw refused(encoded, 'it is not percent-encoded UTF-8', cause);
  }
}

const withoutEndingSlash = (path: string) => (path.endsWith('/') ? path.slice(0, -1) : path);

const refused = (path: string, why: string, cause?: unknown): AppError =>
  new AppError('INVALID_PARAMETER_VALUE', `Invalid artifact path ${shown(path)}: ${why}.`, { cause });
