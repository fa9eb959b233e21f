import { createHash } from 'node:crypto';
import type { Column, ColumnType, Task } from './holdout.ts';

/** A typed value: bigint for int64 and for a timestamp (microseconds since 1970), null where it is missing. */
export type Cell = bigint | number | string | boolean | null;

/**
 * The digest of a holdout: SHA-256 over these bytes, numbers little-endian, `text` being its length in bytes (uint32)
 * and its UTF-8.
 *
 *     16 bytes   "cellar-holdout-1" in ASCII
 *     text       task: classification or regression
 *     text       name of the target
 *     uint32     number of columns, then of each column in the order of the file:
 *       text       name
 *       text       type: int64, double, string, boolean or timestamp
 *     of each row in the order of the file, of each column in that order:
 *       uint8      0 for a missing value, and nothing more; 1 before a value:
 *       int64      8 bytes, two's complement
 *       double     8 bytes, IEEE 754; a negative zero is written as zero, and NaN is a missing value
 *       string     text
 *       boolean    uint8: 0 or 1
 *       timestamp  8 bytes, two's complement: microseconds since 1970-01-01 UTC
 *     uint64     number of rows
 *
 * It speaks of values, not of a file's bytes: a CSV and a Parquet file of equal typed rows have one digest. Task and
 * target are part of it, because scores on the same rows with another target are other scores.
 */
export function holdoutDigest(holdout: {
  readonly task: Task;
  readonly target: string;
  readonly columns: readonly Column[];
}) {
  const hash = createHash('sha256');
  const types = holdout.columns.map((column) => column.type);
  let rows = 0;
  let bytes = 0;
  const add = (block: Uint8Array) => {
    bytes += block.length;
    hash.update(block);
  };
  const header = new Block();
  header.bytes(Buffer.from('cellar-holdout-1', 'ascii'));
  header.text(holdout.task);
  header.text(holdout.target);
  header.uint32(holdout.columns.length);
  for (const { name, type } of holdout.columns) {
    header.text(name);
    header.text(type);
  }
  add(header.written());

  const block = new Block();
  return {
    /** Adds rows `from` to `to` (not included) of what `cell` shows. */
    addRows(from: number, to: number, cell: (column: number, row: number) => Cell): void {
      block.clear();
      for (let row = from; row < to; row++)
        for (let column = 0; column < types.length; column++) block.cell(types[column]!, cell(column, row));
      add(block.written());
      rows += to - from;
    },
    /** Bytes encoded so far. */
    get bytes() {
      return bytes;
    },
    get rows() {
      return rows;
    },
    /** The digest in hexadecimal; nothing can be added after it. */
    end(): string {
      const count = Buffer.alloc(8);
      count.writeBigUInt64LE(BigInt(rows));
      hash.update(count);
      return hash.digest('hex');
    },
  };
}

/** A buffer that grows with what is written to it. */
class Block {
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  written(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  cell(type: ColumnType, value: Cell): void {
    this.#reserve(9);
    if (value === null || Number.isNaN(value)) {
      this.#buffer[this.#length++] = 0;
      return;
    }
    this.#buffer[this.#length++] = 1;
    if (type === 'double') this.#length = this.#buffer.writeDoubleLE((value as number) + 0, this.#length);
    else if (type === 'boolean') this.#buffer[this.#length++] = value === true ? 1 : 0;
    else if (type === 'string') this.text(value as string);
    else this.#length = this.#buffer.writeBigInt64LE(value as bigint, this.#length);
  }

  text(text: string): void {
    const size = Buffer.byteLength(text);
    this.uint32(size);
    this.#reserve(size);
    this.#length += this.#buffer.write(text, this.#length);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  bytes(bytes: Buffer): void {
    this.#reserve(bytes.length);
    this.#length += bytes.copy(this.#buffer, this.#length);
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
