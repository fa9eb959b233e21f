import Table from 'cli-table3';
import type { Verdict } from './fault.ts';

export interface Measured {
  readonly verdicts: readonly Verdict[];
  readonly machine: {
    readonly processors: number;
    /** Load average over a minute, before and after. */
    readonly loadBefore: number;
    readonly loadAfter: number;
    readonly node: string;
    readonly date: string;
  };
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** For a terminal: a row per fault, and in full what broke. */
export function table({ verdicts, machine }: Measured): string {
  const rows = new Table({
    head: ['fault', 'promise', 'figures', 'took'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [14, 10, 90, 9],
  });
  for (const { name, outcome, figures, broken, tookMs } of verdicts)
    rows.push([
      name,
      outcome,
      [
        ...broken.map((sentence) => `BROKEN: ${sentence}`),
        ...figures.map((figure) => `${figure.name}: ${figure.value}`),
      ].join('\n'),
      seconds(tookMs),
    ]);
  return `${rows.toString()}\n${onMachine(machine)}\n`;
}

const onMachine = ({ processors, loadBefore, loadAfter, node, date }: Measured['machine']) =>
  `${date}, Node.js ${node}, ${processors} processors, load average ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after.`;

/** The text of docs/reference/reliability.md. */
export function reliability({ verdicts, machine }: Measured): string {
  return `${[
    '# Reliability',
    '',
    'Made by `npm run faults -- --report`; do not edit. Each promise is tried by breaking a running server in a throwaway',
    'folder as an unprivileged user; `npm run faults -- --only NAME` repeats one.',
    '',
    onMachine(machine),
    '',
    '| fault | promise | outcome |',
    '| --- | --- | --- |',
    ...verdicts.map(({ name, promise, outcome }) => `| [${name}](#${name}) | ${promise} | ${outcome} |`),
    ...verdicts.flatMap(section),
    '',
    '## What each level of durability promises',
    '',
    '| | death of the process | power cut |',
    '| --- | --- | --- |',
    '| `--durability normal` | every acknowledged write is kept | the last moments before it may be missing; what is there is whole |',
    '| `--durability full` | every acknowledged write is kept | every acknowledged write is kept: each commit waits for the disk |',
    '| `--store postgres://…` | every acknowledged write is kept | as PostgreSQL is set (`synchronous_commit`, `fsync`) |',
    '',
    'Artifacts wait for the disk on every level.',
  ].join('\n')}\n`;
}

function section({ name, measured, outcome, figures, broken }: Verdict): string[] {
  return [
    '',
    `## ${name}`,
    '',
    measured,
    '',
    ...(broken.length === 0 ? [] : [...broken.map((sentence) => `**Broken:** ${sentence}`), '']),
    ...(outcome === 'not run' ? ['**Not run.**', ''] : []),
    '| figure | value |',
    '| --- | --- |',
    ...figures.map((figure) => `| ${figure.name} | ${figure.value} |`),
  ];
}
