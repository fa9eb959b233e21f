import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pythonStandIn } from '../../test/support/python-stand-in.ts';
import { modelReader } from './model-reader.ts';
import { startPythonExecutor } from './python-executor.ts';
import type { Column } from './signature.ts';
import { mostLayouts } from './table.ts';
import { openWorkerLog } from './worker-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-layouts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Answers the names of the columns it was given, and how many layouts it keeps. */
const reply = `
const layouts = new Map();
function reply({ layoutId, layout }) {
  if (layout !== undefined) layouts.set(layoutId, layout);
  const text = JSON.stringify({ names: layouts.get(layoutId).columns, kept: layouts.size });
  answer({ parts: [text.length], together: true }, text);
}
`;

const columns = [...'abcdefgh'].map((name): Column => ({ name, type: 'double', required: false }));

test('every choice of optional columns is predicted, and only a bounded number of them is remembered', async () => {
  const python = pythonStandIn(folder, reply);
  const log = openWorkerLog(path.join(folder, 'slot.log'));
  const executor = await startPythonExecutor({ python, workFolder: folder, log, startMs: 20_000 });
  try {
    const reader = modelReader({ kind: 'columns', columns, params: [], declared: true });
    const workOf = (names: readonly string[]) => {
      const row = Object.fromEntries(names.map((name) => [name, 1]));
      return reader.readBody(Buffer.from(JSON.stringify({ dataframe_records: [row] })), 'application/json');
    };
    for (let round = 0; round < 2; round++)
      for (let choice = 1; choice < 2 ** columns.length; choice++) {
        const names = columns.filter((_, i) => (choice >> i) & 1).map(({ name }) => name);
        const [answer] = await executor.run([workOf(names)]);
        const { names: given, kept } = JSON.parse(String(answer));
        expect(given).toEqual(names);
        expect(kept).toBeLessThanOrEqual(mostLayouts);
      }
    // Requests of one choice of columns have one layout, and so can be predicted together.
    const [first, second] = [workOf(['a', 'b']), workOf(['b', 'a'])];
    expect(first).toHaveProperty('table.layout');
    expect(first.kind === 'table' && second.kind === 'table' && first.table.layout === second.table.layout).toBe(true);
  } finally {
    executor.kill();
    await executor.ended;
    log.close();
  }
}, 30_000);
