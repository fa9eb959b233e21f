import path from 'node:path';
import { expect, test } from 'vitest';
import { play, pythonFor } from './programs.ts';

const root = path.join(import.meta.dirname, '..', '..');
const others = path.join(import.meta.dirname, 'others');

test.each([
  ['mlflow 2.9', 'requirements-2.9.txt'],
  ['mlflow 3.17', 'requirements-tuning.txt'],
])('the Python worker passes its own tests with %s', async (_, requirements) => {
  const python = await pythonFor(path.join(others, requirements));
  const played = await play(python, ['-m', 'pytest', '-q', '--no-header'], 'http://127.0.0.1:9', {
    cwd: path.join(root, 'python'),
  });
  expect(played.output).toMatch(/\d+ passed/);
  expect(played).toMatchObject({ code: 0 });
});
