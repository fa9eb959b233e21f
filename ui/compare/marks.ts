import { listFromUrl, listToUrl } from '../app/url-list.ts';
import type { Dimension } from './dimension.ts';

/** A marked part of an axis, from a place to a higher one. */
export interface Mark {
  readonly from: number;
  readonly to: number;
}

/** Marks by the axis that they are on. */
export type Marks = ReadonlyMap<string, Mark>;

export function marksFromUrl(text: string): Marks {
  const parts = listFromUrl(text);
  const marks = new Map<string, Mark>();
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const [id = '', from, to] = parts.slice(i, i + 3);
    const mark = { from: Number(from), to: Number(to) };
    if (mark.from < mark.to) marks.set(id, mark);
  }
  return marks;
}

export const marksToUrl = (marks: Marks): string =>
  listToUrl([...marks].flatMap(([id, { from, to }]) => [id, from.toFixed(3), to.toFixed(3)]));

/** Whether the run at an index lies within every mark; a run without a place on a marked axis does not. */
export function isMarked(at: number, dimensions: readonly Dimension[], marks: Marks): boolean {
  return dimensions.every(({ id, places }) => {
    const mark = marks.get(id);
    const place = places[at];
    return mark === undefined || (place !== undefined && place >= mark.from && place <= mark.to);
  });
}

/** `ids` with one of them moved to where another one stands. */
export function moved(ids: readonly string[], id: string, to: number): string[] {
  const rest = ids.filter((each) => each !== id);
  return [...rest.slice(0, Math.max(0, to)), id, ...rest.slice(Math.max(0, to))];
}
