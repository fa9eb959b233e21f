import { CellarError, hasCode } from './errors.ts';
import { paged, pageOf } from './pages.ts';
import type { CallOptions, Transport } from './transport.ts';
import { mapOf, pairsOf, type Values, type WireExperiment } from './wire.ts';

export type LifecycleStage = 'active' | 'deleted';
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  readonly creationTime: number | undefined;
  readonly lastUpdateTime: number | undefined;
  readonly tags: ReadonlyMap<string, string>;
}

export interface SearchExperiments extends CallOptions {
  readonly filter?: string | undefined;
  readonly orderBy?: readonly string[] | undefined;
  readonly viewType?: ViewType | undefined;
  readonly pageSize?: number | undefined;
}

const toExperiment = (wire: WireExperiment): Experiment => ({
  experimentId: wire.experiment_id,
  name: wire.name,
  artifactLocation: wire.artifact_location ?? '',
  lifecycleStage: wire.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
  creationTime: wire.creation_time,
  lastUpdateTime: wire.last_update_time,
  tags: mapOf(wire.tags),
});

export function experimentVerbs(transport: Transport) {
  /** The new experiment's id. RESOURCE_ALREADY_EXISTS when the name is taken, also by a deleted experiment. */
  async function createExperiment(
    name: string,
    given: CallOptions & { artifactLocation?: string; tags?: Values } = {},
  ): Promise<string> {
    const body = { name, artifact_location: given.artifactLocation, tags: pairsOf(given.tags) };
    return (await transport.once<{ experiment_id: string }>('POST', 'experiments/create', body, given)).experiment_id;
  }

  /** RESOURCE_DOES_NOT_EXIST when there is none. Deleted experiments are found too. */
  async function getExperiment(experimentId: string, options?: CallOptions): Promise<Experiment> {
    const query = { experiment_id: experimentId };
    return toExperiment(
      (await transport.get<{ experiment: WireExperiment }>('experiments/get', query, options)).experiment,
    );
  }

  /** Undefined when no experiment has this name. Deleted experiments are found too. */
  async function getExperimentByName(name: string, options?: CallOptions): Promise<Experiment | undefined> {
    try {
      const query = { experiment_name: name };
      const reply = await transport.get<{ experiment: WireExperiment }>('experiments/get-by-name', query, options);
      return toExperiment(reply.experiment);
    } catch (error) {
      if (hasCode(error, 'RESOURCE_DOES_NOT_EXIST')) return undefined;
      throw error;
    }
  }

  return {
    createExperiment,
    getExperiment,
    getExperimentByName,

    /** The active experiment of this name, made when there is none. INVALID_STATE when it is deleted. */
    async getOrCreateExperiment(name: string, options?: CallOptions): Promise<Experiment> {
      const found = (await getExperimentByName(name, options)) ?? (await created(name, options));
      if (found.lifecycleStage === 'deleted')
        throw new CellarError(
          'INVALID_STATE',
          `The experiment '${name}' is deleted. Restore it or choose another name.`,
        );
      return found;
    },

    searchExperiments: (search: SearchExperiments = {}) =>
      paged(async (token) => {
        const reply = await transport.repeatable<{ experiments?: WireExperiment[]; next_page_token?: string }>(
          'POST',
          'experiments/search',
          {
            filter: search.filter,
            order_by: search.orderBy,
            view_type: search.viewType,
            max_results: search.pageSize ?? 1000,
            page_token: token,
          },
          search,
        );
        return pageOf(reply.experiments, reply.next_page_token, toExperiment);
      }),

    async renameExperiment(experimentId: string, newName: string, options?: CallOptions): Promise<void> {
      const body = { experiment_id: experimentId, new_name: newName };
      await transport.repeatable('POST', 'experiments/update', body, options);
    },

    /** Deletes the experiment and its runs, so that they can be restored. */
    async deleteExperiment(experimentId: string, options?: CallOptions): Promise<void> {
      await transport.once('POST', 'experiments/delete', { experiment_id: experimentId }, options);
    },

    async restoreExperiment(experimentId: string, options?: CallOptions): Promise<void> {
      await transport.once('POST', 'experiments/restore', { experiment_id: experimentId }, options);
    },

    async setExperimentTag(experimentId: string, key: string, value: string, options?: CallOptions): Promise<void> {
      const body = { experiment_id: experimentId, key, value };
      await transport.repeatable('POST', 'experiments/set-experiment-tag', body, options);
    },

    async deleteExperimentTag(experimentId: string, key: string, options?: CallOptions): Promise<void> {
      const body = { experiment_id: experimentId, key };
      await transport.once('POST', 'experiments/delete-experiment-tag', body, options);
    },
  };

  async function created(name: string, options: CallOptions | undefined): Promise<Experiment> {
    try {
      return await getExperiment(await createExperiment(name, options), options);
    } catch (error) {
      // Somebody made it in the meantime.
      const found = hasCode(error, 'RESOURCE_ALREADY_EXISTS') ? await getExperimentByName(name, options) : undefined;
      if (found === undefined) throw error;
      return found;
    }
  }
}
