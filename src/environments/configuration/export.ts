import { stringify } from 'yaml';

import type { Guard } from '../policy.ts';
import {
  type Configuration,
  type JobSetting,
  type LoopSetting,
  mapValues,
  type ServiceSetting,
  type SlotSetting,
  slotDefaults,
} from './configuration.ts';
import { durationText } from './duration.ts';
import { knownMetric } from './metrics.ts';
import { percentText } from './settings.ts';

type Plain = Record<string, unknown>;

/** A `cellar.yaml` that means this configuration: applied where it holds, it changes nothing. */
export function exportYaml({ environments, holdouts, services }: Configuration): string {
  const file = {
    apiVersion: 'cellar/v1',
    environments: Object.fromEntries(
      environments.map(({ name, stage, branch, protected: isProtected, after }) => [
        name,
        filled({ stage, branch, protected: isProtected || null, after }),
      ]),
    ),
    ...(Object.keys(holdouts).length > 0 && { holdouts }),
    ...(Object.keys(services).length > 0 && { services: mapValues(services, exportService) }),
  };
  return stringify(file, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** The files that the exported one names, by path. */
export const exportedCode = ({ services }: Configuration): Record<string, string> =>
  Object.fromEntries(
    Object.values(services).flatMap(({ metric: { function: own } }) => (own === null ? [] : [[own.file, own.code]])),
  );

function exportService({ experiment, metric, slots, loop }: ServiceSetting): Plain {
  const parts = slots.map(slotParts);
  const shared = Object.entries(parts[0] ?? {}).filter(([path, value]) =>
    parts.every((part) => same(part[path], value)),
  );
  const common = new Set(shared.map(([path]) => path));
  const own = slots.map(
    ({ environment }, index) =>
      [environment, nested(Object.entries(parts[index] ?? {}).filter(([path]) => !common.has(path)))] as const,
  );
  const different = own.filter(([, settings]) => Object.keys(settings).length > 0);
  const pins = slots.flatMap(({ environment, holdout }) =>
    holdout === null ? [] : [[environment, `${holdout.name}@${holdout.version}`] as const],
  );
  return {
    ...(experiment !== null && { experiment }),
    metric: {
      name: metric.name,
      goal: metric.goal,
      ...(metric.function !== null && { function: { file: metric.function.file, name: metric.function.name } }),
    },
    ...(pins.length > 0 && { holdout: Object.fromEntries(pins) }),
    allow: Object.fromEntries(slots.map(({ environment, allow }) => [environment, allow])),
    ...nested(shared),
    ...(different.length > 0 && { perEnvironment: Object.fromEntries(different) }),
    ...(loop !== null && { loop: exportLoop(loop) }),
  };
}

/** Settings by path within the service; undefined for those at their defaults. */
function slotParts({ where, guards, requires, brakes, approval, evaluateNewest, serve }: SlotSetting): Plain {
  const unlessDefault = <T>(value: T, usual: T, written: unknown = value) => (same(value, usual) ? undefined : written);
  const { canary } = serve;
  return {
    where: where ?? undefined,
    guards: guards.length === 0 ? undefined : Object.assign({}, ...guards.map(exportGuard)),
    'requires.tags': unlessDefault(requires.tags, slotDefaults.requires.tags),
    'requires.testedOn': requires.testedOn ?? undefined,
    'requires.minTestTime': unlessDefault(requires.minTestTimeMs, 0, durationText(requires.minTestTimeMs)),
    'brakes.minDwell': unlessDefault(brakes.minDwellMs, 0, durationText(brakes.minDwellMs)),
    'brakes.maxSwapsPerDay': brakes.maxSwapsPerDay ?? undefined,
    approval: unlessDefault(approval, slotDefaults.approval),
    evaluateNewest: unlessDefault(evaluateNewest, slotDefaults.evaluateNewest),
    'serve.replicas': unlessDefault(serve.replicas, slotDefaults.serve.replicas),
    'serve.runtime': unlessDefault(serve.runtime, slotDefaults.serve.runtime),
    'serve.canary': canary === null ? undefined : { percent: canary.percent, for: durationText(canary.forMs) },
  };
}

function exportGuard(guard: Guard): Plain {
  switch (guard.kind) {
    case 'minImprovement':
      return { minImprovement: 'absolute' in guard ? guard.absolute : percentText(guard.percent) };
    case 'significance':
      return { significance: { alpha: guard.alpha } };
    case 'noWorse':
      return {
        noWorse: Object.fromEntries(
          guard.metrics.map(({ name, goal, tolerance }) => [
            name,
            knownMetric(name) === undefined ? { tolerance, goal } : tolerance,
          ]),
        ),
      };
    case 'sameSignature':
      return { sameSignature: true };
    case 'maxLatencyMs':
      return { maxLatencyMs: guard.limit };
    case 'maxSizeMiB':
      return { maxSizeMiB: guard.limit };
  }
}

function exportLoop({ environments, schedule, train, tune, engine }: LoopSetting): Plain {
  const job = ({ run, timeoutMs }: JobSetting) => ({
    run,
    ...(timeoutMs !== null && { timeout: durationText(timeoutMs) }),
  });
  return {
    environments,
    ...('everyMs' in schedule ? { every: durationText(schedule.everyMs) } : { cron: schedule.cron }),
    train: mapValues(train, job),
    ...(tune !== null && {
      tune: { ...mapValues(tune.jobs, job), everyNthLoop: tune.everyNthLoop, backend: tune.backend },
    }),
    engine,
  };
}

/** `{ 'brakes.minDwell': '1d' }` as `{ brakes: { minDwell: '1d' } }`, without what is undefined. */
function nested(settings: readonly (readonly [path: string, value: unknown])[]): Plain {
  const result: Record<string, unknown> = {};
  for (const [path, value] of settings) {
    if (value === undefined) continue;
    const [block = '', field] = path.split('.');
    result[block] = field === undefined ? value : { ...(result[block] as Plain | undefined), [field]: value };
  }
  return result;
}

const filled = (values: Plain): Plain =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
/** Also in their order: that of guards is part of what they mean. */
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
