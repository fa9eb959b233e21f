import { invalid } from '../../errors.ts';
import type { Configuration } from './configuration.ts';
import { type Mistake, readDocument } from './document.ts';
import { meaningOf } from './meaning.ts';
import { fileChecker } from './schema.ts';

export interface ConfigurationSource {
  /** The text of `cellar.yaml`. */
  readonly yaml: string;
  /** What to call it in messages; `cellar.yaml` unless given. */
  readonly file?: string;
  /** The texts of the files that it names, by the path as it stands there. */
  readonly code?: Readonly<Record<string, string>>;
}

export type ReadConfiguration =
  | { readonly configuration: Configuration }
  /** At least one, in the order of the file. */
  | { readonly mistakes: readonly Mistake[] };

const mostMistakes = 100;

/** What a file means, or all that is wrong with it. */
export function parseConfiguration({ yaml, file = 'cellar.yaml', code = {} }: ConfigurationSource): ReadConfiguration {
  const read = readDocument(yaml, file);
  if ('mistakes' in read) return { mistakes: inOrder(read.mistakes) };
  const { value, mistakeAt } = read.document;
  if (!fileChecker.matches(value)) {
    const problems = fileChecker
      .problems(value)
      .map(({ path, value: found, expected, isName }) =>
        mistakeAt(path, expected, { isName, isMissing: found === undefined }),
      );
    return { mistakes: inOrder(problems) };
  }
  const mistakes: Mistake[] = [];
  const configuration = meaningOf({
    file: value,
    code,
    wrong: (path, expected, found) => void mistakes.push(mistakeAt(path, expected, found)),
  });
  return mistakes.length > 0 ? { mistakes: inOrder(mistakes) } : { configuration };
}

/** The same, for callers of the API. INVALID_PARAMETER_VALUE with a line for every mistake. */
export function readConfiguration(source: ConfigurationSource): Configuration {
  const read = parseConfiguration(source);
  if ('configuration' in read) return read.configuration;
  throw invalid(read.mistakes.map(mistakeLine).join('\n'));
}

/** `cellar.yaml:12:20: services.wine.allow.prod.AImodel: found 2.0, expected …`. */
export function mistakeLine({ file, line, column, path, value, expected }: Mistake): string {
  const found = value === null ? 'missing' : `found ${value}`;
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${path === '' && value === null ? '' : `${found}, `}expected ${expected}`;
}

/** By place; what was said of one place twice (a setting that is in force in two environments) once. */
function inOrder(mistakes: readonly Mistake[]): Mistake[] {
  const once = new Map(mistakes.map((mistake) => [mistakeLine(mistake), mistake]));
  return [...once.values()].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, mostMistakes);
}

/** The files that a `cellar.yaml` names, for its reader to bring along; none when it is not valid so far. */
export function namedFiles(yaml: string): string[] {
  const read = readDocument(yaml, '');
  const value = 'document' in read ? read.document.value : undefined;
  if (!fileChecker.matches(value)) return [];
  const named = Object.values(value.services ?? {}).map(({ metric }) => metric.function?.file);
  return [...new Set(named.filter((file) => file !== undefined))];
}
