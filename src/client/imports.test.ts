import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const folder = new URL('./', import.meta.url);
/** Imports and exports that are still there when the types are gone. */
const atRunTime = /^(?:import|export)(?! type)[^;]*? from '([^']+)'|import\('([^']+)'\)/gm;

/** Everything that a module loads, itself included. */
async function graph(file: string, seen = new Map<string, string[]>()): Promise<Map<string, string[]>> {
  if (seen.has(file)) return seen;
  const found = [...(await readFile(new URL(file, folder), 'utf8')).matchAll(atRunTime)];
  const imports = found.map(([, plain, lazy]) => plain ?? lazy ?? '');
  seen.set(file, imports);
  for (const name of imports) if (name.startsWith('.')) await graph(name, seen);
  return seen;
}

const foreign = (modules: Map<string, string[]>) => [...modules.values()].flat().filter((name) => !/^\.\//.test(name));

test('the browser entry loads nothing but this folder', async () => {
  const modules = await graph('./browser.ts');
  expect(modules.size).toBeGreaterThan(10);
  expect(foreign(modules)).toEqual([]);
});

test('the Node.js entry loads nothing but this folder and Node.js', async () => {
  const modules = await graph('./index.ts');
  expect(modules.has('./artifact-files.ts')).toBe(true);
  expect(foreign(modules).filter((name) => !name.startsWith('node:'))).toEqual([]);
});
