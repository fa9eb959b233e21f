import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { MetricSummary, Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { goalOf } from '../curves/goal.ts';
import { Copyable } from '../kit/copy.tsx';
import { count, number } from '../kit/format.ts';
import { Section } from '../kit/page.tsx';
import { Pairs } from '../kit/pairs.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import { Absent, Table } from '../kit/table.tsx';
import { datasetShape } from './dataset-shape.ts';
import { metricSummaryQuery } from './queries.ts';
import css from './run-page.module.css';
import { RunTags } from './run-tags.tsx';

/** What a run was given and what it measured. */
export function RunOverview({ run }: { readonly run: Run }) {
  return (
    <div className={css['halves']}>
      <div>
        <Metrics run={run} />
        <Section title="Parameters" note={run.params.size === 0 ? undefined : count(run.params.size)}>
          <Pairs label="Parameters" pairs={[...run.params]} empty="This run logged no parameters." />
        </Section>
      </div>
      <div>
        <Datasets run={run} />
        <RunTags run={run} />
      </div>
    </div>
  );
}

function Metrics({ run }: { readonly run: Run }) {
  const query = useQuery(metricSummaryQuery(run));
  return (
    <Section title="Metrics" note={run.metrics.size === 0 ? undefined : count(run.metrics.size)}>
      {run.metrics.size === 0 ? (
        <p className={css['none']}>This run logged no metrics.</p>
      ) : query.isPending ? (
        <Loading what="metrics" rows={4} />
      ) : query.isError ? (
        <Failure error={query.error} onRetry={query.refetch} />
      ) : (
        <Table
          label="Metrics"
          rows={query.data}
          rowKey={({ key }) => key}
          columns={[
            {
              id: 'name',
              header: 'Name',
              cell: ({ key }) => (
                <Link className={css['key']} to={paths.runMetrics(run.runId, [key])}>
                  {key}
                </Link>
              ),
            },
            { id: 'last', header: 'Last', align: 'end', cell: ({ last }) => <Value of={last} /> },
            { id: 'best', header: 'Best', align: 'end', cell: (metric) => <Best of={metric} /> },
            { id: 'step', header: 'At step', align: 'end', cell: (metric) => bestOf(metric)?.step ?? <Absent /> },
            { id: 'points', header: 'Points', align: 'end', cell: ({ points }) => count(points) },
          ]}
        />
      )}
    </Section>
  );
}

const bestOf = ({ key, lowest, highest }: MetricSummary) => (goalOf(key) === 'lowest' ? lowest : highest);

function Best({ of }: { readonly of: MetricSummary }) {
  const best = bestOf(of);
  if (best === undefined) return <Absent />;
  return <Value of={best} why={`The ${goalOf(of.key)} value`} />;
}

function Value({ of: { value }, why }: { readonly of: { readonly value: number }; readonly why?: string }) {
  return <span title={why === undefined ? String(value) : `${why}: ${value}`}>{number(value, 6)}</span>;
}

function Datasets({ run: { datasets } }: { readonly run: Run }) {
  return (
    <Section title="Data sets" note={datasets.length === 0 ? undefined : count(datasets.length)}>
      {datasets.length === 0 ? (
        <p className={css['none']}>This run did not say which data it used.</p>
      ) : (
        <Table
          label="Data sets"
          rows={datasets}
          rowKey={({ name, digest, context }) => `${name}@${digest} ${context}`}
          columns={[
            { id: 'name', header: 'Name', cell: ({ name }) => name },
            { id: 'role', header: 'Role', cell: ({ context }) => context ?? <Absent /> },
            { id: 'digest', header: 'Digest', cell: ({ digest }) => <Copyable text={digest} what="digest" /> },
            {
              id: 'rows',
              header: 'Rows',
              align: 'end',
              cell: (dataset) => {
                const { rows } = datasetShape(dataset);
                return rows === undefined ? <Absent /> : count(rows);
              },
            },
            {
              id: 'columns',
              header: 'Columns',
              align: 'end',
              cell: (dataset) => datasetShape(dataset).columns ?? <Absent />,
            },
          ]}
        />
      )}
    </Section>
  );
}
