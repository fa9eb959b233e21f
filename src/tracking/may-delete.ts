import type { Tx } from '../storage/storage.ts';

/** Asked inside the transaction before runs or logged models are deleted; throws while something needs them. */
export type MayDelete = (what: {
  readonly runIds: readonly string[];
  readonly modelIds: readonly string[];
}) => Tx<void>;
