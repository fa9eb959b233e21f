import { sha256 } from '../canonical-json.ts';
import type { Guard, MetricPolicy } from '../policy.ts';
import type { EnvironmentSetting, JobSetting, LoopSetting, ServiceSetting, SlotSetting } from './configuration.ts';
import { slotDefaults } from './configuration.ts';
import { durationText } from './duration.ts';

/** Settings as a file would write them: by their path within the thing that they belong to. Null is none. */
export type Settings = Readonly<Record<string, string | null>>;

export const environmentSettings = ({
  stage,
  branch,
  protected: isProtected,
  after,
}: EnvironmentSetting): Settings => ({
  stage,
  branch,
  protected: String(isProtected),
  after,
});

/** What a service has in all its environments. */
export const serviceSettings = ({ experiment, metric, loop }: ServiceSetting): Settings => ({
  experiment,
  'metric.name': metric.name,
  'metric.goal': metric.goal,
  'metric.function': functionText(metric),
  ...(loop !== null && loopSettings(loop)),
});

/** A change of its code alone is a change too. */
const functionText = ({ function: own }: MetricPolicy): string | null =>
  own === null ? null : `${own.file}:${own.name} (${sha256(own.code).slice(0, 12)})`;

function loopSettings({ environments, schedule, train, tune, engine }: LoopSetting): Settings {
  const jobs = (field: string, byModel: Readonly<Record<string, JobSetting>>) =>
    Object.fromEntries(
      Object.entries(byModel).flatMap(([model, { run, timeoutMs }]) => [
        [`loop.${field}.${model}.run`, run],
        [`loop.${field}.${model}.timeout`, timeoutMs === null ? null : durationText(timeoutMs)],
      ]),
    );
  return {
    'loop.environments': environments.join(', '),
    'loop.every': 'everyMs' in schedule ? durationText(schedule.everyMs) : null,
    'loop.cron': 'cron' in schedule ? schedule.cron : null,
    ...jobs('train', train),
    ...(tune !== null && {
      ...jobs('tune', tune.jobs),
      'loop.tune.everyNthLoop': String(tune.everyNthLoop),
      'loop.tune.backend': tune.backend,
    }),
    'loop.engine': engine,
  };
}

/** What is written by environment anyway: the holdout, and the range of each registered model. */
export const pinnedSettings = ({ holdout, allow }: SlotSetting): Settings => ({
  holdout: holdout === null ? null : `${holdout.name}@${holdout.version}`,
  ...(Object.keys(allow).length === 0 && { allow: 'no model' }),
  ...Object.fromEntries(Object.entries(allow).map(([model, range]) => [`allow.${model}`, range])),
});

/** What a service has in common, unless an environment differs. */
export const slotSettings = (slot: Pick<SlotSetting, keyof typeof slotDefaults>): Settings => ({
  where: slot.where,
  guards: slot.guards.length === 0 ? null : slot.guards.map(({ kind }) => kind).join(', '),
  ...Object.fromEntries(slot.guards.map((guard) => [`guards.${guard.kind}`, guardText(guard)])),
  'requires.tags': slot.requires.tags.length === 0 ? null : slot.requires.tags.join(', '),
  'requires.testedOn': slot.requires.testedOn,
  'requires.minTestTime': durationText(slot.requires.minTestTimeMs),
  'brakes.minDwell': durationText(slot.brakes.minDwellMs),
  'brakes.maxSwapsPerDay': slot.brakes.maxSwapsPerDay === null ? null : String(slot.brakes.maxSwapsPerDay),
  approval: slot.approval,
  evaluateNewest: String(slot.evaluateNewest),
  'serve.replicas': String(slot.serve.replicas),
  'serve.runtime': slot.serve.runtime,
  'serve.canary':
    slot.serve.canary === null ? null : `${slot.serve.canary.percent} % for ${durationText(slot.serve.canary.forMs)}`,
});

export const defaultSettings: Settings = { ...slotSettings(slotDefaults), stage: 'none', protected: 'false' };

function guardText(guard: Guard): string {
  switch (guard.kind) {
    case 'minImprovement':
      return 'absolute' in guard ? String(guard.absolute) : percentText(guard.percent);
    case 'significance':
      return `alpha ${guard.alpha}`;
    case 'noWorse':
      return guard.metrics.map(({ name, tolerance, goal }) => `${name} by ${tolerance} (${goal})`).join(', ');
    case 'sameSignature':
      return 'true';
    case 'maxLatencyMs':
    case 'maxSizeMiB':
      return String(guard.limit);
  }
}

/** `0.2%`, never with an exponent. */
export const percentText = (percent: number): string => `${percent.toFixed(9).replace(/\.?0+$/, '')}%`;
