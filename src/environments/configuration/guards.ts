import type { Task } from '../../evaluation/service.ts';
import type { Guard } from '../policy.ts';
import type { Path } from './document.ts';
import { knownMetric, metricsOf } from './metrics.ts';
import { goalFor, type Reader } from './reader.ts';
import type { FileService } from './schema.ts';

type Guards = NonNullable<FileService['guards']>;

/**
 * Guards in the order written. One that an environment has of its own stands where the service's of the same name did;
 * others follow.
 */
export function guardsOf(
  reader: Reader,
  service: FileService,
  path: Path,
  environment: string,
  task: Task | undefined,
): Guard[] {
  const there = service.perEnvironment?.[environment]?.guards ?? {};
  const merged = { ...service.guards, ...there };
  return (Object.keys(merged) as (keyof Guards)[]).flatMap((kind) => {
    const at = Object.hasOwn(there, kind) ? [...path, 'perEnvironment', environment, 'guards'] : [...path, 'guards'];
    return guardOf(reader, kind, merged, [...at, kind], task);
  });
}

type Merged = { readonly [K in keyof Guards]: Guards[K] | null };

function guardOf(reader: Reader, kind: keyof Guards, guards: Merged, path: Path, task: Task | undefined): Guard[] {
  switch (kind) {
    case 'minImprovement':
      return improvement(guards.minImprovement);
    case 'significance':
      return guards.significance ? [{ kind, alpha: guards.significance.alpha }] : [];
    case 'noWorse':
      return noWorse(reader, guards.noWorse, path, task);
    case 'sameSignature':
      return guards.sameSignature === true ? [{ kind }] : [];
    case 'maxLatencyMs':
    case 'maxSizeMiB':
      return typeof guards[kind] === 'number' ? [{ kind, limit: guards[kind] }] : [];
  }
}

function improvement(value: number | string | null | undefined): Guard[] {
  if (typeof value === 'number') return [{ kind: 'minImprovement', absolute: value }];
  return typeof value === 'string' ? [{ kind: 'minImprovement', percent: Number(value.slice(0, -1)) }] : [];
}

function noWorse({ wrong }: Reader, metrics: Merged['noWorse'], path: Path, task: Task | undefined): Guard[] {
  const entries = Object.entries(metrics ?? {});
  if (entries.length === 0) return [];
  return [
    {
      kind: 'noWorse',
      metrics: entries.map(([name, value]) => {
        const { tolerance, goal } = typeof value === 'number' ? { tolerance: value, goal: undefined } : value;
        const known = knownMetric(name);
        if (task !== undefined && known !== undefined && known.task !== task)
          wrong(
            [...path, name],
            `a metric of ${task}, as the holdout asks: ${metricsOf(task).join(', ')}, or your own`,
            { isName: true },
          );
        const isShort = typeof value === 'number';
        const found = goalFor(name, goal, (expected, how) =>
          wrong(
            isShort ? [...path, name] : [...path, name, 'goal'],
            isShort ? `{ tolerance: ${value}, goal: … } with ${expected}` : expected,
            isShort ? {} : how,
          ),
        );
        return { name, goal: found, tolerance };
      }),
    },
  ];
}
