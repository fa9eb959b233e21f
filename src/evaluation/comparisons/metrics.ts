import type { BuiltInMetric } from '../evaluations/evaluation.ts';

/** What a model said of every row. Classes are numbered as they occur in `classes`; a regression has numbers instead. */
export interface Predictions {
  readonly labels: ArrayLike<number>;
  readonly predictions: ArrayLike<number>;
  /** How many classes there are; 0 for a regression. */
  readonly classes: number;
  /** Of each class, of each row; null where the model gives none. Columns are in the order of `probabilityColumns`. */
  readonly probabilities: readonly ArrayLike<number>[] | null;
}

/** The metric when row i counts `weights[i]` times; NaN where it is not defined. */
export type Score = (weights: Uint32Array) => number;

const epsilon = Number.EPSILON;

/** Prepares a metric for many weights of the same rows; undefined where the predictions do not suffice for it. */
export function scoreOf(metric: BuiltInMetric, rows: Predictions): Score | undefined {
  switch (metric) {
    case 'accuracy':
      return mean(rows, (label, said) => (label === said ? 1 : 0));
    case 'precision_macro':
    case 'precision_weighted':
      return overClasses(rows, metric.endsWith('macro'), (hits, _support, claimed) => ratio(hits, claimed));
    case 'recall_macro':
    case 'recall_weighted':
      return overClasses(rows, metric.endsWith('macro'), (hits, support) => ratio(hits, support));
    case 'f1_macro':
    case 'f1_weighted':
      return overClasses(rows, metric.endsWith('macro'), (hits, support, claimed) =>
        ratio(2 * hits, support + claimed),
      );
    case 'log_loss':
      return logLoss(rows);
    case 'roc_auc':
      return rocAuc(rows);
    case 'mae':
      return mean(rows, (label, said) => Math.abs(label - said));
    case 'mape':
      return mean(rows, (label, said) => Math.abs(label - said) / Math.max(Math.abs(label), epsilon));
    case 'rmse': {
      const squared = mean(rows, (label, said) => (label - said) ** 2);
      return (weights) => Math.sqrt(squared(weights));
    }
    case 'r2':
      return r2(rows);
  }
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);

function mean({ labels, predictions }: Predictions, of: (label: number, said: number) => number): Score {
  return meanOf(Float64Array.from({ length: labels.length }, (_, row) => of(labels[row]!, predictions[row]!)));
}

function meanOf(values: Float64Array): Score {
  return (weights) => {
    let sum = 0;
    let count = 0;
    for (let row = 0; row < values.length; row++) {
      sum += values[row]! * weights[row]!;
      count += weights[row]!;
    }
    return sum / count;
  };
}

/** Mean over the classes that occur among the labels or the predictions, or weighted by how often the labels have them. */
function overClasses(
  { labels, predictions, classes }: Predictions,
  isMacro: boolean,
  of: (hits: number, support: number, claimed: number) => number,
): Score {
  const hits = new Float64Array(classes);
  const support = new Float64Array(classes);
  const claimed = new Float64Array(classes);
  return (weights) => {
    hits.fill(0);
    support.fill(0);
    claimed.fill(0);
    for (let row = 0; row < weights.length; row++) {
      const weight = weights[row]!;
      const label = labels[row]!;
      const said = predictions[row]!;
      support[label]! += weight;
      claimed[said]! += weight;
      if (label === said) hits[label]! += weight;
    }
    let sum = 0;
    let count = 0;
    for (let at = 0; at < classes; at++) {
      if (support[at]! + claimed[at]! === 0) continue;
      const share = isMacro ? 1 : support[at]!;
      sum += share * of(hits[at]!, support[at]!, claimed[at]!);
      count += share;
    }
    return sum / count;
  };
}

function logLoss({ labels, probabilities }: Predictions): Score | undefined {
  if (probabilities === null) return undefined;
  return meanOf(
    Float64Array.from({ length: labels.length }, (_, row) => {
      const own = probabilities[labels[row]!]?.[row] ?? 0;
      return -Math.log(Math.min(Math.max(own, epsilon), 1));
    }),
  );
}

/** With two classes the area of the second; with more the mean of each against the rest, over those that occur. */
function rocAuc({ labels, probabilities }: Predictions): Score | undefined {
  if (probabilities === null) return undefined;
  const columns = probabilities.length === 2 ? [1] : [...probabilities.keys()];
  const areas = columns.map((column) => areaUnderRoc(labels, column, probabilities[column]!));
  return (weights) => {
    let sum = 0;
    let count = 0;
    for (const area of areas) {
      const value = area(weights);
      // A class that does not occur has no area. With two classes, or with no other class, there is none at all.
      if (value === undefined) continue;
      sum += value;
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  };
}

/** The chance that a row of the class scores above another one; a tie counts half. Undefined when one kind is missing. */
function areaUnderRoc(labels: ArrayLike<number>, positive: number, scores: ArrayLike<number>) {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row).sort((a, b) => scores[a]! - scores[b]!);
  const isPositive = Uint8Array.from(order, (row) => (labels[row] === positive ? 1 : 0));
  const endsTie = Uint8Array.from(order, (row, at) => (scores[order[at + 1] ?? -1] === scores[row] ? 0 : 1));
  return (weights: Uint32Array): number | undefined => {
    let above = 0;
    let positives = 0;
    let negatives = 0;
    let tiedPositives = 0;
    let tiedNegatives = 0;
    for (let at = 0; at < order.length; at++) {
      const weight = weights[order[at]!]!;
      if (isPositive[at] === 1) tiedPositives += weight;
      else tiedNegatives += weight;
      if (endsTie[at] === 0) continue;
      above += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
      tiedPositives = 0;
      tiedNegatives = 0;
    }
    return positives === 0 || negatives === 0 ? undefined : above / (positives * negatives);
  };
}

function r2({ labels, predictions }: Predictions): Score {
  return (weights) => {
    let count = 0;
    let sum = 0;
    for (let row = 0; row < weights.length; row++) {
      count += weights[row]!;
      sum += weights[row]! * labels[row]!;
    }
    const center = sum / count;
    let squared = 0;
    let spread = 0;
    for (let row = 0; row < weights.length; row++) {
      squared += weights[row]! * (labels[row]! - predictions[row]!) ** 2;
      spread += weights[row]! * (labels[row]! - center) ** 2;
    }
    if (count < 2 || Number.isNaN(squared)) return Number.NaN;
    if (spread === 0) return squared === 0 ? 1 : 0;
    return 1 - squared / spread;
  };
}
