import { parse } from 'yaml';

export interface Field {
  /** Absent for a model that takes an array. */
  readonly name: string | undefined;
  readonly type: string;
  readonly required: boolean;
}

/** What an MLmodel file says of its model. */
export interface ModelFile {
  readonly flavors: readonly string[];
  readonly mlflowVersion: string | undefined;
  readonly inputs: readonly Field[] | undefined;
  readonly outputs: readonly Field[] | undefined;
  readonly params: readonly Field[] | undefined;
  /** The input example's file, beside the MLmodel file. */
  readonly inputExample: string | undefined;
}

type Loose = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Reads an MLmodel file; what is missing or of another shape is absent. Throws a SyntaxError for what is no YAML. */
export function readModelFile(text: string): ModelFile {
  const file: unknown = parse(text);
  const model = isObject(file) ? file : {};
  const signature = isObject(model['signature']) ? model['signature'] : {};
  const example = isObject(model['saved_input_example_info']) ? model['saved_input_example_info'] : {};
  return {
    flavors: isObject(model['flavors']) ? Object.keys(model['flavors']) : [],
    mlflowVersion: textOf(model['mlflow_version']),
    inputs: fieldsOf(signature['inputs']),
    outputs: fieldsOf(signature['outputs']),
    params: fieldsOf(signature['params']),
    inputExample: textOf(example['artifact_path']),
  };
}

/** The columns of a schema, which MLflow writes as JSON in the YAML. */
function fieldsOf(schema: unknown): Field[] | undefined {
  if (typeof schema !== 'string') return undefined;
  let columns: unknown;
  try {
    columns = JSON.parse(schema);
  } catch {
    return undefined;
  }
  if (!Array.isArray(columns)) return undefined;
  return columns.filter(isObject).map((column) => ({
    name: textOf(column['name']),
    type: typeOf(column),
    required: column['required'] !== false && column['optional'] !== true,
  }));
}

/** `double`, `array of long`, `object of a: long, b: string`, `float32 tensor (-1 × 28 × 28)`. */
function typeOf(column: Loose): string {
  const spec = column['tensor-spec'];
  if (isObject(spec)) {
    const shape = Array.isArray(spec['shape'])
      ? ` (${spec['shape'].map((n) => (n === -1 ? 'any' : n)).join(' × ')})`
      : '';
    return `${spec['dtype']} tensor${shape}`;
  }
  if (column['type'] === 'array' && isObject(column['items'])) return `array of ${typeOf(column['items'])}`;
  if (column['type'] === 'object' && isObject(column['properties'])) {
    const parts = Object.entries(column['properties']).map(
      ([name, of]) => `${name}: ${isObject(of) ? typeOf(of) : of}`,
    );
    return `object of ${parts.join(', ')}`;
  }
  return textOf(column['type']) ?? 'unknown';
}
