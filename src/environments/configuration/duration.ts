const unitsMs = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
type Unit = keyof typeof unitsMs;

/** One or more amounts, the largest unit first: `90s`, `1h30m`, `7d`, `0s`. */
export const durationPattern = '^(?=\\d)(\\d{1,6}w)?(\\d{1,6}d)?(\\d{1,6}h)?(\\d{1,6}m)?(\\d{1,6}s)?$';
const whole = new RegExp(durationPattern);
const longestMs = 3_650 * unitsMs.d;

/** The milliseconds of a duration such as `24h`; undefined for what is none, and beyond ten years. */
export function parseDuration(text: string): number | undefined {
  if (!whole.test(text)) return undefined;
  let sumMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)([a-z])/g)) sumMs += Number(amount) * unitsMs[unit as Unit];
  return sumMs <= longestMs ? sumMs : undefined;
}

/** As it is written in a file: `7d`, `1d12h`, `0s`. Below a second it is rounded to the next one. */
export function durationText(ms: number): string {
  let rest = Math.ceil(ms / 1_000) * 1_000;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const amount = Math.floor(rest / unitsMs[unit]);
    rest -= amount * unitsMs[unit];
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text === '' ? '0s' : text;
}
