import { extname } from 'node:path';
import { create as contentDisposition } from 'content-disposition';
import mime from 'mime-types';
import type { ArtifactInfo, ByteRange } from './artifact-store.ts';

/** What MLflow's clients and pages show as text, whatever the MIME table says. */
const textNames = new Set(['MLmodel', 'MLproject']);
const textExtensions = new Set(
  'txt log err cfg conf cnf cf ini properties prop hocon toml yaml yml xml json js py py3 csv tsv md rst ipynb'.split(
    ' ',
  ),
);

/** The content type of an artifact, guessed from its name as MLflow does. */
export function contentTypeOf(name: string): string {
  const extension = extname(name);
  if (textNames.has(name) || textExtensions.has(extension.slice(1))) return 'text/plain';
  return (extension !== '' && mime.lookup(extension)) || 'application/octet-stream';
}

/**
 * Headers of an answer with artifact bytes. Whoever may log a run may store a page with a script in it: it is offered
 * as a download, never sniffed, and runs nothing and loads nothing if a browser shows it all the same.
 */
export function artifactHeaders(name: string, info: ArtifactInfo): Record<string, string> {
  return {
    'content-type': contentTypeOf(name),
    'content-disposition': contentDisposition(name),
    'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'self'",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'private, no-cache',
    'accept-ranges': 'bytes',
    ...validators(info),
  };
}

/**
 * Headers under which an HTML artifact is shown inside the page: as of an origin of its own, without a way to load,
 * send or open anything. Scripts run only if the reader asks for them; they reach nothing but what is in the file.
 */
export function sandboxedPageHeaders(scripts: boolean): Record<string, string> {
  const policy = [
    scripts ? 'sandbox allow-scripts' : 'sandbox',
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    'media-src data:',
    ...(scripts ? ["script-src 'unsafe-inline' 'unsafe-eval'"] : []),
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-disposition': 'inline',
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'private, no-cache',
  };
}

export function validators(info: ArtifactInfo): Record<string, string> {
  return { etag: `"${info.etag}"`, 'last-modified': new Date(info.modifiedTime).toUTCString() };
}

export interface Conditions {
  readonly 'if-none-match'?: string | undefined;
  readonly 'if-modified-since'?: string | undefined;
  readonly 'if-range'?: string | string[] | undefined;
  readonly range?: string | undefined;
}

/** Whether the client has these bytes already (RFC 9110 §13: the ETag counts, the date only without one). */
export function notModified(conditions: Conditions, info: ArtifactInfo): boolean {
  const etags = conditions['if-none-match'];
  if (etags !== undefined)
    return etags.trim() === '*' || etags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${info.etag}"`);
  const since = conditions['if-modified-since'];
  return since !== undefined && wholeSeconds(info.modifiedTime) <= Date.parse(since);
}

/**
 * The bytes that are asked for: a range, `'all'`, or `'none'` for a range beyond the end (416). A header that is not one
 * well-formed range of bytes is ignored, as RFC 9110 §14.2 allows, and so is one for another state of the file (If-Range).
 */
export function requestedRange(conditions: Conditions, info: ArtifactInfo): ByteRange | 'all' | 'none' {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(conditions.range ?? '');
  if (match === null || (match[1] === '' && match[2] === '') || !inState(conditions['if-range'], info)) return 'all';
  const last = info.size - 1;
  if (match[1] === '') {
    const length = Number(match[2]);
    return length === 0 || info.size === 0 ? 'none' : { start: Math.max(0, info.size - length), end: last };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? last : Math.min(Number(match[2]), last);
  if (match[2] !== '' && Number(match[2]) < start) return 'all';
  return start > last ? 'none' : { start, end };
}

function inState(ifRange: Conditions['if-range'], info: ArtifactInfo): boolean {
  if (ifRange === undefined) return true;
  return ifRange === `"${info.etag}"` || Date.parse(String(ifRange)) === wholeSeconds(info.modifiedTime);
}

/** HTTP dates have no milliseconds. */
const wholeSeconds = (time: number) => Math.floor(time / 1000) * 1000;
