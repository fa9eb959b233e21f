import { scaleLinear, scaleLog, scalePoint } from 'd3-scale';
import type { Run } from '../app/api.ts';
import { number } from '../kit/format.ts';

/** A parameter or a metric of runs as an axis of a plot. Places go from 0 (low) to 1 (high). */
export interface Dimension {
  /** `params.depth`, `metrics.F1`. */
  readonly id: string;
  readonly name: string;
  /** In the order of the runs; undefined where a run has none or it has no place on this axis. */
  readonly places: readonly (number | undefined)[];
  /** What the runs logged, in words. */
  readonly words: readonly (string | undefined)[];
  readonly ticks: readonly { readonly place: number; readonly label: string }[];
  /** It is of numbers above zero, so a logarithmic axis can be had. */
  readonly canLog: boolean;
  readonly log: boolean;
  /** Its values span so many powers of ten that a linear axis would crowd them at one end. */
  readonly spansDecades: boolean;
  /** What stands at a place, in words. */
  readonly at: (place: number) => string;
}

type Values = Pick<Run, 'params' | 'metrics'>;

/** Every parameter and metric of runs that could be an axis: those in which they differ, parameters first. */
export function dimensionsOf(runs: readonly Values[]): string[] {
  const keys = (read: (run: Values) => ReadonlyMap<string, unknown>, prefix: string) =>
    [...new Set(runs.flatMap((run) => [...read(run).keys()]))].toSorted().map((key) => prefix + key);
  const ids = [...keys((run) => run.params, 'params.'), ...keys((run) => run.metrics, 'metrics.')];
  return ids.filter((id) => new Set(runs.map((run) => rawOf(run, id))).size > 1);
}

function rawOf(run: Values, id: string): string | number | undefined {
  const key = id.slice(id.indexOf('.') + 1);
  return id.startsWith('params.') ? run.params.get(key) : run.metrics.get(key)?.value;
}

export const nameOfDimension = (id: string): string => id.slice(id.indexOf('.') + 1);

/** One axis of runs: of numbers where all values are numbers, else of words. */
export function dimension(id: string, runs: readonly Values[], wantsLog: boolean): Dimension {
  const raw = runs.map((run) => rawOf(run, id));
  const name = nameOfDimension(id);
  const numbers = raw.map(toNumber);
  const finite = numbers.filter((value) => value !== undefined && Number.isFinite(value)) as number[];
  const areNumbers = finite.length > 0 && numbers.every((value, i) => (raw[i] === undefined) === (value === undefined));
  return areNumbers ? ofNumbers({ id, name, numbers, finite, wantsLog }) : ofWords(id, name, raw);
}

const toNumber = (value: string | number | undefined): number | undefined => {
  if (value === undefined || typeof value === 'number') return value;
  return value.trim() === '' || Number.isNaN(Number(value)) ? undefined : Number(value);
};

interface Numbers {
  readonly id: string;
  readonly name: string;
  readonly numbers: readonly (number | undefined)[];
  readonly finite: readonly number[];
  readonly wantsLog: boolean;
}

function ofNumbers({ id, name, numbers, finite, wantsLog }: Numbers): Dimension {
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const canLog = low > 0;
  const log = canLog && wantsLog;
  // One value alone stands in the middle.
  const ends = low < high ? [low, high] : log ? [low / 10, low * 10] : [low - 1, low + 1];
  const scale = (log ? scaleLog() : scaleLinear()).domain(ends).range([0, 1]);
  const ticks = log ? logTicks(low, high) : scale.ticks(5);
  return {
    id,
    name,
    places: numbers.map((value) => (value === undefined || !Number.isFinite(value) ? undefined : scale(value))),
    words: numbers.map((value) => (value === undefined ? undefined : number(value, 6))),
    ticks: ticks.map((value) => ({ place: scale(value), label: number(value) })),
    canLog,
    log,
    spansDecades: canLog && high / low >= 1000,
    at: (place) => number(scale.invert(place), 4),
  };
}

/** Powers of ten between the ends, and the ends themselves where fewer than two lie between. */
function logTicks(low: number, high: number): number[] {
  const powers: number[] = [];
  for (let power = Math.ceil(Math.log10(low)); power <= Math.floor(Math.log10(high)); power++) powers.push(10 ** power);
  return powers.length >= 2 ? powers : [...new Set([low, ...powers, high])];
}

function ofWords(id: string, name: string, raw: readonly (string | number | undefined)[]): Dimension {
  const words = raw.map((value) => (value === undefined ? undefined : String(value)));
  const domain = [...new Set(words.filter((word) => word !== undefined))].toSorted();
  const scale = scalePoint<string>().domain(domain).range([0, 1]);
  return {
    id,
    name,
    places: words.map((word) => (word === undefined ? undefined : scale(word))),
    words,
    ticks: domain.map((label) => ({ place: scale(label) ?? 0, label })),
    canLog: false,
    log: false,
    spansDecades: false,
    at: (place) => domain[Math.round(place * (domain.length - 1))] ?? '',
  };
}
