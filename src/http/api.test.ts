import { pino } from 'pino';
import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoint, openApi } from './api.ts';
import { createApp } from './app.ts';

const endpoints = [
  endpoint(
    'GET',
    '/things/:number',
    {
      summary: 'Reads a thing.',
      tag: 'things',
      path: Type.Object({ number: Type.Integer({ minimum: 1 }) }),
      input: Type.Object({
        deep: Type.Optional(Type.Boolean()),
        names: Type.Optional(Type.Array(Type.String())),
        kind: Type.Optional(Type.Union([Type.Literal('big'), Type.Literal('small')])),
      }),
      reply: Type.Object({ seen: Type.Unknown() }),
    },
    ({ path, input, actor }) => ({ seen: { path, input, actor } }),
  ),
  endpoint(
    'POST',
    '/things',
    {
      summary: 'Makes a thing.',
      tag: 'things',
      input: Type.Object({
        name: Type.String({ minLength: 1 }),
        parts: Type.Array(Type.Object({ size: Type.Number() })),
      }),
      reply: Type.Object({ name: Type.String() }),
    },
    ({ input }) => ({ name: input.name }),
  ),
];
const app = createApp({ logger: pino({ level: 'silent' }), allowedHosts: [], allowedOrigins: [], routes: endpoints });
let origin: string;
beforeAll(async () => {
  origin = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

const answer = async (response: Response): Promise<ReturnType<typeof JSON.parse>> => response.json();
const read = async (path: string, headers: Record<string, string> = {}) =>
  answer(await fetch(`${origin}/api/v1${path}`, { headers }));
const make = async (body: unknown) =>
  answer(
    await fetch(`${origin}/api/v1/things`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );

describe('an endpoint of /api/v1', () => {
  it('reads numbers, booleans and lists out of a path and a query', async () => {
    expect(await read('/things/7?deep=true&names=a&names=b&kind=big', { 'x-cellar-actor': 'ana' })).toEqual({
      seen: { path: { number: 7 }, input: { deep: true, names: ['a', 'b'], kind: 'big' }, actor: 'ana' },
    });
    expect((await read('/things/7')).seen.actor).toBe('anonymous');
  });

  it.each([
    ['/things/0', "Invalid value 0 for parameter 'number' supplied: expected an integer, at least 1."],
    ['/things/x', `Invalid value "x" for parameter 'number' supplied: expected an integer, at least 1.`],
    ['/things/1?deep=maybe', `Invalid value "maybe" for parameter 'deep' supplied: expected true or false.`],
    ['/things/1?kind=huge', `Invalid value "huge" for parameter 'kind' supplied: expected one of big, small.`],
    ['/things/1?depth=2', `Invalid value "2" for parameter 'depth' supplied: expected one of deep, names, kind.`],
  ])('refuses %s and says what would be right', async (path, message) => {
    expect(await read(path)).toEqual({ error_code: 'INVALID_PARAMETER_VALUE', message });
  });

  it.each([
    [{ parts: [] }, "Missing value for required parameter 'name': expected a text, not empty."],
    [{ name: '', parts: [] }, `Invalid value "" for parameter 'name' supplied: expected a text, not empty.`],
    [
      { name: 'a', parts: [{ size: 1 }, { size: '2' }] },
      `Invalid value "2" for parameter 'parts[1].size' supplied: expected a number.`,
    ],
    [{ name: 'a', parts: [], part: 1 }, "Invalid value 1 for parameter 'part' supplied: expected one of name, parts."],
  ])('refuses the body %j', async (body, message) => {
    expect(await make(body)).toEqual({ error_code: 'INVALID_PARAMETER_VALUE', message });
  });

  it('refuses an actor that could not stand in a record', async () => {
    expect((await read('/things/7', { 'x-cellar-actor': 'x'.repeat(256) })).error_code).toBe('INVALID_PARAMETER_VALUE');
  });
});

it('describes the endpoints in OpenAPI 3.1 with the schemas that validate', () => {
  const { paths } = openApi(endpoints, { title: 'Things', version: '1', description: '' });
  expect(Object.keys(paths)).toEqual(['/api/v1/things/{number}', '/api/v1/things']);
  expect(paths['/api/v1/things/{number}']).toMatchObject({
    get: {
      parameters: [
        { name: 'number', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } },
        { name: 'deep', in: 'query', required: false },
        { name: 'names', in: 'query' },
        { name: 'kind', in: 'query' },
      ],
    },
  });
  expect(paths['/api/v1/things']).toMatchObject({
    post: { requestBody: { content: { 'application/json': { schema: { required: ['name', 'parts'] } } } } },
  });
});
