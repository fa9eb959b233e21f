import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError, invalid } from '../errors.ts';

const maxBodyBytes = 32 * 1024 * 1024;
export const maxDepth = 64;
const bodyTimeoutMs = 30_000;

const inflate = promisify(gunzip);

/**
 * Reads a JSON body, which the media type must say that it is, within the limits of size (also inflated), depth and time.
 * An absent body is `{}`; a JSON string that holds JSON is decoded once more, as old MLflow clients send it.
 * Throws INVALID_PARAMETER_VALUE for anything that is not a JSON object, 413 and 408 beyond the limits.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  checkContentType(request.method, request.headers['content-type']);
  return parseJson(await readBytes(request));
}

/** A whole JSON body as a value, as `readJson` reads it. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw invalid('The request body is not valid UTF-8.');
  const value = parse(body.toString('utf8'), body);
  return typeof value === 'string' ? parse(value, Buffer.from(value)) : value;
}

/** Reads a whole body within the limits of size (also inflated) and time. Throws 413, 408 and 415 beyond them. */
export async function readBytes(request: IncomingMessage, timeoutMs = bodyTimeoutMs): Promise<Buffer> {
  const body = await readBody(request, timeoutMs);
  const encoding = request.headers['content-encoding'];
  if (body.length === 0 || encoding === undefined || encoding === 'identity') return body;
  return inflated(body, encoding);
}

/** The media type must be JSON; its parameters do not matter. POST and PUT must name it. */
export function checkContentType(method: string | undefined, header: string | undefined): void {
  if (header === 'application/json') return;
  if (header === undefined && method !== 'POST' && method !== 'PUT') return;
  if ((header ?? '').replace(/;.*/s, '').trim().toLowerCase() === 'application/json') return;
  throw invalid(`Bad Request. Content-Type must be 'application/json', got '${header ?? 'none'}'.`);
}

function parse(text: string, bytes: Buffer): unknown {
  if (tooDeep(bytes)) throw invalid(`The request body nests deeper than ${maxDepth} levels.`);
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_PARAMETER_VALUE', `The request body is not valid JSON: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

const tooLarge = () =>
  new AppError('INVALID_PARAMETER_VALUE', `The request body is larger than ${maxBodyBytes} bytes.`, { status: 413 });

async function inflated(body: Buffer, encoding: string): Promise<Buffer> {
  if (encoding !== 'gzip')
    throw new AppError(
      'INVALID_PARAMETER_VALUE',
      `Content-Encoding '${encoding}' is not supported: send gzip or none.`,
      {
        status: 415,
      },
    );
  try {
    return await inflate(body, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw invalid('The request body is not valid gzip.');
  }
}

function readBody(request: IncomingMessage, timeoutMs: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBodyBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const late = () =>
      stop(new AppError('BAD_REQUEST', `The request body did not arrive within ${timeoutMs} ms.`, { status: 408 }));
    const timer = setTimeout(late, timeoutMs);
    const stop = (error: AppError) => {
      clearTimeout(timer);
      request.off('data', onData);
      request.pause();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) return stop(tooLarge());
      chunks.push(chunk);
    };
    request.on('data', onData);
    request.on('end', () => {
      clearTimeout(timer);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.on('error', (cause) => {
      clearTimeout(timer);
      reject(new AppError('BAD_REQUEST', 'The request was aborted before its body was complete.', { cause }));
    });
  });
}

/** Whether JSON nests deeper than `maxDepth`: counts brackets outside of strings. JSON.parse itself has no limit. */
export function tooDeep(body: Buffer): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!;
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}
