import { invalid } from '../errors.ts';
import type { ByHandDeps } from './by-hand.ts';
import { championOf } from './by-hand.ts';
import { canonicalJson } from './canonical-json.ts';
import { showChampions } from './champions.ts';
import {
  type Configuration,
  configurationDigest,
  policyOf,
  slotsOf as slotsIn,
} from './configuration/configuration.ts';
import { diffConfigurations, type SettingChange } from './configuration/diff.ts';
import { exportYaml } from './configuration/export.ts';
import { type ConfigurationSource, readConfiguration } from './configuration/read.ts';
import { currentConfiguration, holdConfiguration } from './configuration-store.ts';
import { type AliasConflict, aliasConflicts, checkAgainstServer } from './plan.ts';
import { presentCandidates } from './present.ts';
import type { Selecting, SelectionDeps } from './selection.ts';
import { ensureSlot, findSlot, want } from './slot-store.ts';
import type { PlanReply } from './wire.ts';

export interface ConfigurationsDeps {
  readonly deps: ByHandDeps & SelectionDeps;
  readonly preview: Selecting['preview'];
  /** Has the selections made that are asked for. */
  readonly pump: () => void;
}

export interface Applied {
  readonly changed: boolean;
  readonly no: number;
  readonly digest: string;
  readonly changes: readonly SettingChange[];
  readonly adopted: readonly AliasConflict[];
}

/** The configuration: what holds, what another one would change, and how it comes to hold. */
export function configurations({ deps, preview, pump }: ConfigurationsDeps) {
  const { storage, clock } = deps;

  return {
    /** The configuration that holds. */
    configuration: () =>
      storage.read(function* () {
        const held = yield* currentConfiguration();
        return { ...held, yaml: exportYaml(held.configuration) };
      }),

    /**
     * What applying it would change: settings, and which model each environment would then serve, with the margin and
     * the reason. Changes nothing and evaluates nothing. Throws INVALID_PARAMETER_VALUE naming line and column.
     */
    async plan(source: ConfigurationSource): Promise<PlanReply> {
      const configuration = readConfiguration(source);
      const { held, conflicts, champions } = await storage.read(function* () {
        yield* checkAgainstServer(deps, configuration);
        const champions = new Map<string, Awaited<ReturnType<typeof refOfSlot>>>();
        for (const place of slotsIn(configuration)) champions.set(keyOf(place), yield* refIn(place));
        return {
          held: yield* currentConfiguration(),
          conflicts: yield* aliasConflicts(deps, configuration),
          champions,
        };
      });
      const slots: PlanReply['slots'] = [];
      for (const place of slotsIn(configuration)) {
        const seen = await preview({ ...place, act: null, waitFor: 'champion', proposed: () => configuration });
        const { result, facts } = seen;
        const challenger = result.challenger ?? null;
        slots.push({
          ...place,
          champion: champions.get(keyOf(place)) ?? null,
          outcome: result.outcome,
          reason: result.reason,
          detail: result.detail,
          challenger: presentCandidates(facts.input, result).find(({ id }) => id === challenger) ?? null,
          margin: result.margin,
          notEvaluated: facts.wanting.length,
        });
      }
      const digest = configurationDigest(configuration);
      return {
        changed: digest !== held.digest,
        digest,
        changes: [...diffConfigurations(held.configuration, configuration)],
        aliasConflicts: conflicts,
        slots,
      };
    },

    /**
     * Makes a configuration hold, all of it or nothing; the same again changes nothing. Selections follow where a policy
     * changed. Throws INVALID_PARAMETER_VALUE for a mistake, and for aliases that users have set unless they are adopted.
     */
    async apply(
      source: ConfigurationSource,
      { managed, adoptAliases, actor }: { managed: 'file' | 'api'; adoptAliases: boolean; actor: string },
    ): Promise<Applied> {
      const configuration = readConfiguration(source);
      const applied = await storage.write(function* () {
        yield* checkAgainstServer(deps, configuration);
        const held = yield* currentConfiguration();
        const digest = configurationDigest(configuration);
        if (digest === held.digest && managed === held.managed)
          return { changed: false, no: held.no, digest, changes: [], adopted: [] };
        const adopted = yield* aliasConflicts(deps, configuration);
        if (adopted.length > 0 && !adoptAliases) throw invalid(adoptionNeeded(adopted));
        const now = clock();
        const no = yield* holdConfiguration({ configuration, managed, cause: 'apply', actor, now });
        for (const { service, environment } of slotsIn(configuration)) {
          const slot = yield* ensureSlot(service, environment);
          if (isOther(held.configuration, configuration, service, environment))
            yield* want(slot.slotNo, 'configuration');
        }
        for (const service of Object.keys(configuration.services))
          yield* showChampions(deps, configuration, service, now);
        return { changed: true, no, digest, changes: diffConfigurations(held.configuration, configuration), adopted };
      });
      if (applied.changed) pump();
      return applied;
    },
  };

  function* refIn({ service, environment }: { service: string; environment: string }) {
    const slot = yield* findSlot(service, environment);
    return slot === undefined ? null : yield* championOf(deps, slot);
  }
  function refOfSlot(place: { service: string; environment: string }) {
    return storage.read(() => refIn(place));
  }
}

const keyOf = ({ service, environment }: { service: string; environment: string }) => `${service}/${environment}`;

/** Whether another policy governs the slot than before. */
function isOther(before: Configuration, after: Configuration, service: string, environment: string): boolean {
  const wasThere = before.services[service]?.slots.some((slot) => slot.environment === environment) === true;
  return (
    !wasThere ||
    canonicalJson(policyOf(before, service, environment)) !== canonicalJson(policyOf(after, service, environment))
  );
}

const adoptionNeeded = (conflicts: readonly AliasConflict[]) =>
  `Users have set aliases that environments would own: ${conflicts
    .map(({ registeredModel, environment, version }) => `${registeredModel}@${environment} (version ${version})`)
    .join(', ')}. Expected --adopt-aliases, which hands them over, or other names.`;
