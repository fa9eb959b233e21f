/** The colour of a place on an axis, low to high; grey where there is none. */
export const shadeOf = (place: number | undefined): string =>
  place === undefined
    ? 'var(--edge)'
    : `color-mix(in oklab, var(--series-1), var(--series-0) ${Math.round(place * 100)}%)`;
