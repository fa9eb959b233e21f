import { notFound } from '../../errors.ts';
import { readAllowance } from '../allowance.ts';
import { digestOf } from '../canonical-json.ts';
import type { Guard, HoldoutPin, MetricPolicy, ServePolicy, SlotPolicy } from '../policy.ts';

/**
 * What a `cellar.yaml` means: defaults filled in, settings of an environment merged, durations in milliseconds. Plain
 * JSON; two files that mean the same are equal here and have the same digest.
 */
export interface Configuration {
  /** In promotion order. */
  readonly environments: readonly EnvironmentSetting[];
  readonly holdouts: Readonly<Record<string, HoldoutSetting>>;
  readonly services: Readonly<Record<string, ServiceSetting>>;
}

export interface EnvironmentSetting {
  readonly name: string;
  readonly stage: 'Staging' | 'Production' | 'none';
  /** A push to this Git branch is new code for the environment. */
  readonly branch: string | null;
  readonly protected: boolean;
  /** The environment that promotes to this one. */
  readonly after: string | null;
}

export interface HoldoutSetting {
  readonly target: string;
  readonly task: 'classification' | 'regression';
}

export interface ServiceSetting {
  readonly experiment: string | null;
  readonly metric: MetricPolicy;
  /** The environments that the service is in, in promotion order. */
  readonly slots: readonly SlotSetting[];
  readonly loop: LoopSetting | null;
}

export interface SlotSetting extends Omit<SlotPolicy, 'service' | 'experiment' | 'metric' | 'serve'> {
  readonly serve: ServeSetting;
}

export interface ServeSetting extends ServePolicy {
  readonly canary: { readonly percent: number; readonly forMs: number } | null;
}

export interface LoopSetting {
  readonly environments: readonly string[];
  readonly schedule: { readonly everyMs: number } | { readonly cron: string };
  /** By registered model. */
  readonly train: Readonly<Record<string, JobSetting>>;
  readonly tune: {
    readonly jobs: Readonly<Record<string, JobSetting>>;
    readonly everyNthLoop: number;
    readonly backend: string;
  } | null;
  readonly engine: 'local' | 'ray';
}

export interface JobSetting {
  readonly run: string;
  readonly timeoutMs: number | null;
}

/** What a slot has where a file says nothing. */
export const slotDefaults = {
  where: null as string | null,
  holdout: null as HoldoutPin | null,
  requires: { tags: [] as readonly string[], testedOn: null as string | null, minTestTimeMs: 0 },
  guards: [] as readonly Guard[],
  brakes: { minDwellMs: 0, maxSwapsPerDay: null as number | null },
  approval: 'none' as SlotPolicy['approval'],
  evaluateNewest: 20,
  serve: { replicas: 1, runtime: 'auto', canary: null } as ServeSetting,
};

export const emptyConfiguration: Configuration = { environments: [], holdouts: {}, services: {} };

/** Hex SHA-256 over what the configuration means. */
export const configurationDigest = (configuration: Configuration): string => digestOf(configuration);

/** Every slot: services by name, their environments in promotion order. */
export function slotsOf({ services }: Configuration): { readonly service: string; readonly environment: string }[] {
  return Object.keys(services)
    .sort()
    .flatMap((service) => services[service]?.slots.map(({ environment }) => ({ service, environment })) ?? []);
}

/** Registered models to the service that they compete in. */
export function serviceOfModels({ services }: Configuration): Map<string, string> {
  return new Map(
    Object.entries(services).flatMap(([service, { slots }]) =>
      slots.flatMap(({ allow }) => Object.keys(allow).map((model): [string, string] => [model, service])),
    ),
  );
}

/** What governs a slot. RESOURCE_DOES_NOT_EXIST for a service or an environment of it that is not configured. */
export function policyOf(configuration: Configuration, service: string, environment: string): SlotPolicy {
  const { experiment, metric, slots } = serviceNamed(configuration, service);
  const { serve, ...slot } = slotIn(slots, service, environment);
  return { service, experiment, metric, ...slot, serve: { replicas: serve.replicas, runtime: serve.runtime } };
}

/**
 * The same configuration with other ranges in one slot; models that are not named keep theirs. INVALID_PARAMETER_VALUE
 * for a range that cannot be read, RESOURCE_DOES_NOT_EXIST for a slot that is not configured.
 */
export function withAllowance(
  configuration: Configuration,
  service: string,
  environment: string,
  allow: Readonly<Record<string, string>>,
): Configuration {
  const canonical = mapValues(allow, (range) => readAllowance(range).text);
  return withSlot(configuration, service, environment, (slot) => ({ ...slot, allow: { ...slot.allow, ...canonical } }));
}

/** The same configuration with another holdout pinned in one slot. RESOURCE_DOES_NOT_EXIST as above. */
export const withHoldout = (
  configuration: Configuration,
  service: string,
  environment: string,
  holdout: HoldoutPin,
): Configuration => withSlot(configuration, service, environment, (slot) => ({ ...slot, holdout }));

/** The same configuration with a registered model under its new name, wherever it stands. */
export function withModelRenamed(configuration: Configuration, from: string, to: string): Configuration {
  const renamed = <T>(byModel: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(byModel).map(([model, value]) => [model === from ? to : model, value]));
  const services = mapValues(configuration.services, (service) => ({
    ...service,
    slots: service.slots.map((slot) => ({ ...slot, allow: renamed(slot.allow) })),
    loop: service.loop && {
      ...service.loop,
      train: renamed(service.loop.train),
      tune: service.loop.tune && { ...service.loop.tune, jobs: renamed(service.loop.tune.jobs) },
    },
  }));
  return { ...configuration, services };
}

export const mapValues = <T, U>(values: Readonly<Record<string, T>>, map: (value: T, key: string) => U) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));

function withSlot(
  configuration: Configuration,
  service: string,
  environment: string,
  change: (slot: SlotSetting) => SlotSetting,
): Configuration {
  const setting = serviceNamed(configuration, service);
  const changed = change(slotIn(setting.slots, service, environment));
  const slots = setting.slots.map((slot) => (slot.environment === environment ? changed : slot));
  return { ...configuration, services: { ...configuration.services, [service]: { ...setting, slots } } };
}

function serviceNamed({ services }: Configuration, name: string): ServiceSetting {
  const found = Object.hasOwn(services, name) ? services[name] : undefined;
  if (found !== undefined) return found;
  throw notFound(`No service '${name}' is configured${among(Object.keys(services).sort())}.`);
}

function slotIn(slots: readonly SlotSetting[], service: string, environment: string): SlotSetting {
  const slot = slots.find((each) => each.environment === environment);
  if (slot !== undefined) return slot;
  throw notFound(
    `The service '${service}' is not in an environment '${environment}'${among(slots.map((each) => each.environment))}.`,
  );
}

const among = (names: readonly string[]) =>
  names.length === 0 ? '' : `, only ${names.map((name) => `'${name}'`).join(', ')}`;
