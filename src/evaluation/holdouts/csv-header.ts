import { invalid, shown } from '../../errors.ts';
import { maxColumns } from './holdout.ts';

/** Bytes of a file within which its header must end. */
export const maxHeaderBytes = 1024 * 1024;

export interface CsvHeader {
  readonly separator: ',' | ';' | '\t';
  readonly names: readonly string[];
}

/**
 * The header of a CSV file from its first bytes: fields as RFC 4180 has them, separated by commas, or by semicolons or
 * tabs where the header holds no comma. Throws INVALID_PARAMETER_VALUE for an empty file and one without a header.
 */
export function csvHeader(start: Buffer): CsvHeader {
  const text = decode(start).replace(/^\ufeff/, '');
  if (text.trim() === '')
    throw invalid('The file is empty: expected a header with the names of the columns, then rows.');
  const counts = { ',': 0, ';': 0, '\t': 0 };
  let quoted = false;
  let end = 0;
  for (; end < text.length; end++) {
    const character = text[end]!;
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted && character in counts) counts[character as keyof typeof counts]++;
  }
  if (end === text.length && start.length >= maxHeaderBytes)
    throw invalid(`The header does not end within ${maxHeaderBytes} bytes: is this a CSV file?`);
  const separator = counts[','] > 0 ? ',' : counts[';'] > 0 ? ';' : counts['\t'] > 0 ? '\t' : ',';
  return { separator, names: fields(text.slice(0, end), separator) };
}

function decode(start: Buffer): string {
  // The last character may be cut through the middle; only whole ones are looked at.
  const whole = start.length < maxHeaderBytes ? start : start.subarray(0, start.lastIndexOf(0x0a) + 1 || start.length);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(whole);
  } catch (cause) {
    throw Object.assign(invalid('The file is not UTF-8 text: expected a CSV file.'), { cause });
  }
}

function fields(line: string, separator: string): string[] {
  const names: string[] = [];
  for (let at = 0; at <= line.length; ) {
    let end: number;
    if (line[at] === '"') {
      const close = closingQuote(line, at);
      if (close === -1) throw invalid(`The header has a quote that does not end, in column ${names.length + 1}.`);
      names.push(line.slice(at + 1, close).replaceAll('""', '"'));
      end = close + 1;
      if (end < line.length && line[end] !== separator)
        throw invalid(`The header holds text behind the quoted name ${shown(names.at(-1))}.`);
    } else {
      const next = line.indexOf(separator, at);
      end = next === -1 ? line.length : next;
      names.push(line.slice(at, end));
    }
    if (names.length > maxColumns) throw invalid(`The file has more than ${maxColumns} columns.`);
    at = end + 1;
  }
  return names;
}

function closingQuote(line: string, open: number): number {
  for (let at = open + 1; at < line.length; at++) {
    if (line[at] !== '"') continue;
    if (line[at + 1] !== '"') return at;
    at++;
  }
  return -1;
}
