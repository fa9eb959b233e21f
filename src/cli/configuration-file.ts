import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Configuration,
  type ConfigurationSource,
  type Mistake,
  mistakeLine,
  namedFiles,
  parseConfiguration,
} from '../environments/configuration/service.ts';
import { count } from './kit/words.ts';

export const usualFile = 'cellar.yaml';

/** A `cellar.yaml` with the files that it names. */
export async function sourceAt(file: string): Promise<Required<ConfigurationSource>> {
  const yaml = await readFile(file, 'utf8');
  const code: Record<string, string> = {};
  for (const name of namedFiles(yaml)) {
    const text = await readFile(path.join(path.dirname(file), name), 'utf8').catch(absent);
    if (text !== undefined) code[name] = text;
  }
  return { yaml, file, code };
}

/** Reading the file tells what is missing, with its place. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}

/** The source of a file that has no mistakes; throws with a line for each that it has. */
export async function validSourceAt(file: string): Promise<Required<ConfigurationSource>> {
  const source = await sourceAt(file);
  const read = parseConfiguration(source);
  if ('mistakes' in read) throw new Error(mistakesText(file, read.mistakes));
  return source;
}

export const mistakesText = (file: string, mistakes: readonly Mistake[]): string =>
  [`${file} has ${count(mistakes.length, 'mistake')}:`, ...mistakes.map(mistakeLine)].join('\n');

/** `2 environments, 1 holdout, 1 service`. */
export const contents = ({ environments, holdouts, services }: Configuration): string =>
  [
    count(environments.length, 'environment'),
    count(Object.keys(holdouts).length, 'holdout'),
    count(Object.keys(services).length, 'service'),
  ].join(', ');
