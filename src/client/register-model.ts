import type { CellarClient } from './cellar-client.ts';
import { hasCode } from './errors.ts';
import type { ModelVersion } from './model-versions.ts';
import type { Values } from './wire.ts';

/**
 * Registers a model as the next version under a name, which is made when it is new. `modelUri` is a logged model's
 * `models:/m-…`, a run's `runs:/<run id>/<path>`, or where the files are.
 */
export async function registerModel(
  client: CellarClient,
  modelUri: string,
  name: string,
  given: { readonly tags?: Values; readonly description?: string } = {},
): Promise<ModelVersion> {
  try {
    await client.createRegisteredModel(name);
  } catch (error) {
    if (!hasCode(error, 'RESOURCE_ALREADY_EXISTS')) throw error;
  }
  return client.createModelVersion(name, modelUri, { ...given, ...(await provenance(client, modelUri)) });
}

/** The run and the logged model that a URI names: the server checks that the files are theirs. */
async function provenance(client: CellarClient, modelUri: string): Promise<{ runId?: string; modelId?: string }> {
  const modelId = /^models:\/(m-[^/@]+)$/.exec(modelUri)?.[1];
  if (modelId !== undefined) {
    const { sourceRunId } = await client.getLoggedModel(modelId);
    return { modelId, ...(sourceRunId !== '' && { runId: sourceRunId }) };
  }
  const runId = /^runs:\/([^/]+)\//.exec(modelUri)?.[1];
  return runId === undefined ? {} : { runId };
}
