import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, judge } from './fault.ts';
import { faults } from './faults.ts';

/** What the worker is told, as JSON in its first argument. */
export type Orders = Omit<Context, 'say' | 'folder'> & { readonly base: string; readonly names: readonly string[] };

/** Runs the faults one after the other and writes each verdict as a line of JSON to stdout. */
const { base, names, ...context } = JSON.parse(process.argv[2] ?? '') as Orders;
// Servers are ended on `exit`, which a signal alone would skip.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
for (const fault of faults.filter(({ name }) => names.includes(name))) {
  const folder = join(base, fault.name);
  mkdirSync(folder);
  const say = (line: string) => process.stderr.write(`  ${fault.name}: ${line}\n`);
  say(fault.promise);
  process.stdout.write(`${JSON.stringify(await judge(fault, { ...context, folder, say }))}\n`);
}
process.exit(0);
