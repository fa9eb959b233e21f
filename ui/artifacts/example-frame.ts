/** Rows of a data frame, every cell as its JSON text says it. */
export interface ExampleFrame {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The data frame that an input example is, in pandas' `split` form; undefined for an example of another kind. */
export function exampleFrame(text: string): ExampleFrame | undefined {
  try {
    const { columns, data }: { columns?: unknown; data?: unknown } = Object(JSON.parse(text));
    if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) return undefined;
    return {
      columns: columns.map(String),
      rows: data.map((row: unknown[]) => row.map((cell) => (typeof cell === 'string' ? cell : JSON.stringify(cell)))),
    };
  } catch {
    return undefined;
  }
}
