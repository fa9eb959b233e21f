import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from './normalise.ts';
import type { Capability, Sequence } from './sequence.ts';

/** What MLflow answered to one sequence. `requests` tells whether the sequence still is the one that was played. */
export interface Recorded {
  readonly requests: string;
  readonly answers: readonly Answer[];
}

export interface Recording {
  readonly mlflow: string;
  readonly sequences: { readonly [name: string]: Recorded };
}

const folder = join(import.meta.dirname, 'recorded');
const fileOf = (capability: string) => join(folder, `${capability.replaceAll(' ', '-')}.json`);

export function readRecording(capability: string): Recording {
  try {
    return JSON.parse(readFileSync(fileOf(capability), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { mlflow: '', sequences: {} };
    throw error;
  }
}

/** Writes in the order of the cases. */
export function writeRecording(capability: Capability, recording: Recording): void {
  const entries = capability.sequences.flatMap((sequence) => {
    const recorded = recording.sequences[sequence.name];
    if (recorded === undefined) return [];
    const answers = recorded.answers.map((answer) => `\n        ${JSON.stringify(answer)}`).join(',');
    const list = answers === '' ? '[]' : `[${answers}\n      ]`;
    return [
      `    ${JSON.stringify(sequence.name)}: {\n      "requests": "${recorded.requests}",\n      "answers": ${list}\n    }`,
    ];
  });
  mkdirSync(folder, { recursive: true });
  const text = `{\n  "mlflow": ${JSON.stringify(recording.mlflow)},\n  "sequences": {\n${entries.join(',\n')}\n  }\n}\n`;
  writeFileSync(fileOf(capability.name), text);
}

/** Removes recordings of capabilities that are gone. */
export function dropOthers(capabilities: readonly Capability[]): void {
  const kept = new Set(capabilities.map((each) => fileOf(each.name)));
  for (const name of readdirSync(folder)) {
    if (!kept.has(join(folder, name))) rmSync(join(folder, name));
  }
}

/** Changes when a request of the sequence changes; functions count by their presence, decisions about Cellar do not count. */
export function requestsOf(sequence: Sequence): string {
  const plain = sequence.steps.map(({ differs: _, ...step }) => step);
  const text = JSON.stringify(plain, (_key, value: unknown) => {
    if (typeof value === 'function') return 'function';
    return value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value;
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Lays the recordings out as the formatter has it, so that a release of MLflow shows as a change of answers alone. */
export function layOut(): void {
  const biome = join(import.meta.dirname, '../../node_modules/.bin/biome');
  execFileSync(biome, ['format', '--write', folder], { stdio: 'ignore' });
}

/** Whether what is recorded of the sequence is of its requests as they stand. */
export const isRecorded = (capability: Capability, sequence: Sequence): boolean =>
  readRecording(capability.name).sequences[sequence.name]?.requests === requestsOf(sequence);
