import type { RunColumns } from '../app/api.ts';

/** What could stand at the caret of a filter. */
export interface Completion {
  /** What is written in place of the text from `start` to `end`. */
  readonly text: string;
  /** What it is: "metric", "operator". */
  readonly what: string;
}

export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly items: readonly Completion[];
  /** The column whose values should be offered; the caller knows how to ask for them. */
  readonly valuesOf?: string;
}

type Token = { readonly kind: 'word' | 'quoted' | 'operator' | 'other'; readonly text: string; readonly start: number };

const attributes = ['start_time', 'end_time', 'status', 'run_name', 'run_id', 'user_id', 'artifact_uri'];
const datasetFields = ['name', 'digest', 'context'];
const statuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];
const keyKinds: Readonly<Record<string, keyof RunColumns>> = {
  metrics: 'metrics',
  metric: 'metrics',
  params: 'params',
  param: 'params',
  tags: 'tags',
  tag: 'tags',
};
const most = 60;

const token = /\s+|`[^`]*`?|"[^"]*"?|'[^']*'?|[=!<>]+|[(),]|[^\s=!<>(),'"`]+/g;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: part, index: start } of text.matchAll(token)) {
    if (part.trim() === '') continue;
    const last = tokens.at(-1);
    // A key in quotes belongs to the word right before it: tags.`a-b`.
    if (
      /^[`"]/.test(part) &&
      last?.kind === 'word' &&
      last.text.endsWith('.') &&
      last.start + last.text.length === start
    )
      tokens[tokens.length - 1] = { ...last, text: last.text + part };
    else if (/^['"]/.test(part)) tokens.push({ kind: 'quoted', text: part, start });
    else if (/^[=!<>]/.test(part)) tokens.push({ kind: 'operator', text: part, start });
    else if (/^[(),]/.test(part)) tokens.push({ kind: 'other', text: part, start });
    else tokens.push({ kind: 'word', text: part, start });
  }
  return tokens;
}

const wordOperators = /^(LIKE|ILIKE|IN|IS|NOT|NULL)$/i;
const connective = /^(AND|OR)$/i;

/** A key as the language wants it: in backticks unless it is made of letters, digits, _ and dots. */
const written = (key: string) =>
  /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(key) ? key : key.includes('`') ? `"${key}"` : `\`${key}\``;

const quoted = (value: string) => (value.includes("'") ? `"${value}"` : `'${value}'`);

/** What may stand at `caret`; `values` are known values of the column that an earlier answer asked for. */
export function completionsAt(
  text: string,
  caret: number,
  columns: RunColumns,
  values: readonly string[] = [],
): Completions {
  const before = tokensOf(text.slice(0, caret));
  const last = before.at(-1);
  const touching = last !== undefined && last.start + last.text.length === caret && last.kind !== 'other';
  const current = touching ? last : undefined;
  const context = current === undefined ? before : before.slice(0, -1);
  const start = current?.start ?? caret;
  const rest = /^[^\s=!<>(),'"`]*/.exec(text.slice(caret))?.[0] ?? '';
  const end = current?.kind === 'word' ? caret + rest.length : caret;
  const typed = current?.text.toLowerCase() ?? '';
  const offer = (items: readonly Completion[], valuesOf?: string): Completions => ({
    start,
    end,
    items: ranked(items, typed).slice(0, most),
    ...(valuesOf !== undefined && { valuesOf }),
  });

  switch (expectedAfter(context)) {
    case 'name':
      return offer(names(columns));
    case 'operator':
      return offer(operators(nameBefore(context)));
    case 'value': {
      const name = nameBefore(context);
      return offer(valueItems(name, columns, values), /^(param|tag)s?\./.test(name) ? name : undefined);
    }
    case 'connective':
      return offer(['AND', 'OR'].map((word) => ({ text: `${word} `, what: 'and' })));
    case 'nothing':
      return offer([]);
  }
}

type Expected = 'name' | 'operator' | 'value' | 'connective' | 'nothing';

function expectedAfter(tokens: readonly Token[]): Expected {
  const last = tokens.at(-1);
  if (last === undefined) return 'name';
  if (last.kind === 'operator') return 'value';
  if (last.text === '(') return /^IN$/i.test(tokens.at(-2)?.text ?? '') ? 'value' : 'name';
  if (last.text === ',') return 'value';
  if (last.text === ')' || last.kind === 'quoted') return isInList(tokens) ? 'nothing' : 'connective';
  if (connective.test(last.text)) return 'name';
  if (/^I?LIKE$/i.test(last.text)) return 'value';
  if (/^NULL$/i.test(last.text)) return 'connective';
  if (wordOperators.test(last.text)) return 'nothing';
  const previous = tokens.at(-2);
  return previous?.kind === 'operator' ? 'connective' : 'operator';
}

const isInList = (tokens: readonly Token[]) =>
  tokens.findLastIndex(({ text }) => text === '(') > tokens.findLastIndex(({ text }) => text === ')') &&
  /^IN$/i.test(tokens[tokens.findLastIndex(({ text }) => text === '(') - 1]?.text ?? '');

const nameBefore = (tokens: readonly Token[]) =>
  tokens.findLast(({ kind, text }) => kind === 'word' && !wordOperators.test(text) && !connective.test(text))?.text ??
  '';

function names(columns: RunColumns): Completion[] {
  const keys = (['metrics', 'params', 'tags'] as const).flatMap((kind) =>
    columns[kind].map(({ key }) => ({ text: `${kind}.${written(key)} `, what: kind.slice(0, -1) })),
  );
  return [
    ...keys,
    ...attributes.map((name) => ({ text: `attributes.${name} `, what: 'attribute' })),
    ...datasetFields.map((name) => ({ text: `datasets.${name} `, what: 'data set' })),
  ];
}

function operators(name: string): Completion[] {
  const kind = keyKinds[name.split('.', 1)[0] ?? ''];
  const numeric = kind === 'metrics' || /(start|end)_time$/.test(name);
  const symbols = numeric ? ['>', '>=', '<', '<=', '=', '!='] : ['=', '!=', 'LIKE', 'ILIKE'];
  const presence = kind === 'params' || kind === 'tags' ? ['IS NULL', 'IS NOT NULL'] : [];
  const lists = /run_id$|^datasets?\./.test(name) ? ['IN ('] : [];
  return [...symbols, ...lists, ...presence].map((text) => ({
    text: text.endsWith('(') ? text : `${text} `,
    what: 'operator',
  }));
}

function valueItems(name: string, { datasets }: RunColumns, values: readonly string[]): Completion[] {
  const ofDatasets = /^datasets?\.name$/.test(name) ? datasets.map(({ key }) => key) : values;
  const known = /status$/.test(name) ? statuses : ofDatasets;
  return known.map((value) => ({ text: `${quoted(value)} `, what: 'value' }));
}

/** What begins with the typed text, then what holds it; a key counts from behind its prefix, too. */
function ranked(items: readonly Completion[], typed: string): Completion[] {
  if (typed === '') return [...items];
  const bare = typed.replace(/[`'"]/g, '');
  const rank = ({ text }: Completion) => {
    const lower = text.trim().toLowerCase().replace(/[`'"]/g, '');
    if (lower === bare) return -1;
    if (lower.startsWith(bare)) return 0;
    if (lower.slice(lower.indexOf('.') + 1).startsWith(bare)) return 1;
    return lower.includes(bare) ? 2 : 3;
  };
  return items
    .map((item) => [rank(item), item] as const)
    .filter(([place]) => place >= 0 && place < 3)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}
