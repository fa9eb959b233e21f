const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units: readonly (readonly [ms: number, name: string])[] = [
  [day, 'd'],
  [hour, 'h'],
  [minute, 'min'],
  [second, 's'],
];

/** `2 h ago`, `in 3 d`; the date where it is more than thirty days away. */
export function relativeTime(timeMs: number, nowMs: number): string {
  const away = Math.abs(nowMs - timeMs);
  if (away < 10 * second) return 'just now';
  if (away > 30 * day) return exactTime(timeMs).slice(0, 10);
  const [ms, name] = units.find(([unitMs]) => away >= unitMs) ?? [second, 's'];
  const amount = `${Math.floor(away / ms)} ${name}`;
  return timeMs > nowMs ? `in ${amount}` : `${amount} ago`;
}

/** `2026-05-03 14:00:00 UTC`. */
export const exactTime = (timeMs: number): string =>
  `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A length of time in its two largest units: `2 h 30 min`; milliseconds below a second. */
export function duration(ms: number): string {
  if (ms < second) return `${Math.round(ms)} ms`;
  const at = units.findIndex(([unitMs]) => ms >= unitMs);
  const [[large, largeName], small] = [units[at] ?? [second, 's'], units[at + 1]];
  const whole = Math.floor(ms / large);
  const rest = small === undefined ? 0 : Math.floor((ms - whole * large) / small[0]);
  return rest === 0 ? `${whole} ${largeName}` : `${whole} ${largeName} ${rest} ${small?.[1]}`;
}

/** A size in binary units: `1.5 MiB`. */
export function bytes(size: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = size < 1024 ? 0 : Math.min(names.length - 1, Math.floor(Math.log2(size) / 10));
  const amount = size / 1024 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${names[power]}`;
}

/** A measured value with up to four decimals, or four significant digits where it is smaller; never cut to nothing. */
export function figure(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 0.001 ? String(Number(value.toFixed(4))) : value.toPrecision(4);
}

/** A difference with its sign: `+0.002`, `-0.1`, `0`. */
export const difference = (value: number): string => (value > 0 ? `+${figure(value)}` : figure(value));

/** `1 row`, `2 rows`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** Text of others as it may reach a terminal: control characters, which could move the cursor or set colours, are shown. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
