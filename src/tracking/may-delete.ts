import type { Tx } from '../storage/storage.ts';

/** Runs and logged models, which other rooms may need. */
export interface Sources {
  readonly runIds: readonly string[];
  readonly modelIds: readonly string[];
}

/**
 * Asked inside the transaction before runs or logged models are deleted; throws while something needs them. Where they
 * are too many to be named, `among` tells which of some others are with them.
 */
export type MayDelete = (what: Sources | { readonly among: (sources: Sources) => Tx<Sources> }) => Tx<void>;
