import type { Configuration, EnvironmentSetting, LoopSetting, ServiceSetting } from './configuration.ts';
import type { Path } from './document.ts';
import { checkLoop } from './loop.ts';
import { knownMetric } from './metrics.ts';
import { goalFor, oneOf, type Reader } from './reader.ts';
import type { FileService } from './schema.ts';
import { slotSetting } from './slot.ts';

export const maxCodeBytes = 100_000;

/** What a file means. It is of use only when nothing was found wrong. */
export function meaningOf(reader: Reader): Configuration {
  const environments = environmentsOf(reader);
  const order = environments.map(({ name }) => name);
  const services = Object.fromEntries(
    Object.entries(reader.file.services ?? {}).map(([name, service]) => [
      name,
      serviceOf(reader, name, service, order),
    ]),
  );
  checkModels(reader);
  return { environments, holdouts: { ...reader.file.holdouts }, services };
}

/** Names that mean something else where an environment's name is an alias: the newest version, a version's number. */
const reserved = /^(latest|v\d+)$/;

function environmentsOf({ file, wrong }: Reader): EnvironmentSetting[] {
  const stages = new Map<string, string>();
  const settings = Object.entries(file.environments).map(([name, setting]): EnvironmentSetting => {
    const { stage = 'none', branch = null, protected: isProtected = false, after = null } = setting;
    const at = (field: string) => ['environments', name, field];
    if (reserved.test(name))
      wrong(['environments', name], "a name that is not reserved: 'latest' and 'v1', 'v2', … are aliases", {
        isName: true,
      });
    const other = stages.get(stage);
    if (other !== undefined) wrong(at('stage'), `a stage of its own: ${stage} is that of '${other}'`);
    else if (stage !== 'none') stages.set(stage, name);
    if (after !== null && !Object.hasOwn(file.environments, after))
      wrong(at('after'), oneOf('an environment', Object.keys(file.environments)));
    return { name, stage, branch, protected: isProtected, after };
  });
  return inPromotionOrder(settings, (name) =>
    wrong(['environments', name, 'after'], 'an environment that does not come after this one'),
  );
}

/** As they are written, except that each comes after the one it names. */
function inPromotionOrder(
  settings: readonly EnvironmentSetting[],
  inCycle: (name: string) => void,
): EnvironmentSetting[] {
  const ordered: EnvironmentSetting[] = [];
  const names = new Set(settings.map(({ name }) => name));
  const placed = new Set<string>();
  for (let left = [...settings]; left.length > 0; left = left.filter(({ name }) => !placed.has(name))) {
    const next = left.find(({ after }) => after === null || placed.has(after) || !names.has(after));
    if (next === undefined) {
      for (const { name } of left) if (comesAfterItself(name, settings)) inCycle(name);
      return [...settings];
    }
    ordered.push(next);
    placed.add(next.name);
  }
  return ordered;
}

function comesAfterItself(name: string, settings: readonly EnvironmentSetting[]): boolean {
  const before = new Map(settings.map((setting) => [setting.name, setting.after]));
  let at = before.get(name) ?? null;
  for (let steps = 0; at !== null && at !== name && steps < settings.length; steps += 1) at = before.get(at) ?? null;
  return at === name;
}

function serviceOf(reader: Reader, name: string, service: FileService, order: readonly string[]): ServiceSetting {
  const path = ['services', name];
  const environments = order.filter((environment) => Object.hasOwn(service.allow, environment));
  if (Object.keys(service.allow).length === 0)
    reader.wrong([...path, 'allow'], `at least one environment, such as { ${order[0] ?? 'int'}: {} }`);
  checkEnvironments(reader, service, path, order, environments);
  return {
    experiment: service.experiment ?? null,
    metric: metricOf(reader, service, path),
    slots: environments.map((environment) => slotSetting(reader, service, path, environment, environments)),
    loop: service.loop === undefined ? null : loopOf(reader, service.loop, service, path, environments),
  };
}

function checkEnvironments(
  { wrong }: Reader,
  { allow, holdout, perEnvironment }: FileService,
  path: Path,
  order: readonly string[],
  environments: readonly string[],
): void {
  for (const name of Object.keys(allow))
    if (!order.includes(name)) wrong([...path, 'allow', name], oneOf('an environment', order), { isName: true });
  const others = { holdout: typeof holdout === 'object' ? holdout : {}, perEnvironment: perEnvironment ?? {} };
  for (const [field, byEnvironment] of Object.entries(others))
    for (const name of Object.keys(byEnvironment))
      if (!environments.includes(name))
        wrong([...path, field, name], oneOf("an environment of this service's allow", environments), { isName: true });
}

function metricOf({ code, wrong }: Reader, { metric }: FileService, path: Path): ServiceSetting['metric'] {
  const at = (...fields: string[]) => [...path, 'metric', ...fields];
  const known = knownMetric(metric.name);
  const { function: own } = metric;
  if (own !== undefined && known !== undefined)
    wrong(at('name'), 'a name for your own metric that is not one of the metrics that Cellar computes');
  const goal = goalFor(metric.name, metric.goal, (expected, found) => wrong(at('goal'), expected, found));
  if (own === undefined) return { name: metric.name, goal, function: null };
  const text = Object.hasOwn(code, own.file) ? code[own.file] : undefined;
  if (text === undefined) wrong(at('function', 'file'), 'a file that stands beside this one');
  else if (Buffer.byteLength(text) > maxCodeBytes)
    wrong(at('function', 'file'), `a file of at most ${maxCodeBytes} bytes`);
  return { name: metric.name, goal, function: { ...own, code: text ?? '' } };
}

function loopOf(
  reader: Reader,
  loop: NonNullable<FileService['loop']>,
  { allow }: FileService,
  path: Path,
  environments: readonly string[],
): LoopSetting {
  const models = new Set(
    loop.environments.flatMap((name) => Object.keys(Object.hasOwn(allow, name) ? (allow[name] ?? {}) : {})),
  );
  return checkLoop(loop, [...path, 'loop'], environments, [...models], reader.wrong);
}

/** A registered model competes in one service. */
function checkModels({ file, wrong }: Reader): void {
  const services = new Map<string, string>();
  for (const [service, { allow }] of Object.entries(file.services ?? {}))
    for (const [environment, byModel] of Object.entries(allow))
      for (const model of Object.keys(byModel)) {
        const other = services.get(model) ?? service;
        services.set(model, other);
        if (other !== service)
          wrong(
            ['services', service, 'allow', environment, model],
            `a registered model of no other service: it is one of '${other}'`,
            { isName: true },
          );
      }
}
