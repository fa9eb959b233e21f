import { paths } from './paths.ts';

/**
 * MLflow's clients print links to MLflow's own page, all of it behind `/#/`: `/#/experiments/1/runs/3f2a`. This is the
 * page here that such a link means, or undefined when there is none.
 */
export function pathOfMlflowHash(hash: string): string | undefined {
  const segments = hash.split('?', 1)[0]?.split('/').slice(1) ?? [];
  const [room, id, part, partId] = segments;
  if (!hash.startsWith('#/') || room !== 'experiments') return undefined;
  if (id === undefined || id === '') return paths.experiments();
  return part === 'runs' && partId !== undefined && partId !== '' ? paths.run(partId) : paths.experiment(id);
}
