import { useUrlState } from '../app/url-state.ts';
import type { Range } from '../kit/chart.tsx';

export const axes = ['step', 'time', 'relative'] as const;
export type Axis = (typeof axes)[number];

/** How curves are drawn; all of it stands in the URL. */
export interface CurveSettings {
  readonly axis: Axis;
  /** The y axis is logarithmic. */
  readonly log: boolean;
  /** 0 is no smoothing; below 1. */
  readonly smoothing: number;
  /** Curves of runs that go on are asked for again and again. */
  readonly live: boolean;
  /** The part of x that is shown. */
  readonly range: Range | undefined;
}

export function settingsFromUrl(params: URLSearchParams): CurveSettings {
  const smoothing = Number(params.get('smooth') ?? 0);
  return {
    axis: axes.find((axis) => axis === params.get('axis')) ?? 'step',
    log: params.get('log') === 'y',
    smoothing: smoothing > 0 && smoothing < 1 ? smoothing : 0,
    live: params.get('live') !== 'off',
    range: rangeFromUrl(params.get('range') ?? ''),
  };
}

function rangeFromUrl(text: string): Range | undefined {
  const [from = Number.NaN, to = Number.NaN] = text === '' ? [] : text.split('~').map(Number);
  return from < to ? [from, to] : undefined;
}

/** The pieces of the URL that `change` alters. */
export function settingsToUrl(change: Partial<CurveSettings>): Record<string, string> {
  return {
    // The part of one axis means nothing on another.
    ...(change.axis !== undefined && { axis: change.axis === 'step' ? '' : change.axis, range: '' }),
    ...(change.log !== undefined && { log: change.log ? 'y' : '' }),
    ...(change.smoothing !== undefined && { smooth: change.smoothing === 0 ? '' : String(change.smoothing) }),
    ...(change.live !== undefined && { live: change.live ? '' : 'off' }),
    ...('range' in change && { range: change.range === undefined ? '' : change.range.join('~') }),
  };
}

export function useCurveSettings(): readonly [CurveSettings, (change: Partial<CurveSettings>, push?: boolean) => void] {
  const [params, change] = useUrlState();
  return [settingsFromUrl(params), (pieces, push) => change(settingsToUrl(pieces), push)];
}
