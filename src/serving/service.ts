import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { ArtifactsService } from '../artifacts/service.ts';
import { notFound } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import type { Champion, ChampionSource } from './champions.ts';
import { Deployment } from './deployment.ts';
import { gateway } from './gateway.ts';
import { type DeploymentMeter, servingMetrics } from './metrics.ts';
import { modelFolders } from './model-folder.ts';
import { defaultLimits, type QueueLimits } from './queue.ts';
import { defaultStartLimits, makeReady, type StartLimits } from './ready-model.ts';
import { type DeploymentHistory, Reconciler, type ServedSlot } from './reconciler.ts';
import { servingRoutes } from './routes.ts';
import {
  type DeploymentRecord,
  deploymentsOfSlot,
  endLeftovers,
  findCompilation,
  insertDeployment,
  markConfirmed,
  markDraining,
  markEnded,
  markLive,
  markWarming,
  saveCompilation,
} from './store.ts';
import { openWorkerLog, readWorkerLog, type WorkerLog } from './worker-log.ts';

export type { Champion, ChampionSource, ServeSettings } from './champions.ts';
export { deploymentRoutes } from './deployment-routes.ts';
export type { DeploymentRecord } from './store.ts';

export interface ServingOptions {
  readonly storage: Storage;
  readonly clock: () => number;
  readonly artifacts: ArtifactsService;
  readonly champions: ChampionSource;
  /** The Python that loads models. */
  readonly python: string;
  /** Copies of models, compiled models, logs and the workers' temporary folders lie below it. */
  readonly folder: string;
  readonly logger: FastifyBaseLogger;
  /** A worker process that holds more is replaced; undefined is no limit. */
  readonly maxWorkerMemoryBytes?: number;
  readonly queueLimits?: Partial<QueueLimits>;
  readonly startLimits?: Partial<StartLimits>;
}

export type ServingService = Awaited<ReturnType<typeof servingService>>;

/** Serves the champions: starts them, swaps them, answers with them, and tells what it does. */
export async function servingService(options: ServingOptions) {
  const { storage, clock, champions, folder, logger, python } = options;
  const server = `${hostname()}:${folder}`;
  const workFolder = path.join(folder, 'work');
  // Temporary folders of workers that a killed server left behind.
  try {
    rmSync(workFolder, { recursive: true, force: true });
  } catch (err) {
    logger.warn({ err }, 'temporary folders of workers cannot be removed');
  }
  const folders = await modelFolders(options.artifacts, path.join(folder, 'models'));
  const limits = { ...defaultLimits, ...options.queueLimits };
  const startLimits = { ...defaultStartLimits, ...options.startLimits };
  const logs = new Map<number, WorkerLog>();
  const meters = new WeakMap<Deployment, DeploymentMeter>();

  const logFile = (slotNo: number) => path.join(folder, 'logs', `slot-${slotNo}.log`);
  const logOf = (slotNo: number): WorkerLog => {
    const known = logs.get(slotNo);
    if (known !== undefined) return known;
    const opened = openWorkerLog(logFile(slotNo));
    logs.set(slotNo, opened);
    return opened;
  };

  const history: DeploymentHistory = {
    begin: (champion) => storage.write(() => insertDeployment(server, champion, clock())),
    live: (deploymentNo, { model }) => storage.write(() => markLive(deploymentNo, model, clock())),
    confirmed: (deploymentNo, decisionId) => storage.write(() => markConfirmed(deploymentNo, decisionId)),
    draining: (deploymentNo) => storage.write(() => markDraining(deploymentNo)),
    ended: (deploymentNo, status, reason) => storage.write(() => markEnded(deploymentNo, status, reason, clock())),
  };

  async function open(champion: Champion, deploymentNo: number, signal: AbortSignal): Promise<Deployment> {
    const log = logOf(champion.slotNo);
    const { registeredModel, version } = champion;
    log.write(`${new Date(clock()).toISOString()} starting ${registeredModel} version ${version}\n`);
    const modelFolder = await folders.fetch(champion.storageLocation, champion.artifactDigest);
    await storage.write(() => markWarming(deploymentNo));
    const model = await makeReady({
      champion,
      folder: modelFolder,
      python,
      workFolder,
      compiledFolder: path.join(folder, 'onnx'),
      limits: startLimits,
      log,
      signal,
      compilations: {
        find: (digest, key) => storage.read(() => findCompilation(digest, key)),
        record: (digest, key, compilation) => storage.write(() => saveCompilation(digest, key, compilation, clock())),
      },
    });
    const meter = metrics.meter(champion);
    const about = { environment: champion.environment, service: champion.service, model: registeredModel, version };
    const deployment = await Deployment.open({
      champion,
      model,
      limits,
      events: meter,
      maxMemoryBytes: options.maxWorkerMemoryBytes,
      onRestart(reason) {
        meter.restarted();
        log.write(`${new Date(clock()).toISOString()} a worker ended (${reason}) and is started again\n`);
        logger.warn({ ...about, reason }, 'a worker ended and is started again');
      },
      onFailedStart: (error) => logger.warn({ ...about, err: error }, 'a worker did not start; trying again'),
    });
    meters.set(deployment, meter);
    return deployment;
  }

  const reconciler = new Reconciler({
    champions,
    history,
    open,
    logger,
    onSettled: (kept) => folders.keepOnly(new Set(kept.map(({ artifactDigest }) => artifactDigest))),
  });
  const metrics = servingMetrics(() => reconciler.slots);

  /** Throws RESOURCE_DOES_NOT_EXIST. */
  function slotOf(environment: string, service: string): ServedSlot {
    const slot = reconciler.find(environment, service);
    if (slot === undefined) throw notFound(`No champion of '${service}' is served on '${environment}'.`);
    return slot;
  }

  return {
    routes: servingRoutes(gateway({ reconciler, meterOf: (deployment) => meters.get(deployment)! })),
    metrics: metrics.registry,

    /** Starts serving what is decided, and follows every change from then on. */
    async start(): Promise<void> {
      await storage.write(() => endLeftovers(server, clock()));
      reconciler.start();
    },

    /** Resolves when every slot serves what it should, or has a problem. */
    settled: () => reconciler.settled(),

    /** What is served now, in the order of environments and services. */
    slots: (): readonly ServedSlot[] =>
      [...reconciler.slots].sort(
        (a, b) => a.environment.localeCompare(b.environment) || a.service.localeCompare(b.service),
      ),

    slot: slotOf,

    /** The newest deployments of a slot first. */
    history: (slotNo: number, limit: number): Promise<DeploymentRecord[]> =>
      storage.read(() => deploymentsOfSlot(slotNo, limit)),

    /** The last lines that the workers of a slot printed. */
    logLines: (environment: string, service: string, lines: number): Promise<string[]> =>
      readWorkerLog(logFile(slotOf(environment, service).slotNo), lines),

    /** Replaces every worker of a slot by a fresh one, one after the other. Throws RESOURCE_DOES_NOT_EXIST. */
    async restart(environment: string, service: string): Promise<ServedSlot> {
      const slot = slotOf(environment, service);
      if (slot.live === undefined) reconciler.retry(slot.slotNo);
      else await slot.live.deployment.renew();
      return slotOf(environment, service);
    },

    /** Ends all workers. What is still waiting is told to ask again. */
    async close(): Promise<void> {
      await reconciler.close();
      for (const log of logs.values()) log.close();
    },
  };
}
