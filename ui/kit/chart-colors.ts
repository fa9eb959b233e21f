/** How many colours the page has for curves; they are the tokens `--series-0` and following. */
export const seriesColors = 10;

const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

/** The look of the n-th curve of a chart: ten colours, then the same ones dashed, so that forty differ. */
export function lookOf(n: number): { readonly token: string; readonly dash: readonly number[] } {
  return { token: `--series-${n % seriesColors}`, dash: dashes[Math.floor(n / seriesColors) % dashes.length]! };
}
