import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  visit,
} from 'yaml';

/** What is wrong with a file, and where. Lines and columns count from 1, columns in UTF-16 units. */
export interface Mistake {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `services.wine.allow.prod.AImodel`; empty for the file as a whole. */
  readonly path: string;
  /** What stands there, as it is written; null where something is missing. */
  readonly value: string | null;
  readonly expected: string;
}

export type Path = readonly string[];

export interface Found {
  /** The name itself is wrong, not what stands under it. */
  readonly isName?: true | undefined;
  /** Nothing stands there. */
  readonly isMissing?: boolean;
  /** Where in a text the mistake is, in UTF-16 units. */
  readonly offset?: number | undefined;
}

/** A YAML file from anybody: its value, and where its parts stand. */
export interface YamlDocument {
  readonly value: unknown;
  readonly mistakeAt: (path: Path, expected: string, found?: Found) => Mistake;
}

export type ReadDocument = { readonly document: YamlDocument } | { readonly mistakes: readonly Mistake[] };

export const maxFileBytes = 256 * 1024;
/** Reading takes time with the square of the names in a map. */
const maxTokens = 60_000;
const maxDepth = 24;
const maxAliases = 100;
const longestValue = 80;

/** Reads YAML 1.2 (and so JSON): one document of plain maps, lists and values, without tags, within limits. */
export function readDocument(text: string, file: string): ReadDocument {
  const whole = (expected: string, line = 1, column = 1): ReadDocument => ({
    mistakes: [{ file, line, column, path: '', value: null, expected }],
  });
  if (Buffer.byteLength(text) > maxFileBytes) return whole(`a file of at most ${maxFileBytes / 1024} KiB`);
  if (tokensIn(text) > maxTokens) return whole(`a file of at most ${maxTokens} signs and words`);
  const placeOf = placesIn(text);
  const tokens = [...new Parser().parse(text)];
  if (depthOf(tokens) > maxDepth) return whole(`at most ${maxDepth} levels of nesting`);
  const [document, second] = [...new Composer(strict).compose(tokens, true, text.length)];
  if (document === undefined) return whole('a document');

  const mistake = (at: number, path: Path, value: string | null, expected: string): Mistake => {
    return { file, ...placeOf(at), path: path.join('.'), value, expected };
  };
  const written = (from: number, to: number) => excerpt(text.slice(from, to));
  const mistakes = firstOfSyntax([...document.errors, ...document.warnings]).map(({ code, message, pos: [from, to] }) =>
    mistake(
      from,
      [],
      written(from, Math.max(to, from + wordAt(text, from))),
      expectations[code] ?? `YAML that can be read: ${message}`,
    ),
  );
  if (mistakes.length > 0) return { mistakes };
  if (document.directives?.yaml.explicit === true) return whole('a file without a %YAML directive');
  if (second !== undefined) {
    const [from, to] = second.range;
    return { mistakes: [mistake(from, [], written(from, to), 'one document')] };
  }
  const badAliases = aliasMistakes(document).map(({ node: { range }, expected }) =>
    mistake(range?.[0] ?? 0, [], written(range?.[0] ?? 0, range?.[1] ?? 0), expected),
  );
  if (badAliases.length > 0) return { mistakes: badAliases };
  return {
    document: {
      value: document.toJS({ maxAliasCount: -1 }),
      mistakeAt(path, expected, { isName, isMissing, offset } = {}) {
        const { node, key } = nodeAt(document, path);
        const place = isName === true || isMissing === true ? (key ?? node) : node;
        const [from, to] = place?.range ?? [0, 0];
        const inside = offset === undefined ? 0 : insideScalar(node, text.slice(from, to), offset);
        return mistake(from + inside, path, isMissing === true ? null : written(from, to), expected);
      },
    },
  };
}

const strict = {
  version: '1.2',
  schema: 'core',
  merge: false,
  stringKeys: true,
  uniqueKeys: true,
  strict: true,
  resolveKnownTags: false,
} as const;

const expectations: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'every name once',
  NON_STRING_KEY: 'a name',
  TAG_RESOLVE_FAILED: 'a value without a tag',
  MULTIPLE_ANCHORS: 'one anchor',
};

/** What follows a mistake in the syntax is misread; other mistakes stand for themselves. */
function firstOfSyntax<T extends { readonly code: string }>(problems: readonly T[]): T[] {
  const first = problems.find(({ code }) => expectations[code] === undefined);
  return first === undefined ? [...problems] : problems.slice(0, problems.indexOf(first) + 1);
}

/** Line and column of an offset, both from 1. */
function placesIn(text: string): (at: number) => { line: number; column: number } {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const at = Math.min(offset, text.length);
    const line = starts.findLastIndex((start) => start <= at);
    return { line: line + 1, column: at - (starts[line] ?? 0) + 1 };
  };
}

function tokensIn(text: string): number {
  let count = 0;
  for (const _ of new Lexer().lex(text)) {
    count += 1;
    if (count > maxTokens) break;
  }
  return count;
}

/** How deep collections are nested, without recursion: composing them recurses. */
function depthOf(tokens: readonly CST.Token[]): number {
  let deepest = 0;
  const open: (readonly [token: CST.Token | null | undefined, depth: number])[] = tokens.map((token) => [token, 0]);
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const [token, depth] = entry;
    if (token === null || token === undefined) continue;
    deepest = Math.max(deepest, depth);
    if (token.type === 'document') open.push([token.value, depth]);
    else if ('items' in token)
      for (const item of token.items)
        open.push(['key' in item ? item.key : undefined, depth + 1], [item.value, depth + 1]);
  }
  return deepest;
}

/** Aliases that name nothing or what they stand in, and too many of them. */
function aliasMistakes(document: Document): { node: Node; expected: string }[] {
  const found: { node: Node; expected: string }[] = [];
  let count = 0;
  visit(document, {
    Alias(_, node, path) {
      count += 1;
      const target = node.resolve(document);
      if (target === undefined) found.push({ node, expected: 'an alias of an anchor before it' });
      else if (path.includes(target)) found.push({ node, expected: 'an alias that is not within its own anchor' });
      else if (hasAlias(target)) found.push({ node, expected: 'an alias of what holds no alias itself' });
      else if (count > maxAliases) found.push({ node, expected: `at most ${maxAliases} aliases` });
      return found.length > 0 && count > maxAliases ? visit.BREAK : undefined;
    },
  });
  return found;
}

/** An alias of aliases can grow a small file without bound. */
function hasAlias(node: Node): boolean {
  let has = false;
  visit(node, (_, inner) => {
    has ||= isAlias(inner);
    return has ? visit.BREAK : undefined;
  });
  return has;
}

/** The node at a path, or the last one on the way to it, with its name. */
function nodeAt(document: Document, path: Path): { node: Node | null; key: Node | null } {
  let node: Node | null = document.contents;
  let key: Node | null = null;
  for (const part of path) {
    const inner: unknown = isAlias(node) ? node.resolve(document) : node;
    if (isMap<Node, Node | null>(inner)) {
      const pair = inner.items.find((each) => isScalar(each.key) && String(each.key.value) === part);
      if (pair === undefined) break;
      key = pair.key;
      node = pair.value ?? pair.key;
    } else if (isSeq<Node>(inner)) {
      const item = inner.items[Number(part)];
      if (item === undefined) break;
      key = item;
      node = item;
    } else break;
  }
  return { node, key };
}

/** Where a character of a scalar's text stands in its source, when the one is written as the other. */
function insideScalar(node: Node | null, source: string, offset: number): number {
  if (!isScalar(node)) return 0;
  const at = source.indexOf(String(node.value));
  return at === -1 ? 0 : at + offset;
}

/** The length of the word, or the single sign, at a place. */
const wordAt = (text: string, at: number): number =>
  /^(?:[\w.-]+|[\s\S]?)/.exec(text.slice(at, at + longestValue))?.[0].length ?? 1;

/** Null where nothing is written. */
function excerpt(source: string): string | null {
  const line = source.trim().replace(/\s+/g, ' ');
  if (line === '') return null;
  return line.length > longestValue ? `${line.slice(0, longestValue - 3)}...` : line;
}
