import { AppError, shown } from '../errors.ts';

export type TokenKind =
  /** Letters, digits, `_` and dots that do not make a number: a keyword, or an identifier with its prefix. */
  | 'word'
  | 'number'
  | 'single'
  | 'double'
  | 'backtick'
  /** A run of `= ! < >`. */
  | 'operator'
  | '('
  | ')'
  | ','
  | 'end'
  /** Nothing that the language knows; `text` says why. */
  | 'bad';

export interface Token {
  readonly kind: TokenKind;
  /** The characters, without quotes. Nothing inside quotes is an escape. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

// Each can match in one way only, so all are linear.
const blanks = /\s*/y;
const wordCharacters = /[\p{L}\p{N}_.]+/uy;
const numberCharacters = /-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const operatorCharacters = /[=!<>]+/y;

const quotes: Readonly<Record<string, TokenKind>> = { "'": 'single', '"': 'double', '`': 'backtick' };

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at++;
  const code = text.charCodeAt(at);
  return code > 0x20 && code < 0x7f ? at : at + matchAt(blanks, text, at).length;
}

/** The first token at or after `from`. Scanning a whole text takes time linear in its length. */
export function scan(text: string, from: number): Token {
  const start = afterBlanks(text, from);
  const first = text[start];
  if (first === undefined) return { kind: 'end', text: '', start, end: start };
  const token = (kind: TokenKind, length: number): Token => {
    return { kind, text: text.slice(start, start + length), start, end: start + length };
  };

  const quote = quotes[first];
  if (quote !== undefined) return scanQuoted(text, start, quote);
  if (first === '(' || first === ')' || first === ',') return token(first, 1);

  const number = matchAt(numberCharacters, text, start);
  const rest = matchAt(wordCharacters, text, start + number.length);
  if (number !== '' && rest === '') return token('number', number.length);
  if (number !== '') {
    const reason = `${shown(number + rest)} is neither a number nor the name of an attribute.`;
    return bad(reason, start, start + number.length + rest.length);
  }
  if (rest !== '') return token('word', rest.length);

  const operator = matchAt(operatorCharacters, text, start);
  if (operator !== '') return token('operator', operator.length);
  const character = String.fromCodePoint(text.codePointAt(start)!);
  return bad(unexpected(text, start, character), start, start + character.length);
}

function scanQuoted(text: string, start: number, kind: TokenKind): Token {
  const end = text.indexOf(text[start]!, start + 1);
  if (end === -1) return bad(`The quote ${text[start]} is never closed.`, start, text.length);
  const content = text.slice(start + 1, end);
  // PostgreSQL holds no text with this character, so nothing could match it.
  if (content.includes('\0')) return bad('Quoted text must not contain the character U+0000.', start, end + 1);
  return { kind, text: content, start, end: end + 1 };
}

function unexpected(text: string, at: number, character: string): string {
  if (text.startsWith('--', at) || text.startsWith('/*', at) || character === '#')
    return 'Comments are not part of the language.';
  if (character === ';') return 'Only one expression is allowed, without a semicolon.';
  if (character === '+') return 'A number has no leading +.';
  return `Unexpected character ${shown(character)}.`;
}

const surrogatePairs = /[\ud800-\udbff][\udc00-\udfff]/g;

/** Enough for `shown`, which cuts; a clause may hold a list of megabytes. */
const longestClause = 200;

const bad = (reason: string, start: number, end: number): Token => ({ kind: 'bad', text: reason, start, end });

/** What is wrong with a text, and where in it, in UTF-16 units. */
export class Misreading extends AppError {
  readonly reason: string;
  readonly start: number;
  readonly end: number;
  constructor(message: string, place: { reason: string; start: number; end: number }) {
    super('INVALID_PARAMETER_VALUE', message);
    this.reason = place.reason;
    this.start = place.start;
    this.end = place.end;
  }
}

/** Walks the tokens of one text and words its errors: where, in which clause, what would be right. */
export class Lexer {
  readonly text: string;
  readonly #what: string;
  token: Token;
  /** Where the comparison or item being read began. */
  clauseStart = 0;

  /** `what` names the text in messages: "filter". */
  constructor(text: string, what: string) {
    this.text = text;
    this.#what = what;
    this.token = scan(text, 0);
  }

  /** Steps over the current token and returns it. */
  advance(): Token {
    const passed = this.token;
    if (passed.kind === 'bad') throw this.fail('');
    this.token = scan(this.text, passed.end);
    return passed;
  }

  /** Goes on at `position`, where digits too begin a word. */
  jumpToWord(position: number): void {
    const text = matchAt(wordCharacters, this.text, position);
    const end = position + text.length;
    this.token = text === '' ? scan(this.text, position) : { kind: 'word', text, start: position, end };
  }

  is(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  /** True at the given keyword, in any case. */
  isWord(upperCase: string): boolean {
    const { kind, text } = this.token;
    return kind === 'word' && text.length === upperCase.length && text.toUpperCase() === upperCase;
  }

  /** The INVALID_PARAMETER_VALUE for what is wrong at `token`; a token that cannot be read at all explains itself. */
  fail(message: string, token: Token = this.token): Misreading {
    const column = this.text.slice(0, token.start).replace(surrogatePairs, '_').length + 1;
    const end = Math.max(token.end, token.start + 1);
    const start = Math.min(this.clauseStart, token.start);
    const clause = this.text.slice(start, Math.min(end, start + longestClause)).trim();
    const near = clause === '' ? '' : ` near ${shown(clause)}`;
    const reason = token.kind === 'bad' ? token.text : message;
    const place = { reason, start: token.start, end: Math.max(token.end, token.start) };
    return new Misreading(`Invalid ${this.#what}, column ${column}${near}: ${reason}`, place);
  }
}
