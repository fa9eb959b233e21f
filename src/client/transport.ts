import { CellarError, errorFromResponse } from './errors.ts';
import { retryDelayMs } from './retry.ts';

export interface ConnectionOptions {
  /** Where the server is: an http(s) URL, with `user:password@` if need be; '' is the page's own origin in a browser. */
  readonly trackingUri: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Sent as a bearer token when there is no username. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Who acts, as the server's records shall say: at most 255 printable ASCII characters. Nobody checks it. */
  readonly actor?: string | undefined;
  /** For one attempt of a JSON call. 120,000 unless said otherwise. */
  readonly timeoutMs?: number | undefined;
  /** Attempts after the first one. 5 unless said otherwise. */
  readonly maxRetries?: number | undefined;
  /** The longest wait between two attempts. 30,000 unless said otherwise. */
  readonly maxDelayMs?: number | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly delay?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
  readonly random?: (() => number) | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Scalar = string | number | boolean | undefined;
export type Query = Readonly<Record<string, Scalar | readonly Scalar[]>>;
export type Content = string | Blob | Uint8Array<ArrayBuffer>;
/** Content that is made anew for every attempt, so that a stream can be sent again. */
export type ContentSource = Content | (() => ReadableStream<Uint8Array>);

interface Call extends CallOptions {
  readonly method: Method;
  /** From the server's root, with its query. */
  readonly path: string;
  readonly content?: ContentSource;
  readonly contentType?: string;
  /** Whether a second identical call has the effect and the answer of one. */
  readonly repeatable: boolean;
}

/** JSON calls below a root. */
export interface Calls {
  /** Reads. */
  get<T>(path: string, query: Query, options?: CallOptions): Promise<T>;
  /** A change that may be made twice with the same effect and answer, so it is retried. */
  repeatable<T>(method: Method, path: string, body: object, options?: CallOptions): Promise<T>;
  /** A change that must not be made twice: retried only when it never reached a server. */
  once<T>(method: Method, path: string, body: object, options?: CallOptions): Promise<T>;
}

/** Calls of Cellar's own API: paths are below `/api/v1`, as in `services`, names in them encoded with `pathOf`. */
export interface OwnCalls extends Calls {
  /** Bytes up, JSON down; repeated like any safe change. No timeout unless one is given. */
  upload<T>(path: string, query: Query, content: ContentSource, contentType: string, options?: CallOptions): Promise<T>;
}

/** Paths are below MLflow's REST root, as in `runs/get`. */
export interface Transport extends Calls {
  readonly trackingUri: string;
  readonly own: OwnCalls;
  /** Bytes down. `path` is from the server's root; the timeout ends when the answer begins. */
  download(path: string, query: Query, options?: CallOptions): Promise<Response>;
  /** A question with a body of any kind, which changes nothing. `path` is from the server's root. */
  ask(path: string, content: Content, contentType: string, options?: CallOptions): Promise<Response>;
  /** Bytes up. `path` is from the server's root. No timeout unless one is given. */
  upload(path: string, content: Content, contentType: string, options?: CallOptions): Promise<void>;
}

const restRoot = '/api/2.0/mlflow/';
const ownRoot = '/api/v1/';

/** A path of names that a person chose, every part percent-encoded. INVALID_PARAMETER_VALUE for what no URL can name. */
export const pathOf = (...parts: readonly (string | number)[]): string => parts.map(pathPart).join('/');

function pathPart(part: string | number): string {
  if (/^\.{0,2}$/.test(String(part)))
    throw new CellarError('INVALID_PARAMETER_VALUE', `Expected a name, got '${part}'.`);
  return encodeURIComponent(part);
}

/**
 * The only place that talks to a server. Every failure is a CellarError, except that an aborted call rejects with
 * the signal's own reason. Throws INVALID_PARAMETER_VALUE for a tracking URI that is not HTTP.
 */
export function connect(options: ConnectionOptions): Transport {
  const { base, authorization } = target(options);
  const headers = {
    ...(authorization !== undefined && { authorization }),
    ...(options.actor !== undefined && { 'x-cellar-actor': checkedActor(options.actor) }),
    ...options.headers,
  };
  const rule = { maxRetries: options.maxRetries ?? 5, maxDelayMs: options.maxDelayMs ?? 30_000 };
  const delay = options.delay ?? wait;
  const random = options.random ?? Math.random;
  const timeoutMs = options.timeoutMs ?? 120_000;

  async function attempt<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    const asked = `${call.method} ${base}${call.path.split('?', 1)[0]}`;
    const limit = new AbortController();
    const timer =
      call.timeoutMs === undefined || call.timeoutMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => limit.abort(), call.timeoutMs);
    try {
      const response = await (options.fetch ?? fetch)(base + call.path, {
        method: call.method,
        headers: { ...headers, ...(call.contentType !== undefined && { 'content-type': call.contentType }) },
        redirect: redirects[call.method],
        signal: call.signal === undefined ? limit.signal : AbortSignal.any([call.signal, limit.signal]),
        ...bodyOf(call.content),
      });
      if (!response.ok) throw await errorFromResponse(response, asked, Date.now());
      return await read(response);
    } catch (error) {
      if (error instanceof CellarError) throw error;
      call.signal?.throwIfAborted();
      if (limit.signal.aborted)
        throw new CellarError('DEADLINE_EXCEEDED', `${asked} got no answer within ${call.timeoutMs} ms.`);
      throw new CellarError('TEMPORARILY_UNAVAILABLE', `${asked} got no answer: ${reason(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async function perform<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    for (let retries = 0; ; retries += 1)
      try {
        return await attempt(call, read);
      } catch (error) {
        const delayMs = retryDelayMs(error, retries, call.repeatable, rule, random());
        if (delayMs === undefined) throw error;
        await delay(delayMs, call.signal);
      }
  }

  const json = <T>(call: Call) =>
    perform(call, (response) => readObject<T>(response, `${call.method} ${base}${call.path.split('?', 1)[0]}`));
  const reading = (path: string, query: Query, given: CallOptions = {}): Call => ({
    method: 'GET',
    path: path + queryText(query),
    repeatable: true,
    signal: given.signal,
    timeoutMs: given.timeoutMs ?? timeoutMs,
  });

  function callsBelow(root: string): Calls {
    const change = (
      method: Method,
      path: string,
      body: object,
      repeatable: boolean,
      given: CallOptions = {},
    ): Call => ({
      method,
      path: root + path,
      content: JSON.stringify(body),
      contentType: 'application/json',
      repeatable,
      signal: given.signal,
      timeoutMs: given.timeoutMs ?? timeoutMs,
    });
    return {
      get: (path, query, given) => json(reading(root + path, query, given)),
      repeatable: (method, path, body, given) => json(change(method, path, body, true, given)),
      once: (method, path, body, given) => json(change(method, path, body, false, given)),
    };
  }

  return {
    trackingUri: base,
    ...callsBelow(restRoot),
    own: {
      ...callsBelow(ownRoot),
      upload: (path, query, content, contentType, { signal, timeoutMs } = {}) => {
        const url = ownRoot + path + queryText(query);
        return json({ method: 'PUT', path: url, content, contentType, repeatable: true, signal, timeoutMs });
      },
    },
    download: (path, query, given) => perform(reading(path, query, given), async (response) => response),
    ask: (path, content, contentType, given = {}) =>
      perform(
        {
          method: 'POST',
          path,
          content,
          contentType,
          repeatable: true,
          signal: given.signal,
          timeoutMs: given.timeoutMs ?? timeoutMs,
        },
        async (response) => response,
      ),
    async upload(path, content, contentType, given = {}) {
      const { signal, timeoutMs } = given;
      await perform({ method: 'PUT', path, content, contentType, repeatable: true, signal, timeoutMs }, (response) =>
        response.text(),
      );
    },
  };
}

/**
 * A followed redirect would turn a POST into a GET. An upload that may be redirected makes `fetch` keep a second copy of
 * the whole body for that, so it may not.
 */
const redirects: Readonly<Record<Method, 'follow' | 'manual' | 'error'>> = {
  GET: 'follow',
  POST: 'manual',
  PATCH: 'manual',
  DELETE: 'manual',
  PUT: 'error',
};

/** `fetch` sends a stream only when it is told that the answer comes after the whole of it. */
function bodyOf(content: ContentSource | undefined): RequestInit & { duplex?: 'half' } {
  if (content === undefined) return {};
  return typeof content === 'function' ? { body: content(), duplex: 'half' } : { body: content };
}

function checkedActor(actor: string): string {
  if (/^[\x20-\x7e]{1,255}$/.test(actor)) return actor;
  throw new CellarError(
    'INVALID_PARAMETER_VALUE',
    `The actor must be 1 to 255 printable ASCII characters such as ana@example.org, got '${actor}'.`,
  );
}

function target(options: ConnectionOptions): { base: string; authorization: string | undefined } {
  if (options.trackingUri === '') return { base: '', authorization: authorizationOf(options) };
  const url = URL.canParse(options.trackingUri) ? new URL(options.trackingUri) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new CellarError(
      'INVALID_PARAMETER_VALUE',
      `The tracking URI must be an http or https URL such as http://127.0.0.1:5000, got '${options.trackingUri}'.`,
    );
  const username = options.username ?? (url.username === '' ? undefined : decodeURIComponent(url.username));
  const password = options.password ?? decodeURIComponent(url.password);
  return {
    base: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`,
    authorization: authorizationOf({ ...options, username, password }),
  };
}

function authorizationOf({ username, password, token }: Pick<ConnectionOptions, 'username' | 'password' | 'token'>) {
  if (username !== undefined) {
    const bytes = new TextEncoder().encode(`${username}:${password ?? ''}`);
    return `Basic ${btoa(String.fromCharCode(...bytes))}`;
  }
  return token === undefined ? undefined : `Bearer ${token}`;
}

function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((each) => each !== undefined)
      .map((each): [string, string] => [key, String(each)]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

async function readObject<T>(response: Response, asked: string): Promise<T> {
  const text = await response.text();
  // MLflow's own client takes an empty answer for `{}` as well.
  if (text.trim() === '') return JSON.parse('{}');
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below, together with JSON that is not an object.
  }
  throw new CellarError(
    'INTERNAL_ERROR',
    `${asked} was answered without a JSON object. Is this tracking URI an MLflow server?`,
    { status: response.status, requestId: response.headers.get('x-request-id') ?? undefined },
  );
}

/** The innermost cause says most: fetch itself only says that it failed. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reason(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  return error.message;
}

/** Waits, and keeps the process alive meanwhile. Rejects with the signal's reason when it is aborted. */
function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
