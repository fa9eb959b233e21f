import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { KnownFailure } from '../scripts/known-failure.mjs';
import { judge } from './goals.ts';
import { type Result, readResult, readScales } from './results.ts';
import { boundTable, comparisons, goalsTable, limitsTable, type Table } from './tables.ts';

const published = path.join(import.meta.dirname, 'results');
const page = path.join(import.meta.dirname, '../docs/reference/benchmarks.md');

/**
 * Writes docs/reference/benchmarks.md from the newest result in `results/` that measured every goal, else from the newest,
 * and returns its path.
 */
export function writeReport(): string {
  const results = readdirSync(published)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, result: readResult(path.join(published, name)) }))
    .sort((a, b) => b.result.startTime - a.result.startTime);
  const whole = results.find(({ result }) => judge(result).every(({ verdict }) => verdict !== 'not measured'));
  const shown = whole ?? results[0];
  if (shown === undefined)
    throw new KnownFailure(
      'There is no result to report: run the benchmark with --json bench/results/NAME.json first.',
    );
  const others = results.filter((each) => each !== shown);
  writeFileSync(page, text(shown.name, shown.result, others));
  return path.relative(process.cwd(), page);
}

interface Named {
  readonly name: string;
  readonly result: Result;
}

function text(name: string, result: Result, others: readonly Named[]): string {
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
    ...[
      goalsOf(result, others),
      ...comparisonsOf(result, others),
      boundTable(result),
      limitsTable(result),
      scaleTable(),
    ].flatMap(markdown),
    ...notes(result),
    ...(others.length === 0
      ? []
      : [
          '## Other results',
          '',
          ...others.map((each) => `- ${day(each.result)} UTC: \`bench/results/${each.name}\``),
          '',
        ]),
  ].join('\n')}`;
}

/** A goal that the result did not measure is shown as the newest of the others that did. */
function goalsOf(result: Result, others: readonly Named[]): Table {
  const table = goalsTable(result);
  const judged = others.map(({ name, result }) => ({ name, goals: judge(result) }));
  const rows = judge(result).map(({ verdict }, i) => {
    const found = judged.find(({ goals }) => goals[i]!.verdict !== 'not measured');
    if (verdict !== 'not measured' || found === undefined) return table.rows[i]!;
    const { what, wanted, reached, verdict: then } = found.goals[i]!;
    return [what, wanted, reached, `${then}, in \`${found.name}\``];
  });
  return { ...table, rows };
}

/** A database that the result does not compare on, as PostgreSQL, is shown as the newest of the others that do. */
function comparisonsOf(result: Result, others: readonly Named[]): Table[] {
  const tables = comparisons(result);
  for (const other of others)
    for (const table of comparisons(other.result))
      if (!tables.some(({ title }) => title.startsWith(table.title)))
        tables.push({ ...table, title: `${table.title}, in \`${other.name}\`` });
  return tables;
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
