import type { Static } from 'typebox';
import { type Endpoint, endpoint } from '../http/api.ts';
import type { Champion } from './champions.ts';
import type { ServedSlot } from './reconciler.ts';
import type { ServingService } from './service.ts';
import type { DeploymentRecord } from './store.ts';
import {
  type DeploymentReply,
  historyQuery,
  logQuery,
  logReply,
  type ServedSlotReply,
  servedDetail,
  servedList,
  servedReply,
  slotPath,
} from './wire.ts';

type Serving = Pick<ServingService, 'slots' | 'slot' | 'history' | 'logLines' | 'restart'>;

const tag = 'deployments';
const place = '/deployments/:environment/:service';
const defaultHistory = 20;
const defaultLines = 100;

/** What is served, under /api/v1. */
export function deploymentRoutes(serving: Serving): Endpoint[] {
  return [
    endpoint('GET', '/deployments', { summary: 'Lists what is served now.', tag, reply: servedList }, () => ({
      deployments: serving.slots().map(presentSlot),
    })),
    endpoint(
      'GET',
      place,
      {
        summary: 'Shows what is served for a service in an environment, and what was, newest first.',
        tag,
        path: slotPath,
        input: historyQuery,
        reply: servedDetail,
      },
      async ({ path: { environment, service }, input: { limit } }) => {
        const slot = serving.slot(environment, service);
        const history = await serving.history(slot.slotNo, limit ?? defaultHistory);
        return { ...presentSlot(slot), history: history.map(presentDeployment) };
      },
    ),
    endpoint(
      'GET',
      `${place}/logs`,
      {
        summary: 'Reads the last lines that the workers of a service printed.',
        tag,
        path: slotPath,
        input: logQuery,
        reply: logReply,
      },
      async ({ path: { environment, service }, input: { lines } }): Promise<Static<typeof logReply>> => ({
        lines: await serving.logLines(environment, service, lines ?? defaultLines),
      }),
    ),
    endpoint(
      'POST',
      `${place}/restart`,
      {
        summary: 'Replaces the workers of a service by fresh ones, one after the other; requests go on being answered.',
        tag,
        path: slotPath,
        reply: servedReply,
      },
      async ({ path: { environment, service } }) => presentSlot(await serving.restart(environment, service)),
    ),
  ];
}

const presentChampion = ({ registeredModel, version, codeVersion, decisionId }: Champion) => ({
  registeredModel,
  version,
  codeVersion,
  decisionId,
});

function presentSlot({ environment, service, live, starting, problem }: ServedSlot): ServedSlotReply {
  return {
    environment,
    service,
    path: `/serve/${encodeURIComponent(environment)}/${encodeURIComponent(service)}`,
    live: live === undefined ? null : presentLive(live),
    starting: starting === undefined ? null : presentChampion(starting),
    problem: problem ?? null,
  };
}

function presentLive({ deploymentNo, deployment, sinceMs }: NonNullable<ServedSlot['live']>) {
  const { champion, model, workers, restarts, queue, memoryBytes } = deployment;
  return {
    ...presentChampion(champion),
    deploymentNo,
    runtime: model.runtime,
    runtimeReason: model.reason,
    checked: model.checked,
    sinceTime: sinceMs,
    replicas: champion.serve.replicas,
    workers,
    restarts,
    pendingRequests: queue.pending,
    memoryBytes,
  };
}

const presentDeployment = (record: DeploymentRecord): DeploymentReply => ({
  deploymentNo: record.deploymentNo,
  environment: record.environment,
  service: record.service,
  registeredModel: record.registeredModel,
  version: record.version,
  codeVersion: record.codeVersion,
  decisionId: record.decisionId,
  status: record.status,
  runtime: record.runtime,
  runtimeReason: record.runtimeReason,
  checked: record.checked,
  reason: record.reason,
  artifactDigest: record.artifactDigest,
  creationTime: record.creationTime,
  liveTime: record.liveTime,
  endTime: record.endTime,
});
