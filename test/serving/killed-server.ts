import { championOf, sampleModels } from './models.ts';
import { startServing } from './server.ts';

// A server in a process of its own, for a test to kill: says where it answers once its model is live.
const models = await sampleModels();
const server = await startServing(models, { dataDir: process.argv[2]! });
server.champions.decide(await championOf(models, 'fragile'));
await server.serving.settled();
process.send?.({ url: server.url });
