/** A metric, and which way is better. */
export interface ComparedMetric {
  readonly name: string;
  readonly goal: 'maximize' | 'minimize';
}

/** How a challenger's evaluation stands against a champion's on the same holdout, by one metric. Recorded once. */
export interface Comparison {
  readonly challengerId: string;
  readonly championId: string;
  readonly metric: ComparedMetric;
  /** How much better the challenger is, whichever way is better; negative when it is worse. Null where it is not a number. */
  readonly difference: number | null;
  /** Share of resamples in which the challenger is not better; null where only scalars exist, and `reason` says why. */
  readonly pValue: number | null;
  /** Of the difference, 95 %. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Rows compared. */
  readonly rows: number | null;
  readonly reason: string | null;
}
