import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Run } from '../app/api.ts';
import { listFromUrl } from '../app/url-list.ts';
import { useUrlState } from '../app/url-state.ts';
import { count } from '../kit/format.ts';
import { Page } from '../kit/page.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import { Tabs, useTab } from '../kit/tabs.tsx';
import { CompareCurves } from './compare-curves.tsx';
import css from './compare-page.module.css';
import { CompareTable } from './compare-table.tsx';
import { compared, namesOf, rolesThatDiffer } from './comparison.ts';
import { Parallel } from './parallel.tsx';
import { runsByIdQuery } from './queries.ts';
import { AddRun, RunChips } from './run-chips.tsx';
import { Scatter } from './scatter.tsx';

/** The server gives as many runs, and as many curves, at once. */
export const mostRuns = 100;

const tabs = [
  { id: '', title: 'Table' },
  { id: 'parallel', title: 'Parallel coordinates' },
  { id: 'scatter', title: 'Scatter' },
  { id: 'curves', title: 'Curves' },
] as const;

/** A run that is compared: what the page calls it, and its place in the palette. */
export interface ComparedRun extends Run {
  readonly title: string;
  readonly look: number;
}

interface ComparePageProps {
  /** Draws the link to an experiment. */
  readonly experiment: (id: string) => ReactNode;
}

/** Runs of any experiments side by side; all of it stands in the URL (`runs`). */
export function ComparePage({ experiment }: ComparePageProps) {
  const [params, change] = useUrlState();
  const asked = [...new Set(listFromUrl(params.get('runs') ?? ''))];
  const ids = asked.slice(0, mostRuns);
  const query = useQuery(runsByIdQuery(ids));
  const setRuns = (next: readonly string[]) => change({ runs: next.join(',') });
  const found = query.data ?? [];
  const names = namesOf(found);
  const runs: ComparedRun[] = found.map((run, i) => ({ ...run, title: names[i] ?? run.runId, look: i }));
  const missing = query.isPlaceholderData ? [] : ids.filter((id) => !runs.some(({ runId }) => runId === id));
  return (
    <Page title="Compare" heading={ids.length === 0 ? 'Compare runs' : `Compare ${count(ids.length)} runs`}>
      <div className={css['head']}>
        <RunChips runs={runs} experiment={experiment} onRemove={(id) => setRuns(ids.filter((each) => each !== id))} />
        <AddRun chosen={ids} onAdd={(id) => setRuns([...ids, id])} isFull={ids.length >= mostRuns} />
      </div>
      {asked.length > mostRuns && (
        <p className={css['note']} role="status">
          The first {mostRuns} of {count(asked.length)} runs are compared.
        </p>
      )}
      {query.isSuccess && missing.length > 0 && (
        <p className={css['note']} role="status">
          {missing.length === 1 ? 'This run does' : 'These runs do'} not exist: {missing.join(', ')}
        </p>
      )}
      {query.isPending ? (
        <Loading what="the runs" rows={8} />
      ) : query.isError ? (
        <Failure error={query.error} onRetry={query.refetch} />
      ) : runs.length === 0 ? (
        <Empty title="No run is chosen">
          <p>Add runs above by name or id, or select them in the table of an experiment.</p>
        </Empty>
      ) : (
        <Compared runs={runs} onKeep={setRuns} />
      )}
    </Page>
  );
}

interface ComparedProps {
  readonly runs: readonly ComparedRun[];
  readonly onKeep: (runIds: readonly string[]) => void;
}

function Compared({ runs, onKeep }: ComparedProps) {
  const tab = useTab(tabs);
  const rows = compared(runs);
  const roles = rolesThatDiffer(rows);
  return (
    <>
      {roles.length > 0 && (
        <p className={css['stripe']} role="note">
          <strong>Not comparable as they stand:</strong> these runs used different data
          {` (${roles.join(', ')}), so a better metric may only mean easier data.`}
        </p>
      )}
      <Tabs label="Ways to compare" tabs={tabs} />
      {tab === 'parallel' ? (
        <Parallel runs={runs} onKeep={onKeep} />
      ) : tab === 'scatter' ? (
        <Scatter runs={runs} />
      ) : tab === 'curves' ? (
        <CompareCurves runs={runs} />
      ) : (
        <CompareTable runs={runs} rows={rows} />
      )}
    </>
  );
}
