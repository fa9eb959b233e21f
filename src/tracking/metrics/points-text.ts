import type { Points } from './store.ts';

/** Characters of the longest number that JavaScript prints: -0.0000012345678901234567. */
const longestNumber = 25;
const comma = 44;
const closingBracket = 93;
const zero = 48;

/**
 * Points as the JSON objects of the wire (what `metricText` gives for one), separated by commas. Reading a long history
 * is bound by this: bytes are written where they belong, with no string a point.
 */
export function pointsText(points: Points, key: string, runId?: string): Buffer {
  const head = Buffer.from(`,{"key":${JSON.stringify(key)},"value":`);
  const time = Buffer.from(',"timestamp":');
  const step = Buffer.from(',"step":');
  const end = Buffer.from(runId === undefined ? '}' : `,"run_id":${JSON.stringify(runId)}}`);
  const longestPoint = head.length + time.length + step.length + end.length + 3 * longestNumber;
  const text = Buffer.allocUnsafe((points.length / 4) * longestPoint);
  let at = 0;

  const values = valuesText(points);
  let valueAt = 1;
  for (let i = 0; i < points.length; i += 4) {
    at = putBytes(text, at, head);
    for (let c = values[valueAt++]!; c !== comma && c !== closingBracket; c = values[valueAt++]!) text[at++] = c;
    at = putBytes(text, at, time);
    at = putInteger(text, at, points[i + 1]!);
    at = putBytes(text, at, step);
    at = putInteger(text, at, points[i]!);
    at = putBytes(text, at, end);
  }
  return text.subarray(1, at);
}

/** The values of all points as one JSON array: half the time that printing each on its own takes. */
function valuesText(points: Points): Buffer {
  const values: (number | string)[] = [];
  for (let i = 0; i < points.length; i += 4) values.push(points[i + 3] === 1 ? 'NaN' : points[i + 2]!);
  return Buffer.from(JSON.stringify(values), 'latin1');
}

/** For pieces this short a loop is several times faster than `copy` and `write`. Like all of these, returns where the text ends. */
function putBytes(text: Buffer, at: number, piece: Buffer): number {
  for (let i = 0; i < piece.length; i++) text[at + i] = piece[i]!;
  return at + piece.length;
}

/** Puts a safe integer. Large ones are taken apart once, so that all that follows is arithmetic of 32 bits. */
function putInteger(text: Buffer, at: number, value: number): number {
  if (value < 0) return putBytes(text, at, Buffer.from(String(value)));
  let length = 1;
  for (let power = 10; value >= power; power *= 10) length++;
  if (length <= 8) return putDigits(text, at, value, length);
  const high = Math.floor(value / 1e8);
  return putDigits(text, putDigits(text, at, high, length - 8), value - high * 1e8, 8);
}

function putDigits(text: Buffer, at: number, value: number, length: number): number {
  let rest = value | 0;
  for (let i = at + length - 1; i >= at; i--) {
    const tenth = (rest / 10) | 0;
    text[i] = zero + rest - 10 * tenth;
    rest = tenth;
  }
  return at + length;
}
