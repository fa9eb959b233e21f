import { findFilterProblem } from '../../search/filter.ts';
import { runGrammar } from '../../search/grammar.ts';
import { mistakeText, parseAllowance } from '../allowance.ts';
import type { HoldoutPin } from '../policy.ts';
import { type ServeSetting, type SlotSetting, slotDefaults } from './configuration.ts';
import type { Path } from './document.ts';
import { parseDuration } from './duration.ts';
import { guardsOf } from './guards.ts';
import { knownMetric, metricsOf } from './metrics.ts';
import { oneOf, type Reader } from './reader.ts';
import type { FileService, FileSettings } from './schema.ts';

/** The settings of a service in one of its environments: its own, with those of `perEnvironment` over them. */
export function slotSetting(
  reader: Reader,
  service: FileService,
  path: Path,
  environment: string,
  environments: readonly string[],
): SlotSetting {
  const there: FileSettings = service.perEnvironment?.[environment] ?? {};
  const placed = <F extends keyof FileSettings>(field: F) => ({
    value: there[field] ?? service[field],
    path: there[field] === undefined ? [...path, field] : [...path, 'perEnvironment', environment, field],
  });
  const holdout = holdoutOf(reader, service, path, environment);
  return {
    environment,
    where: whereOf(reader, placed('where')),
    holdout,
    allow: allowOf(reader, service.allow[environment] ?? {}, [...path, 'allow', environment]),
    requires: requiresOf(reader, service, path, environment, environments),
    guards: guardsOf(reader, service, path, environment, taskOf(reader, holdout)),
    brakes: brakesOf({ ...service.brakes, ...there.brakes }),
    approval: placed('approval').value ?? slotDefaults.approval,
    evaluateNewest: placed('evaluateNewest').value ?? slotDefaults.evaluateNewest,
    serve: serveOf({ ...service.serve, ...there.serve }),
  };
}

function whereOf({ wrong }: Reader, { value, path }: { value: string | undefined; path: Path }): string | null {
  if (value === undefined) return null;
  const problem = value.trim() === '' ? { message: 'it is blank', start: 0 } : findFilterProblem(value, runGrammar);
  if (problem !== undefined) wrong(path, `a run filter: ${problem.message}`, { offset: problem.start });
  return value.trim();
}

function taskOf({ file }: Reader, holdout: HoldoutPin | null) {
  return holdout !== null && Object.hasOwn(file.holdouts ?? {}, holdout.name)
    ? file.holdouts?.[holdout.name]?.task
    : undefined;
}

function holdoutOf(
  reader: Reader,
  { holdout, metric }: FileService,
  path: Path,
  environment: string,
): HoldoutPin | null {
  const isForAll = typeof holdout === 'string';
  const pin = isForAll ? holdout : holdout?.[environment];
  if (pin === undefined) return null;
  const [name = '', version] = pin.split('@');
  const found = { name, version: Number(version) };
  const at = [...path, 'holdout', ...(isForAll ? [] : [environment])];
  const holdouts = reader.file.holdouts ?? {};
  if (!Object.hasOwn(holdouts, name)) reader.wrong(at, oneOf('one of the holdouts above', Object.keys(holdouts)));
  const task = taskOf(reader, found);
  const known = knownMetric(metric.name);
  if (task !== undefined && known !== undefined && known.task !== task)
    reader.wrong(
      [...path, 'metric', 'name'],
      `a metric of ${task}, as the holdout ${name} asks: ${metricsOf(task).join(', ')}, or your own`,
    );
  return found;
}

function allowOf({ wrong }: Reader, allow: Readonly<Record<string, string>>, path: Path): Record<string, string> {
  return Object.fromEntries(
    Object.entries(allow).map(([model, range]) => {
      const read = parseAllowance(range);
      if ('allowance' in read) return [model, read.allowance.text];
      wrong([...path, model], `a range of code versions, but ${mistakeText(read.mistake)}`, {
        offset: read.mistake.position,
      });
      return [model, range];
    }),
  );
}

function requiresOf(
  { wrong }: Reader,
  service: FileService,
  path: Path,
  environment: string,
  environments: readonly string[],
): SlotSetting['requires'] {
  const there = service.perEnvironment?.[environment]?.requires ?? {};
  const { tags = [], testedOn = null, minTestTime } = { ...service.requires, ...there };
  const at = (field: keyof typeof there) =>
    there[field] === undefined
      ? [...path, 'requires', field]
      : [...path, 'perEnvironment', environment, 'requires', field];
  const others = environments.filter((name) => name !== environment);
  if (testedOn === environment)
    wrong(at('testedOn'), `another environment than '${environment}' itself, set under perEnvironment`);
  else if (testedOn !== null && !others.includes(testedOn))
    wrong(at('testedOn'), oneOf('an environment of this service', others));
  if (minTestTime !== undefined && testedOn === null) wrong(at('minTestTime'), 'testedOn beside it', { isName: true });
  return { tags: [...new Set(tags)].sort(), testedOn, minTestTimeMs: durationMs(minTestTime) };
}

const brakesOf = ({ minDwell, maxSwapsPerDay }: NonNullable<FileService['brakes']>): SlotSetting['brakes'] => ({
  minDwellMs: durationMs(minDwell),
  maxSwapsPerDay: maxSwapsPerDay ?? null,
});

const serveOf = ({ replicas, runtime, canary }: NonNullable<FileService['serve']>): ServeSetting => ({
  replicas: replicas ?? slotDefaults.serve.replicas,
  runtime: runtime ?? slotDefaults.serve.runtime,
  canary: canary === undefined ? null : { percent: canary.percent, forMs: durationMs(canary.for) },
});

const durationMs = (text: string | undefined) => (text === undefined ? 0 : (parseDuration(text) ?? 0));
