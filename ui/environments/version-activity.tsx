import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { DecisionStanding, Evaluation, ModelVersion } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { number } from '../kit/format.ts';
import { Failure, Loading } from '../kit/states.tsx';
import { Absent, type Column, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import css from './candidate.module.css';
import { evaluationsQuery, standingQuery } from './decision-queries.ts';

interface Happening {
  readonly id: string;
  readonly time: number;
  readonly what: ReactNode;
  readonly detail: string;
  readonly by: string;
}

/** What happened to a version, the latest first: as far as the registry, evaluations and decisions know its time. */
export function VersionActivity({ version }: { readonly version: ModelVersion }) {
  const named = { registeredModel: version.name, version: Number(version.version) };
  const standing = useQuery(standingQuery(named));
  const evaluations = useQuery(evaluationsQuery(named));
  const failed = [standing, evaluations].find(({ isError }) => isError);
  if (failed?.error != null) return <Failure error={failed.error} onRetry={failed.refetch} />;
  if (!standing.isSuccess || !evaluations.isSuccess) return <Loading what="the activity" rows={3} />;
  const happenings = [
    ...standing.data.considered.flatMap(reigned),
    ...evaluations.data.map(evaluated),
    ...registered(version),
  ].toSorted((a, b) => b.time - a.time);
  return <Table label="Activity" columns={columns} rows={happenings} rowKey={({ id }) => id} />;
}

const columns: readonly Column<Happening>[] = [
  { id: 'time', header: 'When', cell: ({ time }) => <Ago time={time} /> },
  { id: 'what', header: 'What', cell: ({ what }) => what },
  {
    id: 'detail',
    header: 'Detail',
    cell: ({ detail }) =>
      detail === '' ? (
        <Absent />
      ) : (
        <div className={css['why']}>
          <p>{detail}</p>
        </div>
      ),
  },
  { id: 'by', header: 'By', cell: ({ by }) => (by === '' ? <Absent /> : by) },
];

const champion: Readonly<Record<string, string>> = {
  chosen: 'Became the champion of',
  replaced: 'Was replaced as the champion of',
  awaiting_approval: 'Waited for approval as the champion of',
};

/** The decisions that a version's place came of, of all that looked at it. */
function reigned({ decision, candidate }: DecisionStanding['considered'][number]): Happening[] {
  const words = champion[candidate.verdict];
  if (words === undefined) return [];
  const { id, service, environment, time, detail, actor } = decision;
  const what = (
    <Link to={paths.decision(id)}>
      {words} {service} on {environment.toUpperCase()}
    </Link>
  );
  return [{ id, time, what, detail, by: actor }];
}

const statusWords: Readonly<Record<Evaluation['status'], string>> = {
  pending: 'Waits to be evaluated on',
  running: 'Is being evaluated on',
  succeeded: 'Was evaluated on',
  failed: 'Could not be evaluated on',
};
const mostMetrics = 4;

function evaluated(evaluation: Evaluation): Happening {
  const { evaluationId, status, holdout, metrics, error, runId, endTime, creationTime, actor, external } = evaluation;
  const words = `${statusWords[status]} ${holdout.name}@${holdout.version}`;
  const figures = Object.entries(metrics).slice(0, mostMetrics);
  return {
    id: evaluationId,
    time: endTime ?? creationTime,
    what: runId === null ? words : <Link to={paths.run(runId)}>{words}</Link>,
    detail: error?.message ?? figures.map(([name, value]) => `${name} ${number(Number(value))}`).join(', '),
    by: external ? actor : 'cellar',
  };
}

function registered({ creationTime, lastUpdatedTime, currentStage, source }: ModelVersion): Happening[] {
  const created = { id: 'registered', what: 'Was registered', detail: `from ${source}`, by: '' };
  const changed = {
    id: 'changed',
    what: 'Last changed in the registry',
    detail: `its stage is ${currentStage}`,
    by: '',
  };
  return [
    ...(creationTime === undefined ? [] : [{ ...created, time: creationTime }]),
    ...(lastUpdatedTime === undefined || lastUpdatedTime === creationTime
      ? []
      : [{ ...changed, time: lastUpdatedTime }]),
  ];
}
