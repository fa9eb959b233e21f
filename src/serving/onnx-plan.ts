import type { Column } from './signature.ts';

/** How a table becomes the inputs of an ONNX model, and its output the predictions that the original would give. */
export interface OnnxPlan {
  readonly file: string;
  /** In words, for the record: `one matrix of float`. */
  readonly title: string;
  /** All columns as one matrix, or an input for each column, in the order of the model's columns. */
  readonly input:
    | { readonly kind: 'matrix'; readonly name: string; readonly type: TensorType }
    | { readonly kind: 'columns'; readonly inputs: readonly { readonly name: string; readonly type: TensorType }[] };
  /** `values`: one for each row; `rows`: a list for each row; `records`: an object of all outputs for each row. */
  readonly output:
    | { readonly kind: 'values' | 'rows'; readonly name: string }
    | { readonly kind: 'records'; readonly names: readonly string[] };
}

/** In which words the original refuses numbers that are missing or infinite; undefined where it takes them. */
export interface Refusals {
  readonly missing: string | undefined;
  readonly infinite: string | undefined;
}

export type TensorType = 'float32' | 'float64' | 'int64' | 'int32' | 'bool';

/** Why a table of these columns cannot be given to an ONNX model; undefined when it can. */
export function unfitForOnnx(columns: readonly Column[]): string | undefined {
  for (const { name, type, required } of columns) {
    if (type === 'string' || type === 'binary' || type === 'datetime') return `the column '${name}' is ${type}`;
    if (!required) return `the column '${name}' is optional`;
  }
  return undefined;
}

export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly dimensions: number;
}

/** The plan of a model that is ONNX itself, as MLflow's pyfunc would ask it; or why there is none. */
export function ownPlan(
  file: string,
  columns: readonly Column[],
  { inputs, outputs }: { readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[] },
): OnnxPlan | string {
  const unknown = inputs.find(({ type }) => !isTensorType(type));
  if (unknown !== undefined) return `its input '${unknown.name}' is ${unknown.type}`;
  const output = { kind: 'records', names: outputs.map(({ name }) => name) } as const;
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined && only.dimensions === 2)
    return {
      file,
      title: `the model's own, one matrix of ${only.type}`,
      input: { kind: 'matrix', name: only.name, type: only.type as TensorType },
      output,
    };
  const byName = new Map(inputs.map((input) => [input.name, input]));
  const inOrder = columns.map(({ name }) => byName.get(name));
  if (inOrder.length !== inputs.length || inOrder.includes(undefined))
    return `its inputs ${inputs.map(({ name }) => `'${name}'`).join(', ')} are not the columns of the signature`;
  return {
    file,
    title: "the model's own, an input for each column",
    input: {
      kind: 'columns',
      inputs: inOrder.map((input) => ({ name: input!.name, type: input!.type as TensorType })),
    },
    output,
  };
}

const isTensorType = (type: string) => ['float32', 'float64', 'int64', 'int32', 'bool'].includes(type);
