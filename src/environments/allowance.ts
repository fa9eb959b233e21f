import { invalid, shown } from '../errors.ts';
import {
  type CodeVersion,
  compareVersions,
  completed,
  parseVersion,
  versionPattern,
  versionText,
} from './code-version.ts';

/** Which code versions of a registered model an environment accepts: alternatives, each a set of bounds that all hold. */
export interface Allowance {
  /** The same range always in the same words: `1.0<=v≤2.0.0` is `>=1.0 <=2.0`. */
  readonly text: string;
  readonly alternatives: readonly (readonly Bound[])[];
}

export interface Bound {
  readonly operator: '<' | '<=' | '=' | '>=' | '>';
  readonly version: CodeVersion;
}

/** What is wrong with a range, and where: `position` counts characters from 0. */
export interface AllowanceMistake {
  readonly position: number;
  readonly found: string;
  readonly expected: string;
}

export type ParsedAllowance = { readonly allowance: Allowance } | { readonly mistake: AllowanceMistake };

/**
 * Reads a range such as `<=1.0`, `=2.0`, `>=1.0 <=2.0`, `1.0<=v<=2.0`, `1.x || 2.0`, `~2.1`, `^2.0`, `2.0.x` or `*`.
 * Comparators mean exactly what they say: `<=2.0` is up to and including 2.0.0, with the pre-releases of 2.0.0 below it.
 * A wildcard, `~` and `^` stay within their numbers: `2.0.x` and `~2.0` admit no pre-release of 2.1.0.
 */
export function parseAllowance(text: string): ParsedAllowance {
  try {
    return { allowance: parsed(text) };
  } catch (error) {
    if (error instanceof Mistake) return { mistake: error.mistake };
    throw error;
  }
}

/** The same, for callers of the API. INVALID_PARAMETER_VALUE that tells the position of a mistake, counted from 1. */
export function readAllowance(text: string): Allowance {
  const read = parseAllowance(text);
  if ('allowance' in read) return read.allowance;
  throw invalid(`Invalid allowance ${shown(text)}: ${mistakeText(read.mistake)}.`);
}

/** `found "." at character 4, expected a number`. */
export const mistakeText = ({ position, found, expected }: AllowanceMistake): string =>
  `found ${found === '' ? 'the end' : shown(found)} at character ${position + 1}, expected ${expected}`;

/** Whether the allowance accepts a code version; never one that cannot be read as a version. */
export function admits({ alternatives }: Allowance, codeVersion: string): boolean {
  const version = parseVersion(codeVersion);
  return version !== undefined && alternatives.some((bounds) => bounds.every((bound) => holds(bound, version)));
}

function holds({ operator, version }: Bound, candidate: CodeVersion): boolean {
  const order = compareVersions(candidate, version);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
  }
}

class Mistake extends Error {
  readonly mistake: AllowanceMistake;
  constructor(mistake: AllowanceMistake) {
    super(mistake.expected);
    this.mistake = mistake;
  }
}

/** One condition of an alternative, with the words that stand for it and its place among the others. */
interface Term {
  readonly bounds: readonly Bound[];
  readonly text: string;
  readonly order: number;
}

const longest = 200;
const aRange = 'a range such as <=2.0, 1.x or *';
const aVersion = 'a version such as 2.0';
/** Lower bounds are written before upper ones. */
const orderOf: Readonly<Record<Bound['operator'], number>> = { '=': 0, '>=': 1, '>': 1, '<=': 2, '<': 2 };

function parsed(text: string): Allowance {
  if (text.length > longest)
    throw new Mistake({
      position: longest,
      found: text.slice(longest, longest + 1),
      expected: `at most ${longest} characters`,
    });
  const source = scanner(text);
  const alternatives: Term[][] = [];
  do alternatives.push(alternative(source));
  while (source.take(/\s*\|\|/y) !== undefined);
  source.take(/\s+/y);
  if (!source.isAtEnd()) source.fail('|| or the end');
  return {
    text: alternatives.map((terms) => terms.map((term) => term.text).join(' ')).join(' || '),
    alternatives: alternatives.map((terms) => terms.flatMap((term) => term.bounds)),
  };
}

type Scanner = ReturnType<typeof scanner>;

function scanner(text: string) {
  let position = 0;
  const fail = (expected: string, at = position): never => {
    throw new Mistake({ position: at, found: text.slice(at, at + 1), expected });
  };
  return {
    fail,
    position: () => position,
    isAtEnd: () => position === text.length,
    /** What a sticky expression matches here, with its groups. */
    take(pattern: RegExp): RegExpExecArray | undefined {
      pattern.lastIndex = position;
      const match = pattern.exec(text);
      if (match === null) return undefined;
      position = pattern.lastIndex;
      return match;
    },
  };
}

function alternative(source: Scanner): Term[] {
  source.take(/\s+/y);
  const start = source.position();
  const terms = [term(source)];
  while (source.take(/\s+(?=[^\s|])/y) !== undefined) terms.push(term(source));
  if (source.take(/(?=\s*(\|\||$))/y) === undefined) source.fail('a space, || or the end');
  if (isEmpty(terms.flatMap(({ bounds }) => bounds))) source.fail('a range that admits some version', start);
  return terms.sort((a, b) => a.order - b.order);
}

/** Whether some lower bound lies above some upper one. */
function isEmpty(bounds: readonly Bound[]): boolean {
  const lower = bounds.filter(({ operator }) => operator !== '<' && operator !== '<=');
  const upper = bounds.filter(({ operator }) => operator !== '>' && operator !== '>=');
  return lower.some((low) =>
    upper.some((high) => {
      const order = compareVersions(low.version, high.version);
      return order > 0 || (order === 0 && (low.operator === '>' || high.operator === '<'));
    }),
  );
}

const comparator = /(<=|>=|<|>|=|≤|≥)\s*/y;
const tildeOrCaret = /([~^])\s*/y;
const version = new RegExp(versionPattern, 'y');
const wildcard = /((?:0|[1-9]\d{0,14})(?:\.(?:0|[1-9]\d{0,14}))?)(?:\.[xX*]){1,2}/y;
const intervalStart = /\s*(<=|>=|<|>|≤|≥)\s*v(?![0-9a-zA-Z.])/y;
const intervalEnd = /\s*(<=|>=|<|>|≤|≥)\s*/y;

function term(source: Scanner): Term {
  if (source.take(/\*(?!\.)/y) !== undefined) return { bounds: [], text: '*', order: 0 };
  const [, written] = source.take(comparator) ?? [];
  if (written !== undefined) return compared(operatorOf(written), wholeVersion(source));
  const [, mark] = source.take(tildeOrCaret) ?? [];
  if (mark !== undefined) return within(mark, wholeVersion(source));
  const start = source.position();
  const wild = source.take(wildcard);
  if (wild !== undefined) return wildcarded(source, wild, start);
  const [low] = source.take(version) ?? source.fail(aRange);
  const [, first] = source.take(intervalStart) ?? [];
  return first === undefined ? compared('=', low) : interval(source, low, operatorOf(first));
}

function wholeVersion(source: Scanner): string {
  const [text] = source.take(version) ?? source.fail(aVersion);
  if (source.take(/(?=\.[xX*])/y) !== undefined) source.fail(`${aVersion}, without a wildcard`);
  return text;
}

const operatorOf = (written: string) => written.replace('≤', '<=').replace('≥', '>=') as Bound['operator'];

function compared(operator: Bound['operator'], text: string): Term {
  const exact = completed(text);
  return { bounds: [{ operator, version: exact }], text: `${operator}${short(exact)}`, order: orderOf[operator] };
}

/** `2` and `2.0.0` are `2.0`. */
const short = (exact: CodeVersion) => versionText(exact).replace(/^(\d+\.\d+)\.0$/, '$1');

/** `1.0<=v<=2.0`, or the same from right to left. */
function interval(source: Scanner, low: string, first: Bound['operator']): Term {
  const at = source.position();
  const [, written] = source.take(intervalEnd) ?? source.fail('< or <= and a version');
  const second = operatorOf(written ?? '');
  if (second[0] !== first[0]) source.fail(`${first[0]} or ${first[0]}= as before v`, at);
  const ends = [compared(mirrored[first], low), compared(second, wholeVersion(source))].sort(
    (a, b) => a.order - b.order,
  );
  return { bounds: ends.flatMap(({ bounds }) => bounds), text: ends.map(({ text }) => text).join(' '), order: 1 };
}

const mirrored: Readonly<Record<Bound['operator'], Bound['operator']>> = {
  '<': '>',
  '<=': '>=',
  '=': '=',
  '>=': '<=',
  '>': '<',
};

/** The first version of all with these numbers: no pre-release comes before `-0`. */
const firstOf = (major: number, minor: number, patch: number): CodeVersion => ({ major, minor, patch, pre: [0] });

function wildcarded(source: Scanner, [text, numbers = '']: RegExpExecArray, start: number): Term {
  const [major = 0, minor] = numbers.split('.').map(Number);
  if (minor !== undefined && (text.match(/[xX*]/g) ?? []).length > 1) source.fail(aRange, start);
  const next = minor === undefined ? firstOf(major + 1, 0, 0) : firstOf(major, minor + 1, 0);
  return {
    bounds: [
      { operator: '>=', version: firstOf(major, minor ?? 0, 0) },
      { operator: '<', version: next },
    ],
    text: `${numbers}.x`,
    order: 0,
  };
}

/** `~2.1` stays within 2.1, `~2` within 2; `^` lets change what comes after the first number that is not 0. */
function within(mark: string, text: string): Term {
  const low = completed(text);
  const given = text.split('-', 1)[0]?.split('.').length ?? 1;
  return {
    bounds: [
      { operator: '>=', version: low },
      { operator: '<', version: mark === '~' ? aboveTilde(low, given) : aboveCaret(low, given) },
    ],
    text: `${mark}${text}`,
    order: 0,
  };
}

const aboveTilde = ({ major, minor }: CodeVersion, given: number) =>
  given === 1 ? firstOf(major + 1, 0, 0) : firstOf(major, minor + 1, 0);

function aboveCaret({ major, minor, patch }: CodeVersion, given: number): CodeVersion {
  if (major > 0 || given === 1) return firstOf(major + 1, 0, 0);
  if (minor > 0 || given === 2) return firstOf(0, minor + 1, 0);
  return firstOf(0, 0, patch + 1);
}
