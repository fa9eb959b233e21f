import { useQuery } from '@tanstack/react-query';
import type { Experiment, RunColumns, RunQuery } from '../app/api.ts';
import { runsCsvUrl } from '../app/api.ts';
import buttonCss from '../kit/button.module.css';
import { Button } from '../kit/button.tsx';
import type { Championship } from '../kit/champion.tsx';
import { Code } from '../kit/copy.tsx';
import { Tick } from '../kit/form.tsx';
import { DownloadIcon, PauseIcon, PlayIcon } from '../kit/icons.tsx';
import { Section } from '../kit/page.tsx';
import { Popup } from '../kit/popup.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import type { RegisterModel } from './bulk-bar.tsx';
import { ColumnPicker } from './column-picker.tsx';
import { keyColumns } from './columns.ts';
import { GroupPicker } from './group-picker.tsx';
import { GroupTable } from './group-table.tsx';
import { orderBy } from './order.ts';
import { QueryBox } from './query-box.tsx';
import { RunsTable } from './runs-table.tsx';
import css from './runs-view.module.css';
import { columnsQuery, countQuery, filterProblemQuery } from './table-queries.ts';
import { type TableState, useTableState } from './table-state.ts';

interface RunsViewProps {
  readonly experiment: Experiment;
  readonly register: RegisterModel;
  /** Which runs' models are champions, and where. */
  readonly champions: ReadonlyMap<string, readonly Championship[]>;
}

const nothing: RunColumns = { params: [], metrics: [], tags: [], datasets: [] };
const outermost = 'tags.`mlflow.parentRunId` IS NULL';

/** The runs of an experiment: as a table or in groups, as the address asks. */
export function RunsView({ experiment, register, champions }: RunsViewProps) {
  const { experimentId } = experiment;
  const names = useQuery(columnsQuery(experimentId));
  const state = useTableState(names.data);
  const known = names.data ?? nothing;
  const problem = useQuery({ ...filterProblemQuery(state.filter), enabled: state.filter !== '' });
  const isReadable = state.filter === '' || problem.data === null;
  const folded = state.filter === '' && !state.flat;
  const query: RunQuery = {
    experimentId,
    filter: folded && state.group === '' ? outermost : state.filter,
    orderBy: orderBy(state.sort),
    deleted: state.deleted,
  };
  const every = useQuery({ ...countQuery({ experimentId, filter: '', deleted: false }, state.live) });
  if (every.data === 0 && state.filter === '' && !state.deleted)
    return (
      <Section title="Runs">
        <NoRuns experiment={experiment} />
        <p className={css['after']}>
          <Button look="quiet" onClick={() => state.set.deleted(true)}>
            Show deleted runs
          </Button>
        </p>
      </Section>
    );
  const metrics = (state.columns ?? []).flatMap((id) => (id.startsWith('metrics.') ? [id.slice(8)] : [])).slice(0, 50);
  const failure = names.error ?? (state.filter === '' ? null : problem.error);

  return (
    <Section title={state.deleted ? 'Deleted runs' : 'Runs'}>
      <div className={css['tools']}>
        <QueryBox experimentId={experimentId} known={known} value={state.filter} onSearch={state.set.filter} />
        <div className={css['buttons']}>
          <GroupPicker known={known} by={state.group} onChange={state.set.group} />
          <ColumnPicker
            known={known}
            shown={state.columns ?? []}
            isDefault={state.isDefaultColumns}
            onChange={state.set.columns}
            onReset={() => state.set.columns(undefined)}
          />
          <View state={state} csv={runsCsvUrl({ ...query, filter: state.filter }, keyColumns(state.columns ?? []))} />
          <Button
            aria-pressed={state.live}
            title={state.live ? 'The table renews itself every few seconds' : 'The table stands still'}
            onClick={() => state.set.live(!state.live)}
          >
            {state.live ? <PauseIcon /> : <PlayIcon />}
            {state.live ? 'Live' : 'Paused'}
          </Button>
        </div>
      </div>
      {failure !== null ? (
        <Failure error={failure} />
      ) : !isReadable ? null : state.columns === undefined ? (
        <Loading what="runs" rows={8} />
      ) : state.group !== '' ? (
        <GroupTable query={query} by={state.group} metrics={metrics} live={state.live} />
      ) : (
        <RunsTable
          state={state}
          query={query}
          total={folded ? every.data : undefined}
          columns={state.columns}
          known={known}
          champions={champions}
          register={register}
        />
      )}
    </Section>
  );
}

/** What else can be done with the whole table. */
function View({ state, csv }: { readonly state: TableState; readonly csv: string }) {
  return (
    <Popup label="View" title="View" align="end">
      {() => (
        <div className={css['view']}>
          <Tick
            label="Fold nested runs"
            checked={!state.flat}
            disabled={state.filter !== ''}
            onChange={() => state.set.flat(!state.flat)}
          />
          <Tick
            label="Deleted runs"
            checked={state.deleted}
            onChange={(event) => state.set.deleted(event.target.checked)}
          />
          <a className={buttonCss['button']} href={csv} download>
            <DownloadIcon />
            All runs as CSV
          </a>
        </div>
      )}
    </Popup>
  );
}

function NoRuns({ experiment }: { readonly experiment: Experiment }) {
  return (
    <Empty title="This experiment has no runs yet">
      <Code
        label="Python that logs a run to this experiment"
        lines={[
          'import mlflow',
          `mlflow.set_tracking_uri(${JSON.stringify(window.location.origin)})`,
          `mlflow.set_experiment(${JSON.stringify(experiment.name)})`,
          'mlflow.log_metric("accuracy", 0.93)',
        ]}
      />
    </Empty>
  );
}
