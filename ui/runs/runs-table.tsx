import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ModelVersion, RunColumns, RunQuery, RunRow } from '../app/api.ts';
import { Button } from '../kit/button.tsx';
import type { Championship } from '../kit/champion.tsx';
import { count } from '../kit/format.ts';
import { LongTable } from '../kit/long-table.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import { useStable } from '../kit/use-stable.ts';
import { BulkBar, type RegisterModel } from './bulk-bar.tsx';
import { keyColumns } from './columns.ts';
import { withPick } from './picks.ts';
import css from './runs-view.module.css';
import { tableColumns } from './table-columns.tsx';
import { versionsOfRunsQuery } from './table-queries.ts';
import type { TableState } from './table-state.ts';
import type { Line } from './tree.ts';
import { useRunLines } from './use-run-lines.ts';

interface RunsTableProps {
  readonly state: TableState;
  readonly query: RunQuery;
  /** All runs, nested ones too, where the query leaves those out. */
  readonly total: number | undefined;
  readonly columns: readonly string[];
  readonly known: RunColumns;
  readonly champions: ReadonlyMap<string, readonly Championship[]>;
  readonly register: RegisterModel;
}

/** Runs line by line: nested ones fold, picked ones can be changed together. */
export function RunsTable({ state, query, total, columns, known, champions, register }: RunsTableProps) {
  const asked = keyColumns(columns);
  const { lines, rows, ...answer } = useRunLines({ query, columns: asked, open: state.open, live: state.live });
  const sample = useSample(JSON.stringify([query, asked]), rows);
  const versions = useVersions(rows);
  const { picks } = state;
  const isPicked = (runId: string) => picks === 'all' || picks.has(runId);
  const onPick = useStable((runId: string, on: boolean) => {
    const inSight = rows.map((row) => row.runId);
    state.set.picks(withPick(picks, runId, on, inSight));
  });
  const onPickAll = useStable((on: boolean) => state.set.picks(on ? 'all' : new Set()));
  const onFold = useStable((runId: string, open: boolean) => state.set.open(withRun(state.open, runId, open)));
  // Rows are drawn anew when their columns are others, so these must stay the same while one scrolls.
  const drawn = useMemo(() => {
    const is = (runId: string) => picks === 'all' || picks.has(runId);
    const given = { columns, known, rows: sample, versions, champions, isPicked: is, onPick, onFold };
    const [first, ...others] = tableColumns(given);
    if (first === undefined) return others;
    const beforeHeader = (
      <input
        type="checkbox"
        className={css['tickAll']}
        aria-label="Select all runs"
        checked={picks === 'all'}
        onChange={(event) => onPickAll(event.target.checked)}
      />
    );
    return [{ ...first, beforeHeader }, ...others];
  }, [columns, known, sample, versions, champions, picks, onPick, onPickAll, onFold]);

  if (answer.error !== null) return <Failure error={answer.error} />;
  if (answer.isPending) return <Loading what="runs" rows={8} />;
  if (lines.count === 0)
    return (
      <Empty title={state.filter === '' ? 'No deleted runs' : 'No run answers this query'}>
        <Button onClick={() => (state.filter === '' ? state.set.deleted(false) : state.set.filter(''))}>
          Show all runs
        </Button>
      </Empty>
    );
  return (
    <>
      {(picks === 'all' || picks.size > 0) && (
        <BulkBar
          picks={picks}
          query={total === undefined ? query : { ...query, filter: '' }}
          total={total ?? answer.total}
          rows={rows}
          columns={asked}
          register={register}
          onClear={() => state.set.picks(new Set())}
          onAll={() => state.set.picks('all')}
        />
      )}
      <LongTable<Line>
        label="Runs"
        columns={drawn}
        count={lines.count}
        rowAt={lines.at}
        isMarked={({ run }) => isPicked(run.runId)}
        onSight={answer.onSight}
        sort={state.sort}
        onSort={state.set.sort}
        stale={answer.isStale}
      />
      <p className={css['count']} role="status">
        {countWords(answer.total, total)}
      </p>
    </>
  );
}

const runWords = (n: number) => `${count(n)} ${n === 1 ? 'run' : 'runs'}`;

function countWords(found: number | undefined, total: number | undefined): string {
  if (found === undefined) return '';
  if (total === undefined || total <= found) return runWords(found);
  return `${runWords(found)}, ${count(total - found)} more nested in them`;
}

function withRun(runs: ReadonlySet<string>, runId: string, on: boolean): ReadonlySet<string> {
  const next = new Set(runs);
  if (on) next.add(runId);
  else next.delete(runId);
  return next;
}

/** The first rows that came for a question: columns are measured by them, so that scrolling does not change widths. */
function useSample(question: string, rows: readonly RunRow[]): readonly RunRow[] {
  const [sample, setSample] = useState<{ question: string; rows: readonly RunRow[] }>({ question: '', rows: [] });
  if (sample.question === question || rows.length === 0) return sample.rows.length === 0 ? rows : sample.rows;
  setSample({ question, rows });
  return rows;
}

/** The registered versions of the runs in sight that logged a model. */
function useVersions(rows: readonly RunRow[]): ReadonlyMap<string, readonly ModelVersion[]> {
  const ids = rows.filter(({ models }) => models.length > 0).map(({ runId }) => runId);
  const { data } = useQuery(versionsOfRunsQuery(ids));
  return useMemo(() => {
    const ofRun = new Map<string, ModelVersion[]>();
    for (const version of data ?? []) ofRun.set(version.runId, [...(ofRun.get(version.runId) ?? []), version]);
    return ofRun;
  }, [data]);
}
