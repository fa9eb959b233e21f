import path from 'node:path';
import { championOf, sampleModels } from '../../test/serving/models.ts';
import { startServing } from '../../test/serving/server.ts';

// Cellar serving the wine forest in the runtime that is named, in a process of its own, until its parent ends it.
const runtime = process.argv[2] === 'onnx' ? 'onnx' : 'python';
const models = await sampleModels();
const server = await startServing(models);
server.champions.decide(await championOf(models, 'wine-100', { serve: { replicas: 1, runtime } }));
await server.serving.settled();
process.on('disconnect', () => {
  void server.close().then(() => process.exit(0));
});
process.send?.({ url: server.url, compiled: path.join(server.dataDir, 'serving/onnx') });
