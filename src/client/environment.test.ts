import { expect, test } from 'vitest';
import { assignmentFrom, connectionFrom, originOf } from './environment.ts';

test('the connection comes from the variables of MLflow', () => {
  const env = {
    MLFLOW_TRACKING_URI: 'https://tracking.example',
    MLFLOW_TRACKING_USERNAME: 'me',
    MLFLOW_TRACKING_PASSWORD: 'secret',
    MLFLOW_TRACKING_TOKEN: 't0',
  };
  expect(connectionFrom(env)).toEqual({
    trackingUri: 'https://tracking.example',
    username: 'me',
    password: 'secret',
    token: 't0',
  });
});

test('a URI in the program wins over the environment', () => {
  expect(connectionFrom({ MLFLOW_TRACKING_URI: 'http://a' }, 'http://b').trackingUri).toBe('http://b');
});

test('without a variable, or with an empty one, it is the server on this machine, without credentials', () => {
  const here = { trackingUri: 'http://127.0.0.1:5000', username: undefined, password: undefined, token: undefined };
  expect(connectionFrom({})).toEqual(here);
  expect(connectionFrom({ MLFLOW_TRACKING_URI: '', MLFLOW_TRACKING_TOKEN: '' })).toEqual(here);
});

test('a launcher names experiment and run', () => {
  expect(assignmentFrom({ MLFLOW_EXPERIMENT_NAME: 'e', MLFLOW_EXPERIMENT_ID: '7', MLFLOW_RUN_ID: 'r' })).toEqual({
    experimentName: 'e',
    experimentId: '7',
    runId: 'r',
  });
});

test.each([
  ['/home/me/wine/train.ts', 'train.ts'],
  ['/home/me/wine/src/train.ts', 'src/train.ts'],
  ['/usr/bin/train', '/usr/bin/train'],
])('the script %s is called %s', (script, name) => {
  const process = { argv: ['/usr/bin/node', script], cwd: () => '/home/me/wine' };
  expect(originOf(process, {}).sourceName).toBe(name);
});
