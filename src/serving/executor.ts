import type { AppError } from '../errors.ts';
import type { JsonRecord } from './rows.ts';
import type { Table } from './table.ts';

/** What one request asks of a model. */
export type Work =
  | {
      readonly kind: 'table';
      readonly table: Table;
      readonly params: JsonRecord | undefined;
      /** Equal for equal parameters; requests are only predicted together when theirs are. */
      readonly paramsKey: string;
    }
  | { readonly kind: 'body'; readonly body: Buffer; readonly contentType: string };

/** A request's predictions as JSON; for a body, the answer whole. An error is the model's word on this request alone. */
export type Outcome = string | AppError;

/** One process or thread that holds a model. It does one batch at a time, and more only if `depth` says so. */
export interface Executor {
  readonly runtime: 'python' | 'onnx';
  readonly depth: number;
  /** Rejects with ExecutorEnded when the process or thread ended before it answered. */
  run(batch: readonly Work[]): Promise<Outcome[]>;
  /** Resolves when it has ended, with the reason. */
  readonly ended: Promise<string>;
  /** Memory that it held when it last answered; undefined for a thread, which shares the server's. */
  memoryBytes(): number | undefined;
  /** Ends it at once. */
  kill(): void;
}

/** The process or thread that worked on a batch is gone; the batch may be given to another one. */
export class ExecutorEnded extends Error {
  override readonly name = 'ExecutorEnded';
}
