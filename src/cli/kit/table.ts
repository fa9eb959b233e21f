import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Terminal } from './terminal.ts';
import { printable } from './words.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'faint' | 'strong';
/** What stands in a cell: nothing, text, or text with a meaning that is also shown by colour. */
export type Cell = string | number | null | undefined | { readonly text: string; readonly tone: Tone };
type Shown = Pick<Terminal, 'columns' | 'colours'>;

const formats = { good: 'green', bad: 'red', warn: 'yellow', faint: 'dim', strong: 'bold' } as const;

/** Text with a tone; plain where the terminal shows no colours. */
export const toned = (text: string, tone: Tone, { colours }: Shown): string =>
  colours ? styleText(formats[tone], text, { validateStream: false }) : text;

const gap = 2;
const narrowest = 8;

/** Rows under a heading, wrapped so that no line is wider than the terminal. Nothing is cut off. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[], shown: Shown): string {
  const heads = headings.map((heading) => ({ text: heading.toUpperCase(), tone: 'strong' as const }));
  const grid = [heads, ...rows].map((row) => headings.map((_, column) => cellOf(row[column])));
  return drawn(grid, shown);
}

/** Names and their values, one a line; those without a value are left out. */
export function facts(pairs: readonly (readonly [name: string, value: Cell])[], shown: Shown): string {
  const known = pairs.map(([name, value]) => [name, cellOf(value)] as const).filter(([, { text }]) => text !== '');
  return drawn(
    known.map(([name, value]) => [{ text: name, tone: 'faint' }, value]),
    shown,
  );
}

interface Part {
  readonly text: string;
  readonly tone: Tone | undefined;
}

function cellOf(cell: Cell): Part {
  if (cell === null || cell === undefined) return { text: '', tone: undefined };
  if (typeof cell === 'object') return { text: printable(cell.text), tone: cell.tone };
  return { text: printable(String(cell)), tone: undefined };
}

function drawn(grid: readonly (readonly Part[])[], shown: Shown): string {
  const widths = narrowed(
    (grid[0] ?? []).map((_, column) => Math.max(...grid.map((row) => widest(row[column]?.text ?? '')))),
    shown.columns,
  );
  const drawing = new Table({ chars: plain, style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap } });
  for (const row of grid)
    drawing.push(
      row.map(({ text, tone }, column) => {
        const lines = wrapped(text, widths[column] ?? 1);
        return lines.map((line) => (tone === undefined ? line : toned(line, tone, shown))).join('\n');
      }),
    );
  return `${drawing.toString().replace(/[ ]+$/gm, '')}\n`;
}

const plain = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((place) => [place, '']),
);

const widest = (text: string) => Math.max(...text.split('\n').map((line) => [...line].length));

/** The widest columns give way first, until the line fits or every column is as narrow as it can usefully be. */
export function narrowed(natural: readonly number[], columns: number | undefined): number[] {
  const widths = [...natural];
  if (columns === undefined) return widths;
  const room = columns - gap * Math.max(0, widths.length - 1);
  for (let excess = sum(widths) - room; excess > 0; excess = sum(widths) - room) {
    const most = Math.max(...widths);
    if (most <= narrowest) break;
    const next = Math.max(narrowest, ...widths.filter((width) => width < most));
    const broad = widths.filter((width) => width === most).length;
    const less = Math.max(1, Math.min(most - next, Math.ceil(excess / broad)));
    for (const [column, width] of widths.entries()) if (width === most) widths[column] = width - less;
  }
  return widths;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Lines of at most `width` characters, broken at spaces, and inside a word only when it is longer than a line. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line: string[] = [];
    for (const word of paragraph.split(' ').map((each) => [...each])) {
      if (line.length > 0 && line.length + 1 + word.length <= width) line.push(' ', ...word);
      else {
        if (line.length > 0) lines.push(line.join(''));
        line = word;
        for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width).join(''));
      }
    }
    return [...lines, line.join('')];
  });
}
