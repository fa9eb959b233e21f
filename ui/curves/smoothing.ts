/**
 * An exponential moving average that starts unbiased: `weight` (0 to below 1) of what was, the rest of what is. Values
 * that are not finite stay as they are and are passed over.
 */
export function smoothed(values: readonly number[], weight: number): number[] {
  let sum = 0;
  let share = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = sum * weight + value * (1 - weight);
    share = share * weight + (1 - weight);
    return sum / share;
  });
}
