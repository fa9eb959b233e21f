import type { Configuration, ServiceSetting, SlotSetting } from './configuration.ts';
import {
  defaultSettings,
  environmentSettings,
  pinnedSettings,
  type Settings,
  serviceSettings,
  slotSettings,
} from './settings.ts';

/** One setting that differs. */
export interface SettingChange {
  /** As in the file: `services.wine.allow.prod.AImodel`. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** As the file would write it; null where there was none. */
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * What differs in meaning, in the order of a file; nothing when two files mean the same. A setting that changes alike in
 * every environment of a service is told once, and what is new and at its default is not told.
 */
export function diffConfigurations(before: Configuration, after: Configuration): SettingChange[] {
  const byName = ({ environments }: Configuration) =>
    Object.fromEntries(environments.map((setting) => [setting.name, environmentSettings(setting)]));
  return [
    ...orderChanges(before, after),
    ...eachNamed(byName(before), byName(after), (name, was, is) => changesIn(`environments.${name}`, was, is)),
    ...eachNamed(before.holdouts, after.holdouts, (name, was, is) =>
      changesIn(`holdouts.${name}`, was && { ...was }, is && { ...is }),
    ),
    ...eachNamed(before.services, after.services, serviceChanges),
  ];
}

/** The order of promotion, where only that has changed. */
function orderChanges(before: Configuration, after: Configuration): SettingChange[] {
  const [was, is] = [before, after].map(({ environments }) => environments.map(({ name }) => name));
  if (was === undefined || is === undefined || [...was].sort().join() !== [...is].sort().join()) return [];
  return change('environments', was.join(', '), is.join(', '));
}

function serviceChanges(
  name: string,
  was: ServiceSetting | undefined,
  is: ServiceSetting | undefined,
): SettingChange[] {
  const path = `services.${name}`;
  const [slotsBefore, slotsAfter] = [was, is].map((service) =>
    Object.fromEntries((service?.slots ?? []).map((slot) => [slot.environment, slot])),
  );
  return [
    ...changesIn(path, was && serviceSettings(was), is && serviceSettings(is)),
    ...eachNamed(slotsBefore ?? {}, slotsAfter ?? {}, (environment, slotBefore, slotAfter) =>
      changesIn('', slotBefore && pinnedSettings(slotBefore), slotAfter && pinnedSettings(slotAfter)).map((each) => ({
        ...each,
        path: `${path}.${each.path.replace(/^(holdout|allow)/, `$1.${environment}`)}`,
      })),
    ),
    ...sharedChanges(path, slotsBefore ?? {}, slotsAfter ?? {}),
  ];
}

type Slots = Readonly<Record<string, SlotSetting>>;

/** Changes of what environments may have in common: once when they all change alike, else by environment. */
function sharedChanges(path: string, before: Slots, after: Slots): SettingChange[] {
  const everywhere = new Set([...Object.keys(before), ...Object.keys(after)]).size;
  const alike = new Map<string, { readonly environments: string[]; readonly change: SettingChange }>();
  eachNamed(before, after, (environment, was, is) => {
    for (const each of changesIn('', was && slotSettings(was), is && slotSettings(is))) {
      const key = JSON.stringify([each.path, each.before, each.after]);
      const known = alike.get(key) ?? { environments: [], change: each };
      known.environments.push(environment);
      alike.set(key, known);
    }
    return [];
  });
  return [...alike.values()].flatMap(({ environments, change: each }) =>
    environments.length === everywhere
      ? [{ ...each, path: `${path}.${each.path}` }]
      : environments.map((environment) => ({ ...each, path: `${path}.perEnvironment.${environment}.${each.path}` })),
  );
}

/** Things by name: those that stay and go in their old order, then those that come. */
function eachNamed<T, R>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  changes: (name: string, was: T | undefined, is: T | undefined) => R[],
): R[] {
  const own = (values: Readonly<Record<string, T>>, name: string) =>
    Object.hasOwn(values, name) ? values[name] : undefined;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => changes(name, own(before, name), own(after, name)));
}

function changesIn(path: string, was: Settings | undefined, is: Settings | undefined): SettingChange[] {
  const isWhole = was === undefined || is === undefined;
  const changes = eachNamed<string | null, SettingChange>(was ?? {}, is ?? {}, (name, before = null, after = null) => {
    if (isWhole && defaultSettings[name] === (after ?? before)) return [];
    // The guards themselves are listed; this one tells only their order.
    if (name === 'guards' && (isWhole || !sameWords(before, after))) return [];
    return change(path === '' ? name : `${path}.${name}`, before, after);
  });
  const isUnseen = changes.length === 0 && isWhole && path !== '';
  return isUnseen ? change(path, was === undefined ? null : 'defaults', is === undefined ? null : 'defaults') : changes;
}

const sameWords = (a: string | null, b: string | null) => words(a) === words(b);
const words = (text: string | null) => (text ?? '').split(', ').sort().join();

function change(path: string, before: string | null, after: string | null): SettingChange[] {
  if (before === after) return [];
  const kind = before === null ? 'added' : after === null ? 'removed' : 'changed';
  return [{ path, kind, before, after }];
}
