import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyBaseLogger } from 'fastify';
import { localArtifactStore } from './artifacts/local-store.ts';
import { pageArtifactRoutes } from './artifacts/page-routes.ts';
import { artifactRoutes, transferFeatures } from './artifacts/routes.ts';
import { runArtifactRoutes } from './artifacts/run-routes.ts';
import { artifactsService } from './artifacts/service.ts';
import type { Config } from './config.ts';
import { environmentRoutes } from './environments/routes.ts';
import {
  environmentsService,
  modelSubjects,
  type SelectionStep,
  slotGovernor,
  sourceKeeper,
} from './environments/service.ts';
import { AppError } from './errors.ts';
import { evaluationRoutes } from './evaluation/routes.ts';
import { evaluationService } from './evaluation/service.ts';
import { described } from './http/api.ts';
import { createApp } from './http/app.ts';
import { prepareDrain } from './http/drain.ts';
import { message } from './http/message.ts';
import { answerProbes } from './http/probes.ts';
import { get } from './http/route.ts';
import { serveStatic } from './http/static.ts';
import { jobRoutes } from './jobs/routes.ts';
import { jobsService } from './jobs/service.ts';
import { registryRoutes } from './registry/routes.ts';
import { defaultAllowedSources, registryPieces, registryService } from './registry/service.ts';
import { deploymentRoutes, servingService } from './serving/service.ts';
import { lockDataFolder } from './storage/lock.ts';
import { openStorage } from './storage/open.ts';
import { trackingService } from './tracking/service.ts';
import { version } from './version.ts';

export interface RunningServer {
  /** Where it answers, e.g. `http://127.0.0.1:5000`. */
  readonly url: string;
  /** Answers what is under way, writes what is queued, and releases the data folder. */
  close(): Promise<void>;
}

export interface Hooks {
  /** Told of every step of a selection; tests end the process there. */
  readonly onSelectionStep?: (
    step: SelectionStep,
    slot: { readonly service: string; readonly environment: string },
  ) => void;
}

/** The one place where everything meets: configuration, storage, rooms, HTTP. */
export async function startServer(
  config: Config,
  logger: FastifyBaseLogger,
  { onSelectionStep }: Hooks = {},
): Promise<RunningServer> {
  const clock = Date.now;
  const unlock = config.store === undefined ? lockDataFolder(config.dataDir) : () => undefined;
  const opened: (() => Promise<void> | void)[] = [unlock];
  try {
    const storage = await openStorage(
      { url: config.store, dataDir: config.dataDir, durability: config.durability },
      clock,
    );
    opened.unshift(() => storage.close());

    const { dialect } = storage;
    const tracking = trackingService({
      storage,
      clock,
      artifactRoot: 'mlflow-artifacts:/',
      mayDelete: sourceKeeper({ dialect, registry: registryPieces }),
    });
    await tracking.experiments.ensureDefault();
    const deciding = {
      dialect,
      registry: registryPieces,
      candidates: tracking.candidates,
      noteModelVersion: tracking.lookups.addModelVersionToLoggedModel,
      newId: (prefix: string) => `${prefix}-${randomUUID().replaceAll('-', '')}`,
    };
    const registry = registryService({
      storage,
      clock,
      lookups: tracking.lookups,
      allowedSources: defaultAllowedSources,
      governor: slotGovernor(deciding),
    });
    const artifacts = artifactsService({
      store: await localArtifactStore({ root: path.join(config.dataDir, 'artifacts') }),
    });

    const jobs = jobsService({ storage, clock, folder: path.join(config.dataDir, 'jobs'), logger });
    opened.unshift(jobs.close);
    const evaluation = evaluationService({
      storage,
      clock,
      logger,
      jobs,
      tracking,
      models: artifacts.store,
      systemStore: await localArtifactStore({ root: path.join(config.dataDir, 'system') }),
      modelNamed: modelSubjects({ ...deciding, storage, clock, artifacts }).named,
      findVersion: registryPieces.findVersion,
      python: config.python,
    });
    opened.unshift(evaluation.evaluations.close);
    await jobs.open();

    const environments = environmentsService({
      ...deciding,
      storage,
      clock,
      artifacts,
      evaluation,
      compare: evaluation.evaluations.compare,
      log: logger,
      instance: randomUUID(),
      onStep: (step, slot) => {
        logger.debug({ step, ...slot }, 'selection');
        onSelectionStep?.(step, slot);
      },
    });

    opened.unshift(() => environments.stop());

    const artifactOwners = {
      artifacts,
      artifactUriOfRun: tracking.runs.artifactUri,
      artifactUriOfModelVersion: registry.modelVersions.downloadUri,
      artifactUriOfLoggedModel: tracking.loggedModels.artifactUri,
    };

    const serving = await servingService({
      storage,
      clock,
      artifacts,
      champions: {
        list: environments.champions,
        onChange: environments.onChange,
        quarantine: async ({ slotNo, versionNo }, reason) => {
          await environments.quarantine(slotNo, versionNo, reason);
        },
      },
      python: config.python,
      folder: path.join(config.dataDir, 'serving'),
      logger,
    });
    opened.unshift(serving.close);
    await serving.start();

    const app = createApp({
      logger,
      allowedHosts: config.allowedHosts,
      allowedOrigins: config.allowedOrigins,
      metrics: [serving.metrics],
      routes: described([
        ...tracking.routes,
        ...registryRoutes(registry),
        ...evaluationRoutes(evaluation),
        ...jobRoutes(jobs),
        ...environmentRoutes(environments),
        ...serving.routes,
        ...deploymentRoutes(serving),
        ...artifactRoutes({ store: artifacts.store, publicUrl: config.publicUrl }),
        ...runArtifactRoutes(artifactOwners),
        ...pageArtifactRoutes(artifactOwners),
        get('/mlflow/server-info', message({}), () => ({ ...serverInfo, ...transferFeatures(config.publicUrl) }), {
          version: '3.0',
        }),
      ]),
    });
    answerProbes(app, { version, ready: storage.ping });
    serveStatic(app, pageFolder);
    opened.unshift(prepareDrain(app));
    // Before the drain: a request that waits for evaluations would hold it up.
    opened.unshift(evaluation.evaluations.endWaits);
    await app.listen({ host: config.host, port: config.port }).catch((cause) => refuseToListen(config, cause));
    await environments.start();
    await evaluation.evaluations.open();
    const address = app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : config.port;
    const host = config.host.includes(':') ? `[${config.host}]` : config.host;
    return {
      url: `http://${host}:${port}`,
      close: async () => {
        for (const close of opened) await close();
      },
    };
  } catch (error) {
    for (const close of opened) await close();
    throw error;
  }
}

function refuseToListen({ host, port }: Config, cause: unknown): never {
  const code = (cause as { code?: string }).code;
  if (code === 'EADDRINUSE')
    throw new AppError(
      'INTERNAL_ERROR',
      `Port ${port} of ${host} is taken. Choose another --port, or 0 for any free one.`,
      { cause },
    );
  if (code === 'EACCES')
    throw new AppError('INTERNAL_ERROR', `Port ${port} is for administrators. Choose a --port above 1023.`, { cause });
  throw cause;
}

/** Where the build puts the page; from source (`npm run dev`, tests) it is two folders away. */
const pageFolder = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../dist/ui' : './ui', import.meta.url));

const serverInfo = {
  store_type: 'SqlStore',
  workspaces_enabled: false,
  trace_archival_enabled: false,
  features_enabled: { gateway: false },
};
