/** Cells as a caller sent them, before they are checked, whatever form they came in. */
export interface Rows {
  readonly count: number;
  /** Undefined where the form names no columns. */
  readonly names: readonly string[] | undefined;
  readonly width: number;
  /** Undefined is absent. */
  at(row: number, column: number): unknown;
}

/** A list of rows that are lists: `dataframe_split`, CSV, a list of lists. */
export function rowsOfLists(data: readonly (readonly unknown[])[], names: readonly string[] | undefined): Rows {
  return {
    count: data.length,
    names,
    width: names?.length ?? data[0]?.length ?? 0,
    at: (row, column) => data[row]![column],
  };
}

export type JsonRecord = Readonly<Record<string, unknown>>;

/** A list of rows that are objects: `dataframe_records`. A key that only some rows have is absent in the others. */
export function rowsOfRecords(data: readonly JsonRecord[]): Rows {
  const names = new Set<string>();
  for (const record of data) for (const name of Object.keys(record)) names.add(name);
  const list = [...names];
  return {
    count: data.length,
    names: list,
    width: list.length,
    at: (row, column) => {
      const record = data[row]!;
      const name = list[column]!;
      return Object.hasOwn(record, name) ? record[name] : undefined;
    },
  };
}

/** Lists by the name of their column, all of one length. */
export function rowsOfColumns(columns: ReadonlyMap<string, readonly unknown[]>): Rows {
  const lists = [...columns.values()];
  return {
    count: lists[0]?.length ?? 0,
    names: [...columns.keys()],
    width: lists.length,
    at: (row, column) => lists[column]![row],
  };
}
