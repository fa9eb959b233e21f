import type { DatasetInput } from '../app/api.ts';

/** How many rows and columns a data set has, as far as its client wrote it down. */
export function datasetShape({ profile, schema }: Pick<DatasetInput, 'profile' | 'schema'>) {
  const rows = readField(profile, 'num_rows');
  const columns = readField(schema, 'mlflow_colspec');
  return {
    rows: typeof rows === 'number' ? rows : undefined,
    columns: Array.isArray(columns) ? columns.length : undefined,
  };
}

function readField(json: string | undefined, name: string): unknown {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
  } catch {
    // Each kind of data set writes these as it likes.
    return undefined;
  }
}
