import type { Slot } from '../app/api.ts';
import type { Championship } from '../kit/champion.tsx';

const none: readonly Championship[] = [];

export interface Champions {
  readonly ofRun: ReadonlyMap<string, readonly Championship[]>;
  ofVersion(registeredModel: string, version: string): readonly Championship[];
  ofModel(registeredModel: string): readonly Championship[];
}

/** Which runs, versions and models are champions, and where. */
export function championsOf(slots: readonly Slot[]): Champions {
  const ofRun = new Map<string, readonly Championship[]>();
  const ofModel = new Map<string, readonly Championship[]>();
  for (const { service, environment, champion } of slots) {
    if (champion === null) continue;
    const { runId, registeredModel, version } = champion;
    const here = { service, environment, version: String(version) };
    if (runId !== null) ofRun.set(runId, [...(ofRun.get(runId) ?? none), here]);
    ofModel.set(registeredModel, [...(ofModel.get(registeredModel) ?? none), here]);
  }
  return {
    ofRun,
    ofModel: (name) => ofModel.get(name) ?? none,
    ofVersion: (name, version) => (ofModel.get(name) ?? none).filter((champion) => champion.version === version),
  };
}

export interface ServiceRow {
  readonly service: string;
  /** By environment; a service need not be in all of them. */
  readonly slots: ReadonlyMap<string, Slot>;
}

/** Services by name, and the environments that any of them is in, in the order of promotion. */
export function byService(slots: readonly Slot[]): {
  environments: readonly string[];
  services: readonly ServiceRow[];
} {
  const environments = [...new Set(slots.map(({ environment }) => environment))];
  const services = new Map<string, Map<string, Slot>>();
  for (const slot of slots) {
    const row = services.get(slot.service) ?? new Map<string, Slot>();
    services.set(slot.service, row.set(slot.environment, slot));
  }
  return { environments, services: [...services].map(([service, row]) => ({ service, slots: row })) };
}
