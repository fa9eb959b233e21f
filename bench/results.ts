import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Conditions } from './processes.ts';

/** One figure of one server, measured once or several times. */
export interface Figure {
  readonly unit: string;
  readonly values: number[];
  /** Load average, and cores that others used, during each measure. */
  readonly load: number[];
  readonly othersCores: number[];
}

export type Figures = Record<string, Figure>;

export interface ServerResult {
  readonly name: string;
  readonly command: string;
  readonly version: string;
  readonly figures: Figures;
  readonly notes: string[];
}

/** What a run of the benchmark found; kept as JSON. */
export interface Result {
  readonly startTime: number;
  minutes: number;
  readonly command: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly sizes: Readonly<Record<string, unknown>>;
  readonly servers: ServerResult[];
  readonly limits: Figures;
}

export function addFigure(figures: Figures, name: string, unit: string, value: number, during?: Conditions): void {
  figures[name] ??= { unit, values: [], load: [], othersCores: [] };
  const figure = figures[name];
  figure.values.push(rounded(value));
  if (during === undefined) return;
  figure.load.push(rounded(during.load));
  figure.othersCores.push(rounded(during.othersCores));
}

const rounded = (value: number) => Number(value.toPrecision(5));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]!
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

const moreIsBetter = (unit: string) => unit.endsWith('/s');

/** How many times better `ours` is than `theirs`, whichever way the figure counts; undefined where that says nothing. */
export function timesBetter(ours: Figure | undefined, theirs: Figure | undefined): number | undefined {
  if (ours === undefined || theirs === undefined || ours.unit === 'n') return undefined;
  const [a, b] = [median(ours.values), median(theirs.values)];
  const ratio = moreIsBetter(ours.unit) ? a / b : b / a;
  return Number.isFinite(ratio) && ratio > 0 ? ratio : undefined;
}

export const findFigure = (result: Result, server: string, figure: string): Figure | undefined =>
  result.servers.find(({ name }) => name === server)?.figures[figure];

export const writeResult = (file: string, result: Result) =>
  writeFileSync(
    file,
    `${JSON.stringify(result, undefined, 1).replace(/\[\s+([-\d.,\s]+?)\s+\]/g, (_, items: string) => `[${items.replace(/\s+/g, ' ')}]`)}\n`,
  );

export const readResult = (file: string): Result => JSON.parse(readFileSync(file, 'utf8')) as Result;

/** What `npm run bench:scale` found at one size: its rows of size, figure, p50, p95 and unit. */
export interface ScaleResult {
  readonly startTime: number;
  readonly load: number;
  readonly rows: readonly (readonly string[])[];
}

const scales = path.join(import.meta.dirname, 'results/scale');

export const writeScale = (runs: number, result: ScaleResult) =>
  writeFileSync(path.join(scales, `${runs}.json`), `${JSON.stringify(result, undefined, 1)}\n`);

/** The kept results, the fewest runs first. */
export function readScales(): ScaleResult[] {
  return readdirSync(scales)
    .filter((name) => name.endsWith('.json'))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => JSON.parse(readFileSync(path.join(scales, name), 'utf8')) as ScaleResult);
}

/** Three digits, or all of a whole number. */
export function shown(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
