import type { Column, ColumnType } from './signature.ts';

/** Cells of one type, row by row; text, dates and base64 stay a list. A boolean is 0 or 1. */
export type Cells = Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array | (string | null)[];

/** Columns of one type, which travel as one matrix. */
export interface BlockShape {
  readonly type: ColumnType;
  readonly columns: readonly string[];
}

/** Which columns a table has. Tables of one layout can be joined; a layout is made once, and compared by identity. */
export interface Layout {
  readonly columns: readonly Column[];
  readonly blocks: readonly BlockShape[];
}

/** Rows that are checked and cast: what a model is given. */
export interface Table {
  readonly layout: Layout;
  readonly rows: number;
  /** In the order of the layout's blocks. */
  readonly blocks: readonly Cells[];
}

/** Layouts that are remembered for a model. Its requests show a few; whoever tries all choices of columns fills no memory. */
export const mostLayouts = 100;

export function layoutOf(columns: readonly Column[]): Layout {
  const byType = new Map<ColumnType, string[]>();
  for (const { name, type } of columns) {
    const names = byType.get(type);
    if (names === undefined) byType.set(type, [name]);
    else names.push(name);
  }
  return { columns, blocks: [...byType].map(([type, names]) => ({ type, columns: names })) };
}

export function makeCells(type: ColumnType, length: number): Cells {
  switch (type) {
    case 'double':
      return new Float64Array(length);
    case 'float':
      return new Float32Array(length);
    case 'integer':
      return new Int32Array(length);
    case 'long':
      return new BigInt64Array(length);
    case 'boolean':
      return new Uint8Array(length);
    case 'string':
    case 'binary':
    case 'datetime':
      return new Array<string | null>(length).fill(null);
  }
}

/** Memory that the cells of a table take, nearly: text as two bytes a character, and a reference for each. */
export function bytesOf({ blocks }: Table): number {
  let bytes = 0;
  for (const cells of blocks)
    if (Array.isArray(cells)) for (const cell of cells) bytes += 8 + (cell === null ? 0 : 2 * cell.length);
    else bytes += cells.byteLength;
  return bytes;
}

/** Tables of one layout one below the other. */
export function joinTables(tables: readonly Table[]): Table {
  const [first] = tables;
  if (first === undefined) throw new Error('There are no tables to join.');
  if (tables.length === 1) return first;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const blocks = first.layout.blocks.map(({ type, columns }, i) => {
    const parts = tables.map((table) => table.blocks[i]!);
    if (Array.isArray(parts[0])) return (parts as (string | null)[][]).flat();
    const joined = makeCells(type, rows * columns.length) as Float64Array;
    let at = 0;
    for (const part of parts as Float64Array[]) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  });
  return { layout: first.layout, rows, blocks };
}
