import { type Run, type RunStatus, toRun } from './runs.ts';
import { type CallOptions, pathOf, type Transport } from './transport.ts';
import type { WireRun } from './wire.ts';

export interface RunQuery {
  readonly experimentId: string;
  readonly filter?: string | undefined;
  readonly orderBy?: readonly string[] | undefined;
  /** Deleted runs, instead of those that are not. */
  readonly deleted?: boolean | undefined;
}

export interface RunColumn {
  readonly key: string;
  /** How many runs have it; only where counts were asked for. */
  readonly runs?: number;
}

export interface MetricColumn extends RunColumn {
  /** The range of the runs' latest values; null where none of them is finite. */
  readonly min: number | null;
  readonly max: number | null;
}

export interface RunColumns {
  readonly params: readonly RunColumn[];
  readonly metrics: readonly MetricColumn[];
  readonly tags: readonly RunColumn[];
  /** By name; a run may use several data sets of one name. */
  readonly datasets: readonly RunColumn[];
}

export interface RunRow {
  readonly runId: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly user: string;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly parentRunId: string | null;
  /** How many runs are nested in it. */
  readonly children: number;
  readonly source: string | null;
  readonly commit: string | null;
  /** Without an id where an MLflow 2 client logged the model. */
  readonly models: readonly { readonly modelId: string | null; readonly name: string }[];
  readonly datasets: readonly { readonly name: string; readonly digest: string; readonly role: string | null }[];
  /** One for each column asked for; null where the run has nothing, text for a NaN or an infinity. */
  readonly cells: readonly (string | number | null)[];
}

export interface RunRows {
  readonly rows: readonly RunRow[];
  readonly nextPageToken: string | null;
}

export interface GroupRuns {
  readonly experimentId: string;
  readonly filter?: string | undefined;
  readonly deleted?: boolean | undefined;
  /** `params.<key>` or `tags.<key>`. */
  readonly by: string;
  /** Keys of the metrics to sum up. */
  readonly metrics: readonly string[];
  readonly limit?: number | undefined;
}

export interface RunGroup {
  /** Null: the runs without the param or tag. */
  readonly value: string | null;
  readonly runs: number;
  /** One for each metric asked for, over all runs of the group with a finite value. */
  readonly metrics: readonly {
    readonly runs: number;
    readonly mean: number | null;
    /** The sample's standard deviation; null below two runs. */
    readonly deviation: number | null;
    readonly min: number | null;
    readonly max: number | null;
  }[];
}

export interface RunGroups {
  /** The largest first. */
  readonly groups: readonly RunGroup[];
  /** There are smaller groups beyond the limit. */
  readonly more: boolean;
}

/** Runs by their ids, or all that a query finds. */
export type RunSelection = { readonly runIds: readonly string[] } | { readonly query: RunQuery };

export interface FilterProblem {
  readonly message: string;
  /** Where in the filter, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export interface FoundRun {
  readonly runId: string;
  readonly name: string;
  readonly experimentId: string;
  readonly experimentName: string;
  readonly status: RunStatus;
  readonly startTime: number | null;
}

export interface ExperimentActivity {
  readonly experimentId: string;
  readonly name: string;
  readonly creationTime: number;
  readonly runs: number;
  /** When the youngest run started; null when there is none. */
  readonly lastRunTime: number | null;
}

/** A change of many runs knows no order, and the server refuses one. */
function unordered(selection: RunSelection): RunSelection {
  if ('runIds' in selection) return selection;
  const { experimentId, filter, deleted } = selection.query;
  return { query: { experimentId, filter, deleted } };
}

/** Cellar's own verbs about runs: tables, groups and changes of many runs at once. */
export function runTableVerbs({ own }: Pick<Transport, 'own'>) {
  const of = (experimentId: string, part: string) => pathOf('experiments', experimentId, part);
  const change = async (verb: string, body: object, options?: CallOptions) =>
    (await own.repeatable<{ runs: number }>('POST', `runs/${verb}`, body, options)).runs;

  return {
    /** The names under which the runs of an experiment logged something; counting the runs of each takes longer. */
    listRunColumns: (experimentId: string, options?: CallOptions & { counted?: boolean }) =>
      own.get<RunColumns>(of(experimentId, 'columns'), { counted: options?.counted }, options),

    /** One page of runs with the values of `columns` (`metrics.F1`), from a token or from an offset. */
    listRunRows: (
      {
        experimentId,
        ...query
      }: RunQuery & {
        readonly columns: readonly string[];
        readonly limit: number;
        readonly pageToken?: string | undefined;
        readonly offset?: number | undefined;
      },
      options?: CallOptions,
    ) => own.repeatable<RunRows>('POST', of(experimentId, 'rows'), query, options),

    async countRuns({ experimentId, filter, deleted }: RunQuery, options?: CallOptions): Promise<number> {
      const body = { filter, deleted };
      return (await own.repeatable<{ runs: number }>('POST', of(experimentId, 'count'), body, options)).runs;
    },

    /** Groups of runs by a param or tag, with mean and spread of metrics over all runs of each group. */
    groupRuns: ({ experimentId, ...question }: GroupRuns, options?: CallOptions) =>
      own.repeatable<RunGroups>('POST', of(experimentId, 'groups'), question, options),

    /** Sets a tag of many runs; answers with how many there were, as the next two do. */
    tagRuns: (selection: RunSelection, key: string, value: string, options?: CallOptions) =>
      change('tag', { ...unordered(selection), key, value }, options),
    deleteRuns: (selection: RunSelection, options?: CallOptions) => change('delete', unordered(selection), options),
    restoreRuns: (selection: RunSelection, options?: CallOptions) => change('restore', unordered(selection), options),

    /** At most 200 runs at once, in the order asked for; those that do not exist are left out. */
    async getRuns(runIds: readonly string[], options?: CallOptions): Promise<Run[]> {
      if (runIds.length === 0) return [];
      const reply = await own.repeatable<{ runs: WireRun[] }>('POST', 'runs/get', { runIds }, options);
      return reply.runs.map(toRun);
    },

    /** A few runs of any experiment whose id begins with `text` or whose name holds it. */
    async findRuns(text: string, options?: CallOptions): Promise<readonly FoundRun[]> {
      return (await own.get<{ runs: FoundRun[] }>('runs/find', { text }, options)).runs;
    },

    /** What keeps a filter of runs from being read; undefined when nothing does. */
    async checkRunFilter(filter: string, options?: CallOptions): Promise<FilterProblem | undefined> {
      const reply = await own.get<{ problem: FilterProblem | null }>('runs/check-filter', { filter }, options);
      return reply.problem ?? undefined;
    },

    /** All experiments, or all deleted ones, with their runs counted; `more` when there are too many for one answer. */
    listExperimentActivity: (options?: CallOptions & { deleted?: boolean }) =>
      own.get<{ experiments: readonly ExperimentActivity[]; more: boolean }>(
        'experiments',
        { deleted: options?.deleted },
        options,
      ),
  };
}
