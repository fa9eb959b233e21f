import { join } from 'node:path';
import { calls } from './calls.ts';
import { type Expected, expected } from './compare.ts';
import type { Answer } from './normalise.ts';
import { type Reason, reasons } from './reasons.ts';
import { readRecording } from './recording.ts';
import type { Capability } from './sequence.ts';

export const compatibilityPath = join(import.meta.dirname, '../../docs/reference/compatibility.md');

interface Chosen {
  readonly why: Reason;
  readonly where: string;
  readonly call: string;
  readonly mlflow: Answer;
  readonly cellar: Expected;
}

/** The text of docs/reference/compatibility.md, made of the sequences and what was recorded of MLflow. */
export function compatibility(capabilities: readonly Capability[]): string {
  const rows = capabilities.map((each) => ({ each, chosen: chosenOf(each), compared: comparedOf(each) }));
  const total = (count: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + count(row), 0);
  const version = capabilities[0] === undefined ? '' : readRecording(capabilities[0].name).mlflow;
  const table = [
    ...rows.map(({ each, chosen, compared }) => line(each.name, each.sequences.length, compared, chosen.length)),
    line(
      '**all**',
      total((row) => row.each.sequences.length),
      total((row) => row.compared),
      total((row) => row.chosen.length),
    ),
  ];
  const chosen = rows.flatMap((row) => row.chosen);
  return `${[
    '# Compatibility with MLflow',
    '',
    `Made by \`npm run conformance -- --report\`; do not edit. The answers of MLflow ${version} are recorded in`,
    '`test/conformance/recorded/`, and `npm test` plays the same requests to Cellar on SQLite and on PostgreSQL.',
    'Compared are the status, the error code, and every field of the answer but for ids, times and random names.',
    `The sequences make all ${calls.length} calls of the core.`,
    '',
    '| capability | sequences | answers compared | as MLflow | chosen differences |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...table,
    '',
    '## Chosen differences',
    '',
    ...(Object.keys(reasons) as Reason[]).flatMap((why) =>
      section(
        why,
        chosen.filter((each) => each.why === why),
      ),
    ),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function line(name: string, sequences: number, compared: number, chosen: number): string {
  return `| ${name} | ${sequences} | ${compared} | ${compared - chosen} | ${chosen} |`;
}

function section(why: Reason, chosen: readonly Chosen[]): string[] {
  if (chosen.length === 0) return [];
  const rows = chosen.map(
    (each) => `| ${each.where} | \`${each.call}\` | ${said(each.mlflow)} | ${said(each.cellar)} |`,
  );
  const head = ['| case | call | MLflow | Cellar |', '| --- | --- | --- | --- |'];
  return [`### ${why.slice(0, 1).toUpperCase()}${why.slice(1)}`, '', reasons[why], '', ...head, ...rows, ''];
}

function said(answer: Expected): string {
  const code = answer.errorCode === undefined ? '' : ` ${answer.errorCode}`;
  const shown = answer.body === undefined ? '' : ` \`${JSON.stringify(answer.body)}\``;
  const kind =
    answer.kind === undefined || answer.kind === 'json' || answer.errorCode !== undefined ? '' : ` (${answer.kind})`;
  return `${answer.status}${code}${kind}${shown.length <= 90 ? shown : ''}`.replaceAll('|', '\\|');
}

const comparedOf = (each: Capability) =>
  each.sequences.flatMap((sequence) => sequence.steps).filter((step) => !step.given).length;

function chosenOf(each: Capability): Chosen[] {
  const recorded = readRecording(each.name).sequences;
  return each.sequences.flatMap((sequence) =>
    sequence.steps
      .filter((step) => !step.given)
      .flatMap((step, index) => {
        const mlflow = recorded[sequence.name]?.answers[index];
        if (step.differs === undefined || mlflow === undefined) return [];
        const call = `${step.method} ${step.path}`;
        return [
          {
            why: step.differs.why,
            where: sequence.name.replaceAll('|', '\\|'),
            call,
            mlflow,
            cellar: expected(step, mlflow),
          },
        ];
      }),
  );
}
