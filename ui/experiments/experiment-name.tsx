import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { paths } from '../app/paths.ts';
import { experimentQuery } from './queries.ts';

/** A link to an experiment of which only the id is known. */
export function ExperimentLink({ id }: { readonly id: string }) {
  const { data } = useQuery(experimentQuery(id));
  return <Link to={paths.experiment(id)}>{data?.name ?? `Experiment ${id}`}</Link>;
}
