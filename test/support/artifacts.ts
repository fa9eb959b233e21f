import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { localArtifactStore } from '../../src/artifacts/local-store.ts';
import { pageArtifactRoutes } from '../../src/artifacts/page-routes.ts';
import { artifactRoutes } from '../../src/artifacts/routes.ts';
import { runArtifactRoutes } from '../../src/artifacts/run-routes.ts';
import { artifactsService } from '../../src/artifacts/service.ts';
import { notFound } from '../../src/errors.ts';
import { createApp } from '../../src/http/app.ts';
import { withThrowawayFolder } from './unprivileged.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: ReturnType<typeof JSON.parse>;
}

export const proxy = '/api/2.0/mlflow-artifacts/artifacts';

/** The routes of artifacts on a port of their own, without rights and without a database: run r1, version wine/1, model m-1. */
export function withArtifactServer() {
  const folder = withThrowawayFolder();
  let app: FastifyInstance;
  const root = () => join(folder.path, 'artifacts');

  beforeAll(async () => {
    const store = await localArtifactStore({ root: root() });
    const only = (id: string, uri: string) => async (asked: string) => {
      if (asked !== id) throw notFound(`Nothing with id ${asked}.`);
      return uri;
    };
    const version = only('wine/1', 'mlflow-artifacts:/1/models/m-1/artifacts');
    const owners = {
      artifacts: artifactsService({ store }),
      artifactUriOfRun: only('r1', 'mlflow-artifacts:/1/r1/artifacts'),
      artifactUriOfModelVersion: (name: string, number: string) => version(`${name}/${number}`),
      artifactUriOfLoggedModel: only('m-1', 'mlflow-artifacts:/1/models/m-1/artifacts'),
    };
    const routes = [...artifactRoutes({ store }), ...runArtifactRoutes(owners), ...pageArtifactRoutes(owners)];
    app = createApp({ routes, logger: pino({ level: 'silent' }), allowedHosts: [], allowedOrigins: [] });
    await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => app?.close());

  const port = () => (app.server.address() as AddressInfo).port;

  /** Sends the path as it is written here, which `fetch` would tidy. */
  async function send(
    method: string,
    path: string,
    body?: string | Buffer,
    headers: OutgoingHttpHeaders = {},
  ): Promise<RawAnswer> {
    const call = request({ host: '127.0.0.1', port: port(), method, path, headers, agent: false });
    call.end(body);
    const [response] = await once(call, 'response');
    const text = (await buffer(response)).toString();
    const isJson = String(response.headers['content-type']).startsWith('application/json') && text !== '';
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  return {
    /** Holds the artifact root; what else is in it is out of reach. */
    get folder() {
      return folder.path;
    },
    get root() {
      return root();
    },
    port,
    send,
    put: (path: string, body: string | Buffer = 'x') => send('PUT', `${proxy}/${path}`, body),
    get: (path: string, headers?: OutgoingHttpHeaders) => send('GET', `${proxy}/${path}`, undefined, headers),
    list: async (query = '') => (await send('GET', `${proxy}${query}`)).json,
    postJson: (path: string, body: object, headers: OutgoingHttpHeaders = {}) =>
      send('POST', path, JSON.stringify(body), { 'content-type': 'application/json', ...headers }),
  };
}
