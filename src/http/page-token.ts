import { createHash } from 'node:crypto';
import { invalid } from '../errors.ts';

/**
 * Page tokens are opaque to clients: the position after the last item, bound to the question that was asked.
 * A token from another question, or a made-up one, is refused with INVALID_PARAMETER_VALUE.
 */
type Position = readonly (string | number | null)[];

export function encodePageToken(position: Position, question: unknown): string {
  return Buffer.from(JSON.stringify([digest(question), ...position])).toString('base64url');
}

/** The position in `token`, if it fits; undefined when no token is given. */
export function decodePageToken(
  token: string | undefined,
  question: unknown,
  fits: (position: Position) => boolean = () => true,
): Position | undefined {
  if (token === undefined || token === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw badToken('it is not a token that this server gave out');
  }
  if (!Array.isArray(value) || !value.every(isScalar) || typeof value[0] !== 'string')
    throw badToken('it is not a token that this server gave out');
  if (value[0] !== digest(question)) throw badToken('it belongs to a search with other arguments');
  const position = value.slice(1) as Position;
  if (!fits(position)) throw badToken('it is not a token that this server gave out');
  return position;
}

const isScalar = (item: unknown) => item === null || typeof item === 'string' || typeof item === 'number';
const badToken = (why: string) =>
  invalid(`Invalid value for parameter 'page_token': ${why}. Repeat the search without a token.`);
const digest = (question: unknown) =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 12);
