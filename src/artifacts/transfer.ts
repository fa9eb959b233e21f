import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { AppError } from '../errors.ts';
import type { Call } from '../http/route.ts';
import type { ArtifactInfo, OpenArtifact } from './artifact-store.ts';
import { artifactHeaders, notModified, requestedRange, validators } from './headers.ts';

/** A transfer on which nothing moved for so long is broken off; it holds a file and a socket. */
export const idleMs = 120_000;
/** How long the rest of a refused body is read, so that the client gets to read why. */
const drainMs = 2_000;

/** Answers with the bytes of an artifact: all, one range (206, 416), or none if the client has them (304). */
export async function sendArtifact(call: Call, name: string, artifact: OpenArtifact): Promise<void> {
  const { request, reply } = call;
  const range = requestedRange(request.headers, artifact);
  if (notModified(request.headers, artifact)) {
    await artifact.close();
    reply.code(304).headers(validators(artifact)).send();
    return;
  }
  if (range === 'none') {
    await artifact.close();
    reply.header('content-range', `bytes */${artifact.size}`);
    throw new AppError('INVALID_PARAMETER_VALUE', `The range lies beyond the ${artifact.size} bytes of the artifact.`, {
      status: 416,
    });
  }
  reply.headers(artifactHeaders(name, artifact));
  reply.raw.setTimeout(idleMs, () => reply.raw.destroy());
  if (range === 'all') {
    reply.header('content-length', artifact.size);
    reply.send(artifact.read());
    return;
  }
  reply.code(206).headers({
    'content-range': `bytes ${range.start}-${range.end}/${artifact.size}`,
    'content-length': range.end - range.start + 1,
  });
  reply.send(artifact.read(range));
}

/** Answers HEAD. */
export function sendArtifactHeaders(call: Call, name: string, info: ArtifactInfo): void {
  const { request, reply } = call;
  if (notModified(request.headers, info)) reply.code(304).headers(validators(info)).send();
  else reply.headers({ ...artifactHeaders(name, info), 'content-length': info.size }).send();
}

/** Hands the request body to `store` as a stream; a failure is thrown when the client is ready to hear of it. */
export async function receiveArtifact<T>(call: Call, store: (body: IncomingMessage) => Promise<T>): Promise<T> {
  const body = call.request.raw;
  body.setTimeout(idleMs, () => {
    if (!body.complete) body.destroy(new AppError('BAD_REQUEST', `No data came for ${idleMs} ms.`, { status: 408 }));
  });
  // From then on only our disk is waited for.
  body.once('end', () => body.setTimeout(0));
  try {
    return await store(body);
  } catch (error) {
    await drain(body);
    throw error;
  }
}

async function drain(body: IncomingMessage): Promise<void> {
  if (body.complete || body.destroyed) return;
  body.resume();
  await finished(body, { writable: false, signal: AbortSignal.timeout(drainMs) }).catch(() => undefined);
}

/** The declared size of the body, or undefined when it comes in chunks. */
export function declaredSize(body: IncomingMessage): number | undefined {
  const header = body.headers['content-length'];
  return header === undefined ? undefined : Number(header);
}
