import { Matrix } from 'ml-matrix';

export interface Settings {
  readonly learningRate: number;
  /** Strength of the L2 penalty on the weights. */
  readonly l2: number;
  readonly epochs: number;
}

/** One linear score for each class on standardised features; the highest score is the answer. */
export interface Model {
  readonly kind: 'softmax-regression';
  readonly features: readonly string[];
  readonly classes: number;
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** A row for each feature and a last one for the bias, a column for each class. */
  readonly weights: readonly (readonly number[])[];
}

export interface Epoch {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** Full-batch gradient descent on the cross-entropy. Nothing is random in it. */
export function train(
  features: readonly string[],
  rows: number[][],
  labels: readonly number[],
  settings: Settings,
  onEpoch: (epoch: Epoch) => void,
): Model {
  const classes = Math.max(...labels) + 1;
  const raw = new Matrix(rows);
  const mean = raw.mean('column');
  const scale = raw.standardDeviation('column', { mean });
  const x = withBias(raw, mean, scale);
  const wanted = Matrix.zeros(rows.length, classes);
  for (const [row, label] of labels.entries()) wanted.set(row, label, 1);

  const weights = Matrix.zeros(x.columns, classes);
  for (let epoch = 0; epoch < settings.epochs; epoch += 1) {
    const chances = softmax(x.mmul(weights));
    onEpoch({ epoch, loss: crossEntropy(chances, labels), accuracy: accuracy(mostLikely(chances), labels) });
    const gradient = x.transpose().mmul(Matrix.sub(chances, wanted)).div(rows.length);
    weights.sub(gradient.add(Matrix.mul(weights, settings.l2)).mul(settings.learningRate));
  }
  return { kind: 'softmax-regression', features, classes, mean, scale, weights: weights.to2DArray() };
}

/** The class of each row. */
export const predict = (model: Model, rows: number[][]): number[] =>
  mostLikely(
    withBias(new Matrix(rows), model.mean, model.scale).mmul(new Matrix(model.weights.map((row) => [...row]))),
  );

export const accuracy = (predicted: readonly number[], labels: readonly number[]): number =>
  predicted.filter((label, row) => label === labels[row]).length / labels.length;

/** F1 of each class, weighted by how often the class occurs. */
export function weightedF1(predicted: readonly number[], labels: readonly number[]): number {
  const f1 = (label: number) => {
    const hits = labels.filter((wanted, row) => wanted === label && predicted[row] === label).length;
    const total = [...labels, ...predicted].filter((each) => each === label).length;
    return (2 * hits) / total;
  };
  return labels.reduce((sum, label) => sum + f1(label), 0) / labels.length;
}

function withBias(raw: Matrix, mean: readonly number[], scale: readonly number[]): Matrix {
  const x = raw
    .clone()
    .subRowVector([...mean])
    .divRowVector([...scale]);
  return x.addColumn(Array<number>(x.rows).fill(1));
}

function softmax(scores: Matrix): Matrix {
  const chances = scores.clone().subColumnVector(scores.max('row')).exp();
  return chances.divColumnVector(chances.sum('row'));
}

const mostLikely = (scores: Matrix): number[] =>
  Array.from({ length: scores.rows }, (_, row) => scores.maxRowIndex(row)[1] ?? 0);

const crossEntropy = (chances: Matrix, labels: readonly number[]): number =>
  -labels.reduce((sum, label, row) => sum + Math.log(chances.get(row, label)), 0) / labels.length;
