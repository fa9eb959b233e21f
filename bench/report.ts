import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { KnownFailure } from '../scripts/known-failure.mjs';
import { judge } from './goals.ts';
import { type Result, readResult, readScales } from './results.ts';
import { boundTable, comparisons, goalsTable, limitsTable, type Table } from './tables.ts';

const published = path.join(import.meta.dirname, 'results');
const page = path.join(import.meta.dirname, '../docs/reference/benchmarks.md');

/** Writes docs/reference/benchmarks.md from the newest result in `results/`, and returns its path. */
export function writeReport(): string {
  const results = readdirSync(published)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, result: readResult(path.join(published, name)) }))
    .sort((a, b) => b.result.startTime - a.result.startTime);
  const [newest, ...older] = results;
  if (newest === undefined)
    throw new KnownFailure(
      'There is no result to report: run the benchmark with --json bench/results/NAME.json first.',
    );
  writeFileSync(page, text(newest.name, newest.result, older));
  return path.relative(process.cwd(), page);
}

function text(name: string, result: Result, older: readonly { name: string; result: Result }[]): string {
  const day = ({ startTime }: Result) => new Date(startTime).toISOString().slice(0, 16).replace('T', ' ');
  return `${[
    '# Benchmarks',
    '',
    `Made by \`npm run bench -- --report\` from \`bench/results/${name}\`; do not edit. \`bench/README.md\` says what each`,
    'figure is and how to read it.',
    '',
    `- Measured: ${day(result)} UTC, ${Math.round(result.minutes)} minutes, \`${result.command}\``,
    ...Object.entries(result.machine).map(([what, value]) => `- ${what}: ${value}`),
    ...result.servers.map(({ name, version, command }) => `- ${name}: ${version}, \`${command}\``),
    '',
    'Medians. The load average and the cores that anything but server and driver used are given for MLflow / Cellar.',
    '',
    ...[goalsOf(result, older), ...comparisons(result), boundTable(result), limitsTable(result), scaleTable()].flatMap(
      markdown,
    ),
    ...notes(result),
    ...(older.length === 0
      ? []
      : [
          '## Earlier results',
          '',
          ...older.map((each) => `- ${day(each.result)} UTC: \`bench/results/${each.name}\``),
          '',
        ]),
  ].join('\n')}`;
}

/** What the newest result did not measure is shown as the newest of the older ones that did. */
function goalsOf(newest: Result, older: readonly { name: string; result: Result }[]): Table {
  const table = goalsTable(newest);
  const judged = older.map(({ name, result }) => ({ name, goals: judge(result) }));
  const rows = judge(newest).map(({ verdict }, i) => {
    const found = judged.find(({ goals }) => goals[i]!.verdict !== 'not measured');
    if (verdict !== 'not measured' || found === undefined) return table.rows[i]!;
    const { what, wanted, reached, verdict: then } = found.goals[i]!;
    return [what, wanted, reached, `${then}, in \`${found.name}\``];
  });
  return { ...table, rows };
}

function markdown({ title, head, rows }: Table): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [`## ${title}`, '', line(head), line(head.map((_, i) => (i < 2 ? '---' : '---:'))), ...rows.map(line), ''];
}

/** `npm run bench:scale -- --keep`, on SQLite. */
function scaleTable(): Table {
  const rows = readScales().flatMap(({ load, rows }) => rows.map((row) => [...row, load.toFixed(1)]));
  return { title: 'As runs grow', head: ['runs', 'figure', 'p50', 'p95', 'unit', 'load'], rows };
}

function notes(result: Result): string[] {
  const all = result.servers.flatMap(({ name, notes }) => notes.map((note) => `- ${name}: ${note}`));
  return all.length === 0 ? [] : ['## Notes', '', ...all, ''];
}
