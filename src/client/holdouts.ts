import type {
  HoldoutReply,
  HoldoutsReply,
  RowsReply,
  Summary,
  UploadReply,
  VersionReply,
} from '../evaluation/holdouts/wire.ts';
import { type CallOptions, type ContentSource, pathOf, type Transport } from './transport.ts';

/** A version of a holdout in one line. */
export type HoldoutSummary = Summary;
/** A version of a holdout with what its columns hold. */
export type HoldoutVersion = VersionReply;
export type HoldoutUpload = UploadReply;
export type HoldoutRows = RowsReply;

export interface PutHoldout {
  readonly target: string;
  readonly format: 'csv' | 'parquet';
  /** What the target suggests, unless given. */
  readonly task?: 'classification' | 'regression' | undefined;
  /** Columns whose types shall not be inferred: `int64`, `double`, `string`, `boolean` or `timestamp` by name. */
  readonly types?: Readonly<Record<string, string>> | undefined;
}

const mediaTypes = { csv: 'text/csv', parquet: 'application/vnd.apache.parquet' } as const;

/** Data sets that models are measured on; their versions never change. */
export function holdoutVerbs({ own }: Pick<Transport, 'own'>) {
  return {
    /** Sends a CSV or Parquet file; `created` is false where a version with these very rows was there already. */
    putHoldout(
      name: string,
      content: ContentSource,
      { target, format, task, types = {} }: PutHoldout,
      options?: CallOptions,
    ): Promise<HoldoutUpload> {
      const given = Object.entries(types).map(([column, type]) => `${column}=${type}`);
      const query = { target, format, task, types: given };
      return own.upload<HoldoutUpload>(
        pathOf('holdouts', name, 'versions'),
        query,
        content,
        mediaTypes[format],
        options,
      );
    },

    /** The newest version of every holdout. */
    async listHoldouts(options?: CallOptions): Promise<readonly HoldoutSummary[]> {
      return (await own.get<HoldoutsReply>('holdouts', {}, options)).holdouts;
    },

    /** All versions of a holdout, the newest first. */
    async listHoldoutVersions(name: string, options?: CallOptions): Promise<readonly HoldoutSummary[]> {
      return (await own.get<HoldoutReply>(pathOf('holdouts', name), {}, options)).versions;
    },

    getHoldoutVersion: (name: string, version: number, options?: CallOptions) =>
      own.get<HoldoutVersion>(pathOf('holdouts', name, 'versions', version), {}, options),

    /** The first rows of a version, 20 unless a limit is given. */
    getHoldoutRows: (
      name: string,
      version: number,
      { limit, ...options }: CallOptions & { limit?: number | undefined } = {},
    ) => own.get<HoldoutRows>(pathOf('holdouts', name, 'versions', version, 'rows'), { limit }, options),
  };
}
