/** Numbers, times and sizes as text. Pure: the clock is an argument. */

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "3 hours ago", "yesterday"; anything under a minute is "just now". */
export function ago(time: number, now: number): string {
  for (const [unit, length] of units) {
    const count = Math.trunc((time - now) / length);
    if (count !== 0) return relative.format(count, unit);
  }
  return 'just now';
}

const dayAndMinute = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** `23 Nov 2026, 20:58`, in the reader's time zone. */
export const stamp = (time: number): string => dayAndMinute.format(time);

const two = (n: number) => String(n).padStart(2, '0');

/** The whole moment for a tooltip: seconds and the offset from UTC. */
export function exactStamp(time: number): string {
  const offset = -new Date(time).getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const zone = `UTC${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${stamp(time)}:${two(new Date(time).getSeconds())} ${zone}`;
}

/** `850 ms`, `3.3 s`, `2 min 5 s`, `1 h 12 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const steps = [
    ['d', 86_400_000, 'h', 3_600_000],
    ['h', 3_600_000, 'min', 60_000],
    ['min', 60_000, 's', 1000],
  ] as const;
  const [big, bigMs, small, smallMs] = steps.find((step) => ms >= step[1]) ?? steps[2];
  const whole = Math.floor(ms / bigMs);
  const rest = Math.floor((ms - whole * bigMs) / smallMs);
  return rest === 0 ? `${whole} ${big}` : `${whole} ${big} ${rest} ${small}`;
}

/** `312 B`, `4.2 KiB`, `1.0 GiB`. */
export function fileSize(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < names.length - 1) {
    size /= 1024;
    unit++;
  }
  return unit === 0 ? `${size} B` : `${size.toFixed(1)} ${names[unit]}`;
}

/** A number in as many significant digits as asked for, without the tail of zeros: `0.9333`, `1.2e-7`, `NaN`, `∞`. */
export function number(value: number, digits = 5): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (Number.isInteger(value) && Math.abs(value) < 1e12) return String(value);
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 1e-4 || size >= 1e12) ? rounded.toExponential() : String(rounded);
}

/** The fewest significant digits (5 at least) in which different values of a column still look different. */
export function digitsToTell(values: readonly number[]): number {
  const different = new Set(values).size;
  for (let digits = 5; digits < 17; digits++)
    if (new Set(values.map((value) => number(value, digits))).size === different) return digits;
  return 17;
}

const grouped = new Intl.NumberFormat('en');

/** A count with its thousands apart: `1,000,000`. */
export const count = (n: number): string => grouped.format(n);
