import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { type RunningServer, startServer } from '../../src/main.ts';
import { type Engine, makePlace, type Place } from './stores.ts';

/** Parsed JSON, for tests to look into. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Answer {
  readonly status: number;
  /** The JSON of the answer; `{}` when it is none. */
  readonly body: Json;
  readonly headers: Headers;
}

/** A server of our own for one test file, on real storage and a free port. */
export interface TestServer {
  readonly url: string;
  readonly place: Place;
  /** `GET` with a query, any other method with a JSON body; paths are relative to `/api/2.0/mlflow/`. */
  call(method: string, path: string, input?: object): Promise<Answer>;
  get(path: string, query?: object): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
}

type Flags = Readonly<Record<string, string>>;

/** Starts the whole server, with further flags, before the tests of a suite and stops it afterwards. */
export function withServer(engine: Engine, more: Flags | (() => Promise<Flags>) = {}): TestServer {
  let place: Place;
  let server: RunningServer;
  beforeAll(async () => {
    const given = typeof more === 'function' ? await more() : more;
    place = await makePlace(engine);
    const flags = {
      port: '0',
      dataDir: place.dataDir,
      ...(place.store !== undefined && { store: place.store }),
      ...given,
    };
    server = await startServer(readConfig(flags, {}, undefined), pino({ level: 'silent' }));
  });
  afterAll(async () => {
    await server?.close();
    await place?.remove();
  });
  return serverAt(
    () => server.url,
    () => place,
  );
}

/** Calls of a server that is running somewhere, wherever it answers at the time. */
export function serverAt(url: () => string, place: () => Place): TestServer {
  const self: TestServer = {
    get url() {
      return url();
    },
    get place() {
      return place();
    },
    async call(method, path, input) {
      const target = new URL(path.startsWith('/') ? path : `/api/2.0/mlflow/${path}`, url());
      const init: RequestInit = { method };
      if (method === 'GET') for (const [key, value] of Object.entries(input ?? {})) appendAll(target, key, value);
      else if (input !== undefined) {
        init.body = JSON.stringify(input);
        init.headers = { 'content-type': 'application/json' };
      }
      const response = await fetch(target, init);
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
      return { status: response.status, body: isJson ? JSON.parse(text) : {}, headers: response.headers };
    },
    get: (path, query) => self.call('GET', path, query),
    post: (path, body = {}) => self.call('POST', path, body),
  };
  return self;
}

function appendAll(url: URL, key: string, value: unknown): void {
  for (const item of Array.isArray(value) ? value : [value]) url.searchParams.append(key, String(item));
}
