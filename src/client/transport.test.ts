import { describe, expect, test } from 'vitest';
import { type Scripted, withScriptedServer } from '../../test/support/scripted-server.ts';
import { createClient } from './cellar-client.ts';
import { type ConnectionOptions, connect, pathOf } from './transport.ts';

const run = { run: { info: { run_id: 'r1', experiment_id: '1', status: 'RUNNING' } } };
const busy: Scripted = { status: 503, body: { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'busy' } };

/** A client that notes how long it would wait, and does not. */
function impatient(trackingUri: string, options: Partial<ConnectionOptions> = {}) {
  const waits: number[] = [];
  const client = createClient({
    trackingUri,
    random: () => 0,
    delay: async (ms) => {
      waits.push(ms);
    },
    ...options,
  });
  return { client, waits };
}

describe('errors', () => {
  test('carry the code, words, status and request id of the server', () =>
    withScriptedServer(
      () => ({
        status: 404,
        body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: "No run 'r1'" },
        headers: { 'x-request-id': 'abc-1' },
      }),
      async ({ url }) => {
        await expect(impatient(url).client.getRun('r1')).rejects.toMatchObject({
          name: 'CellarError',
          code: 'RESOURCE_DOES_NOT_EXIST',
          message: "No run 'r1'",
          status: 404,
          requestId: 'abc-1',
        });
      },
    ));

  test.each([
    [400, 'nonsense', 'text/plain', 'BAD_REQUEST', 'was answered 400: nonsense'],
    [401, 'Unauthorized', 'text/plain', 'UNAUTHENTICATED', 'was answered 401: Unauthorized'],
    [403, 'Permission denied', 'text/plain', 'PERMISSION_DENIED', 'was answered 403: Permission denied'],
    [404, '<h1>Not Found</h1>', 'text/html', 'ENDPOINT_NOT_FOUND', 'was answered 404: Not Found'],
    [404, '{"detail":"no such file"}', 'application/json', 'ENDPOINT_NOT_FOUND', 'no such file'],
    [418, '', 'text/plain', 'BAD_REQUEST', 'was answered 418'],
    [500, '<h1>oops</h1>', 'text/html', 'INTERNAL_ERROR', 'was answered 500: Internal Server Error'],
    [502, '<h1>nginx</h1>', 'text/html', 'TEMPORARILY_UNAVAILABLE', 'was answered 502: Bad Gateway'],
    [504, '[]', 'application/json', 'DEADLINE_EXCEEDED', 'was answered 504'],
  ])('%i with the body %s becomes %s', (status, body, type, code, words) =>
    withScriptedServer(
      () => ({ status, body, headers: { 'content-type': type } }),
      async ({ url }) => {
        const { client } = impatient(url, { maxRetries: 0 });
        await expect(client.getRun('r1')).rejects.toMatchObject({
          code,
          status,
          message: expect.stringContaining(words),
        });
      },
    ),
  );

  test('a page instead of JSON is told as such', () =>
    withScriptedServer(
      () => ({ body: '<html>', headers: { 'content-type': 'text/html' } }),
      async ({ url }) => {
        await expect(impatient(url).client.getRun('r1')).rejects.toThrow('Is this tracking URI an MLflow server?');
      },
    ));

  test('a redirected change names the right address instead of becoming a GET', () =>
    withScriptedServer(
      () => ({ status: 302, headers: { location: 'https://tracking.example/' } }),
      async ({ url, asked }) => {
        await expect(impatient(url).client.createRun('1')).rejects.toThrow('redirected to https://tracking.example/');
        expect(asked).toHaveLength(1);
      },
    ));

  test.each(['sqlite:///mlruns.db', 'databricks', './mlruns'])('%s is not a server', (trackingUri) => {
    expect(() => createClient({ trackingUri })).toThrow(`got '${trackingUri}'`);
  });
});

describe('retries', () => {
  test('repeat a read until the server answers', () =>
    withScriptedServer(
      (_asked, index) => (index < 2 ? busy : { body: run }),
      async ({ url, asked }) => {
        const { client, waits } = impatient(url);
        expect((await client.getRun('r1')).runId).toBe('r1');
        expect(asked).toHaveLength(3);
        expect(waits).toEqual([250, 500]);
      },
    ));

  test('repeat a safe change with the very same body', () =>
    withScriptedServer(
      (_asked, index) => (index === 0 ? 'hang up' : {}),
      async ({ url, asked }) => {
        await impatient(url).client.logMetric('r1', 'loss', 0.5);
        expect(asked).toHaveLength(2);
        expect(asked[1]?.body).toEqual(asked[0]?.body);
      },
    ));

  test('honour Retry-After in seconds', () =>
    withScriptedServer(
      (_asked, index) => (index === 0 ? { ...busy, headers: { 'retry-after': '3' } } : { body: run }),
      async ({ url }) => {
        const { client, waits } = impatient(url);
        await client.getRun('r1');
        expect(waits).toEqual([3000]);
      },
    ));

  test('honour Retry-After as a date', () =>
    withScriptedServer(
      (_asked, index) => {
        const date = new Date(Date.now() + 20_000).toUTCString();
        return index === 0 ? { ...busy, headers: { 'retry-after': date } } : { body: run };
      },
      async ({ url }) => {
        const { client, waits } = impatient(url);
        await client.getRun('r1');
        expect(waits).toHaveLength(1);
        expect(waits[0]).toBeGreaterThan(10_000);
        expect(waits[0]).toBeLessThanOrEqual(20_000);
      },
    ));

  test('end with the last error', () =>
    withScriptedServer(
      () => busy,
      async ({ url, asked }) => {
        const { client } = impatient(url, { maxRetries: 2 });
        await expect(client.getRun('r1')).rejects.toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE', status: 503 });
        expect(asked).toHaveLength(3);
      },
    ));

  test.each([400, 401, 404, 500])('do not happen after %i', (status) =>
    withScriptedServer(
      () => ({ status }),
      async ({ url, asked }) => {
        await expect(impatient(url).client.getRun('r1')).rejects.toMatchObject({ status });
        expect(asked).toHaveLength(1);
      },
    ),
  );

  type Client = ReturnType<typeof createClient>;
  const notTwice: [string, (client: Client) => Promise<unknown>][] = [
    ['createExperiment', (client) => client.createExperiment('e')],
    ['createRun', (client) => client.createRun('1')],
    ['createLoggedModel', (client) => client.createLoggedModel('1')],
    ['createRegisteredModel', (client) => client.createRegisteredModel('m')],
    ['createModelVersion', (client) => client.createModelVersion('m', 's3://bucket/model')],
    ['renameRegisteredModel', (client) => client.renameRegisteredModel('m', 'n')],
    ['deleteModelVersion', (client) => client.deleteModelVersion('m', '1')],
  ];
  test.each(notTwice)('%s is asked once when the server is busy or cuts the connection', async (_name, call) => {
    for (const reply of [busy, 'hang up'] as const)
      await withScriptedServer(
        () => reply,
        async ({ url, asked }) => {
          await expect(call(impatient(url).client)).rejects.toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE' });
          expect(asked).toHaveLength(1);
        },
      );
  });

  test('createRun is repeated when no server was there to see it', async () => {
    let free = '';
    await withScriptedServer(
      () => ({}),
      async ({ url }) => {
        free = url;
      },
    );
    const attempts: number[] = [];
    let answered: Promise<void> | undefined;
    const client = createClient({
      trackingUri: free,
      // The server comes up while the client waits for its second attempt.
      delay: (ms) =>
        new Promise((resolve) => {
          attempts.push(ms);
          answered = withScriptedServer(
            () => ({ body: run }),
            async () => {
              resolve();
              expect((await created).runId).toBe('r1');
            },
            Number(new URL(free).port),
          );
        }),
    });
    const created = client.createRun('1');
    await created;
    await answered;
    expect(attempts).toHaveLength(1);
  });
});

describe('time and patience', () => {
  test('an answer that takes too long is DEADLINE_EXCEEDED', () =>
    withScriptedServer(
      () => 'keep waiting',
      async ({ url }) => {
        const { client } = impatient(url, { maxRetries: 0, timeoutMs: 20 });
        await expect(client.getRun('r1')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', status: undefined });
      },
    ));

  test('an aborted call rejects with the reason it was aborted for, and is not repeated', () => {
    const stop = new AbortController();
    const reason = new Error('the user went away');
    return withScriptedServer(
      () => {
        stop.abort(reason);
        return 'keep waiting';
      },
      async ({ url, asked }) => {
        await expect(impatient(url).client.getRun('r1', { signal: stop.signal })).rejects.toBe(reason);
        expect(asked).toHaveLength(1);
      },
    );
  });

  test('an abort ends the wait between two attempts', () => {
    const stop = new AbortController();
    return withScriptedServer(
      () => busy,
      async ({ url }) => {
        const client = createClient({ trackingUri: url, random: () => 1 });
        const asked = client.getRun('r1', { signal: stop.signal });
        stop.abort(new Error('enough'));
        await expect(asked).rejects.toThrow('enough');
      },
    );
  });
});

describe('where and who', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const credentials: [string, Partial<ConnectionOptions>, (url: string) => string, string | undefined][] = [
    ['nothing', {}, (url) => url, undefined],
    ['a name and password', { username: 'zoë', password: 'a:b' }, (url) => url, basic('zoë:a:b')],
    ['a token', { token: 't0' }, (url) => url, 'Bearer t0'],
    ['a name before a token', { username: 'me', password: 'p', token: 't0' }, (url) => url, basic('me:p')],
    ['them in the URI', {}, (url) => url.replace('//', '//me:p%40ss@'), basic('me:p@ss')],
  ];
  test.each(credentials)('with %s, the authorization follows', (_name, options, uri, authorization) =>
    withScriptedServer(
      () => ({ body: run }),
      async ({ url, asked }) => {
        await impatient(uri(url), options).client.getRun('r1');
        expect(asked[0]?.headers.authorization).toBe(authorization);
      },
    ),
  );

  test.each([
    ['', '/api/2.0/mlflow/runs/get'],
    ['/', '/api/2.0/mlflow/runs/get'],
    ['/team/mlflow/', '/team/mlflow/api/2.0/mlflow/runs/get'],
  ])('a tracking URI that ends in "%s" asks %s', (end, path) =>
    withScriptedServer(
      () => ({ body: run }),
      async ({ url, asked }) => {
        await impatient(url + end).client.getRun('r 1&');
        expect(asked[0]?.path).toBe(path);
        expect(asked[0]?.query.get('run_id')).toBe('r 1&');
      },
    ),
  );

  test('headers of the caller travel with every call', () =>
    withScriptedServer(
      () => ({ body: run }),
      async ({ url, asked }) => {
        await impatient(url, { headers: { 'x-team': 'wine' } }).client.getRun('r1');
        expect(asked[0]?.headers['x-team']).toBe('wine');
      },
    ));
});

describe("Cellar's own API", () => {
  test('is asked below /api/v1, with the actor in a header', () =>
    withScriptedServer(
      () => ({ body: { items: [] } }),
      async ({ url, asked }) => {
        const { own } = connect({ trackingUri: `${url}/team`, actor: 'ana' });
        expect(await own.get(pathOf('holdouts', 'red wine/2'), { limit: 3 })).toEqual({ items: [] });
        await own.once('POST', 'decisions', { dryRun: true });
        expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
          'GET /team/api/v1/holdouts/red%20wine%2F2',
          'POST /team/api/v1/decisions',
        ]);
        expect(asked.map(({ headers }) => headers['x-cellar-actor'])).toEqual(['ana', 'ana']);
        expect(asked[0]?.query.get('limit')).toBe('3');
        expect(asked[1]?.body).toEqual({ dryRun: true });
      },
    ));

  test('takes a stream, and a new one when it has to be sent again', () =>
    withScriptedServer(
      (_asked, index) => (index === 0 ? busy : { body: { version: 1 } }),
      async ({ url, asked }) => {
        const delay = async () => undefined;
        const { own } = connect({ trackingUri: url, delay });
        const rows = () => new Blob(['a,b\n', '1,2\n']).stream();
        expect(await own.upload('holdouts/h/versions', { target: 'b' }, rows, 'text/csv')).toEqual({ version: 1 });
        expect(asked.map(({ text }) => text)).toEqual(['a,b\n1,2\n', 'a,b\n1,2\n']);
        expect(asked[1]?.headers['content-type']).toBe('text/csv');
        expect(asked[1]?.query.get('target')).toBe('b');
      },
    ));

  test.each(['', 'Zoë', 'a\nb', 'a'.repeat(256)])('the actor %j is refused before anything is sent', (actor) => {
    expect(() => connect({ trackingUri: 'http://127.0.0.1:1', actor })).toThrow('The actor must be');
  });

  test.each(['', '.', '..'])('%j is not a name that a path can hold', (name) => {
    expect(() => pathOf('holdouts', name)).toThrow(`Expected a name, got '${name}'.`);
  });
});

describe('numbers', () => {
  test.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [-0.5, -0.5],
    [1e-300, 1e-300],
  ])('%d is written as %j', (value, written) =>
    withScriptedServer(
      () => ({}),
      async ({ url, asked }) => {
        await impatient(url).client.logMetric('r1', 'm', value);
        expect(asked[0]?.body.value).toBe(written);
      },
    ),
  );

  test('text and numbers are read back as numbers', () =>
    withScriptedServer(
      () => ({
        body: {
          metrics: ['NaN', 'Infinity', '-Infinity', '0.25', 0.25].map((value) => ({ key: 'm', value, timestamp: 1 })),
        },
      }),
      async ({ url }) => {
        const values = (await impatient(url).client.getMetricHistory('r1', 'm').all()).map(({ value }) => value);
        expect(values).toEqual([Number.NaN, Infinity, -Infinity, 0.25, 0.25]);
      },
    ));
});
