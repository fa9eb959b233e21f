import { expect, it } from 'vitest';
import type { Json } from './json.ts';
import { normaliser } from './normalise.ts';

const run = 'a'.repeat(32);
const plain = (body: Json) => normaliser('u12345678').body(body);
const received = (type: string, bytes: string, status = 200) => ({
  status,
  headers: { 'content-type': type, 'content-disposition': undefined },
  bytes: Buffer.from(bytes),
});

it('gives one id one token all through a play', () => {
  const { body } = normaliser('u12345678');
  expect(body([run, `runs:/${run}/model`, 'b'.repeat(32), `m-${run}`])).toEqual([
    '<run 1>',
    'runs:/<run 1>/model',
    '<run 2>',
    '<model 1>',
  ]);
  expect(body(run)).toBe('<run 1>');
});

it('knows an experiment by its field and in locations, and leaves the default one', () => {
  expect(plain({ experiment_id: '17', artifact_location: 'mlflow-artifacts:/17/x', note: '17' })).toEqual({
    experiment_id: '<experiment 1>',
    artifact_location: 'mlflow-artifacts:/<experiment 1>/x',
    note: '17',
  });
  expect(plain({ experiment_id: '0' })).toEqual({ experiment_id: '0' });
});

it('hides times of the server and keeps those that the client gave', () => {
  expect(plain({ creation_time: 5, start_time: 5, timestamp: 6 })).toEqual({
    creation_time: '<time>',
    start_time: 5,
    timestamp: 6,
  });
});

it('sorts sets and leaves histories in their order', () => {
  const points = [{ key: 'b' }, { key: 'a' }];
  expect(plain({ tags: points, metrics: points })).toEqual({ tags: [{ key: 'a' }, { key: 'b' }], metrics: points });
  expect(plain({ data: { metrics: points } })).toEqual({ data: { metrics: [{ key: 'a' }, { key: 'b' }] } });
});

it('shows long text by its length', () => {
  expect(plain('x'.repeat(500))).toMatch(/^x{20}… <500 characters, sha256 [0-9a-f]{12}>$/);
});

it('keeps of an error the status and the code', () => {
  const answer = normaliser('u12345678').answer(
    received('application/json', '{"error_code":"X","message":"y"}', 400),
    [],
  );
  expect(answer).toEqual({ status: 400, kind: 'json', errorCode: 'X' });
});

it('shows the bare NaN that is not JSON', () => {
  const answer = normaliser('u12345678').answer(received('application/json', '{"value": NaN, "text": "NaN"}'), []);
  expect(answer.body).toEqual({ value: 'bare NaN', text: 'NaN' });
});
