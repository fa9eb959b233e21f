import { evaluatorOf } from '../evaluation/service.ts';
import type { Tx } from '../storage/storage.ts';
import { type ByHandDeps, describe } from './by-hand.ts';
import { policyOf, slotsOf as slotsIn } from './configuration/configuration.ts';
import { currentConfiguration } from './configuration-store.ts';
import { metricFunctionsOf } from './facts.ts';
import { isKeptHere, lookAt } from './model-files.ts';
import { keepDigest, type Origin, originOfVersion } from './origins.ts';
import type { SlotPolicy } from './policy.ts';
import type { VersionRef } from './records.ts';
import type { SelectionDeps } from './selection.ts';
import { findSlot, type Slot } from './slot-store.ts';

/** A champion, with all that it takes to serve it. */
export interface ServedChampion {
  readonly slotNo: number;
  readonly service: string;
  readonly environment: string;
  readonly decisionId: string;
  readonly versionNo: number;
  readonly registeredModel: string;
  readonly version: number;
  readonly codeVersion: string | null;
  readonly runId: string | null;
  readonly modelId: string | null;
  readonly artifactDigest: string;
  readonly storageLocation: string;
  readonly serve: SlotPolicy['serve'];
  readonly holdout: { readonly path: string; readonly target: string; readonly task: string } | null;
  readonly predictionsPath: string | null;
}

interface Reigning {
  readonly slot: Slot;
  readonly policy: SlotPolicy;
  readonly origin: Origin;
  readonly ref: VersionRef;
}

/** Every champion whose files are kept here. One that nobody has evaluated yet gets its digest now. */
export async function servedChampions(deps: ByHandDeps & SelectionDeps): Promise<ServedChampion[]> {
  const { storage, artifacts, clock } = deps;
  const served: ServedChampion[] = [];
  for (const reigning of await storage.read(() => champions(deps))) {
    const { slot, policy, origin, ref } = reigning;
    if (!isKeptHere(artifacts, origin.location)) continue;
    let { digest } = ref;
    if (digest === null) {
      const files = await lookAt(artifacts, origin);
      await storage.write(() => keepDigest(origin, files, clock()));
      digest = files.digest;
    }
    const { versionNo, registeredModel, version, codeVersion, runId, modelId } = ref;
    served.push({
      slotNo: slot.slotNo,
      service: slot.service,
      environment: slot.environment,
      decisionId: slot.championDecision!,
      versionNo,
      registeredModel,
      version,
      codeVersion,
      runId,
      modelId,
      artifactDigest: digest,
      storageLocation: origin.location,
      serve: policy.serve,
      ...(await storage.read(() => measuredOn(deps, policy, digest))),
    });
  }
  return served;
}

function* champions(deps: ByHandDeps): Tx<Reigning[]> {
  const { configuration } = yield* currentConfiguration();
  const found: Reigning[] = [];
  for (const { service, environment } of slotsIn(configuration)) {
    const slot = yield* findSlot(service, environment);
    if (slot === undefined || slot.championNo === null) continue;
    const version = (yield* deps.registry.versionsByNo(deps.dialect, [slot.championNo])).get(slot.championNo)!;
    const runs = yield* deps.candidates.runs(version.runId === '' ? [] : [version.runId]);
    found.push({
      slot,
      policy: policyOf(configuration, service, environment),
      origin: originOfVersion(version, runs),
      ref: yield* describe(deps, version),
    });
  }
  return found;
}

/** The holdout that the champion is measured on, and its recorded predictions of it. */
function* measuredOn(
  deps: SelectionDeps,
  policy: SlotPolicy,
  digest: string,
): Tx<Pick<ServedChampion, 'holdout' | 'predictionsPath'>> {
  if (policy.holdout === null) return { holdout: null, predictionsPath: null };
  const { name, version } = policy.holdout;
  const holdout = yield* deps.evaluation.holdouts.findHoldoutVersion(name, version);
  if (holdout === undefined) return { holdout: null, predictionsPath: null };
  const evaluator = evaluatorOf(metricFunctionsOf(policy));
  const found = yield* deps.evaluation.evaluations.findEvaluations([digest], holdout.digest, evaluator);
  const evaluated = found.get(digest);
  return { holdout, predictionsPath: evaluated === undefined ? null : deps.evaluation.predictionsOf(evaluated) };
}
