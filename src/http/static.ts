import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const pagePolicy = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "style-src 'self'",
  "script-src 'self'",
  "object-src 'none'",
  "frame-ancestors 'self'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/** The first segments of the page's own addresses: each of them, and all below it, is answered with the page. */
const rooms = ['experiments', 'runs', 'models', 'compare', 'services', 'decisions'];

interface StaticFile {
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag: string;
  /** The same bytes compressed, best first. */
  readonly packed: readonly { readonly encoding: string; readonly body: Buffer }[];
}

/**
 * Serves the built page in `folder`: `index.html` at `/` and at every address of its rooms, its other files by name.
 * The folder is read once, here, so no request can reach any other file. Without a built page each address says so.
 */
export function serveStatic(app: FastifyInstance, folder: string): void {
  const files = loadFiles(folder);
  const serve = (url: string, nameOf: (request: FastifyRequest) => string) =>
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: (request, reply) => {
        if (files.size === 0) return sayNotBuilt(reply);
        const name = nameOf(request);
        return sendFile(request, reply, name, files.get(name));
      },
    });

  for (const url of ['/', ...rooms.flatMap((room) => [`/${room}`, `/${room}/*`])]) serve(url, () => 'index.html');
  for (const name of files.keys()) if (!name.includes('/') && name !== 'index.html') serve(`/${name}`, () => name);
  serve('/assets/*', (request) => `assets/${(request.params as { '*': string })['*']}`);
}

function loadFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  if (!existsSync(join(folder, 'index.html'))) return files;
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry);
    const contentType = contentTypes[extname(entry)];
    if (contentType === undefined || !statSync(path).isFile()) continue;
    const body = readFileSync(path);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const packed = [
      ['br', 'br'],
      ['gzip', 'gz'],
    ].flatMap(([encoding, ending]) =>
      existsSync(`${path}.${ending}`) ? [{ encoding: encoding!, body: readFileSync(`${path}.${ending}`) }] : [],
    );
    files.set(entry.replaceAll(sep, '/'), { body, contentType, etag, packed });
  }
  return files;
}

function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  file: StaticFile | undefined,
): FastifyReply {
  if (file === undefined) throw new AppError('RESOURCE_DOES_NOT_EXIST', `The page has no file '${name}'.`);
  const accepted = acceptedEncodings(request.headers['accept-encoding']);
  const packed = file.packed.find((candidate) => accepted.has(candidate.encoding));
  // A compressed answer is another representation: it needs another strong tag.
  const etag = packed === undefined ? file.etag : `${file.etag.slice(0, -1)}-${packed.encoding}"`;
  const body = packed?.body ?? file.body;
  reply.header('etag', etag);
  // Assets carry a hash of their content in their name; everything else is asked about again each time.
  reply.header('cache-control', name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
  reply.header('referrer-policy', 'same-origin');
  if (file.packed.length > 0) reply.header('vary', 'accept-encoding');
  if (name.endsWith('.html')) {
    reply.header('content-security-policy', pagePolicy);
    reply.header('cross-origin-opener-policy', 'same-origin');
  }
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
  reply.header('content-type', file.contentType);
  if (packed !== undefined) reply.header('content-encoding', packed.encoding);
  return request.method === 'HEAD' ? reply.header('content-length', body.length).send() : reply.send(body);
}

/** The encodings that a client takes; `;q=0` refuses one. */
function acceptedEncodings(header: string | undefined): ReadonlySet<string> {
  const accepted = new Set<string>();
  for (const part of (header ?? '').split(',')) {
    const [name, ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    if (name !== undefined && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) accepted.add(name);
  }
  return accepted;
}

const matches = (header: string | undefined, etag: string) =>
  header === '*' || (header ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);

function sayNotBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(404)
    .header('content-type', 'text/plain; charset=utf-8')
    .send(
      'The web page is not built yet: run `npm run build:ui` in the checkout, then start the server again.\n' +
        'The API does not need it: clients may use this server now.\n',
    );
}
