import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { localArtifactStore } from '../../src/artifacts/local-store.ts';
import { artifactsService } from '../../src/artifacts/service.ts';
import { createApp } from '../../src/http/app.ts';
import { deploymentRoutes } from '../../src/serving/deployment-routes.ts';
import { type ServingOptions, type ServingService, servingService } from '../../src/serving/service.ts';
import { openStorage } from '../../src/storage/open.ts';
import { DecidedChampions } from './champions.ts';
import type { SampleModels } from './models.ts';

/** Serving alone, on a real database and a free port. */
export interface ServingServer {
  readonly url: string;
  readonly serving: ServingService;
  readonly champions: DecidedChampions;
  /** Where it keeps everything; given again, the same server starts again. */
  readonly dataDir: string;
  close(): Promise<void>;
}

export async function startServing(
  { folder, python }: SampleModels,
  options: Partial<ServingOptions> & { champions?: DecidedChampions; dataDir?: string; port?: number } = {},
): Promise<ServingServer> {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'cellar-serving-'));
  const logger = pino({ level: process.env['CELLAR_LOG_LEVEL'] ?? 'silent' });
  const storage = await openStorage({ url: undefined, dataDir, durability: 'normal' }, Date.now);
  const champions = options.champions ?? new DecidedChampions();
  const serving = await servingService({
    storage,
    clock: Date.now,
    artifacts: artifactsService({ store: await localArtifactStore({ root: folder }) }),
    python,
    folder: path.join(dataDir, 'serving'),
    logger,
    ...options,
    champions,
  });
  const app = createApp({
    logger,
    allowedHosts: [],
    allowedOrigins: [],
    routes: [...serving.routes, ...deploymentRoutes(serving)],
    metrics: [serving.metrics],
  });
  await serving.start();
  const url = await app.listen({ port: options.port ?? 0, host: '127.0.0.1' });
  return {
    url,
    serving,
    champions,
    dataDir,
    async close() {
      await app.close();
      await serving.close();
      await storage.close();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
