/**
 * Trains a wine classifier with three settings, tracks each training as a run, and registers the best model.
 * Nothing in here knows Cellar from any other MLflow server: the address comes from MLFLOW_TRACKING_URI.
 */
import { userInfo } from 'node:os';
import {
  getTrackingUri,
  logInput,
  logMetric,
  logMetrics,
  logModel,
  logParams,
  registerModel,
  setExperiment,
  setTag,
  withRun,
} from 'cellar/client';
import { accuracy, predict, type Settings, train, weightedF1 } from './softmax-regression.ts';
import { readWine, split } from './wine.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

const wine = readWine();
const seed = 40;
const { training, testing } = split(wine, seed);

/** How many of the measurements the model may see, and how it learns. */
const candidates: (Settings & { readonly features: number })[] = [
  { features: 2, learningRate: 0.5, l2: 0.001, epochs: 100 },
  { features: 5, learningRate: 0.5, l2: 0.001, epochs: 100 },
  { features: 13, learningRate: 0.5, l2: 0.001, epochs: 100 },
];

async function track(settings: (typeof candidates)[number]) {
  const seen = (rows: number[][]) => rows.map((row) => row.slice(0, settings.features));

  return withRun(async (run) => {
    logParams({ ...settings, seed });
    setTag('model_name', 'Winesoftmax');
    await logInput(
      {
        name: 'wine',
        digest: wine.digest,
        sourceType: 'local',
        source: JSON.stringify({ uri: 'wine.csv' }),
        schema: JSON.stringify({
          mlflow_colspec: [
            ...wine.features.map((name) => ({ type: 'double', name, required: true })),
            { type: 'long', name: 'class', required: true },
          ],
        }),
        profile: JSON.stringify({ num_rows: wine.rows.length }),
      },
      'training',
    );

    const names = wine.features.slice(0, settings.features);
    const model = train(names, seen(training.rows), training.labels, settings, ({ epoch, ...metrics }) => {
      logMetric('training_loss', metrics.loss, { step: epoch });
      logMetric('training_accuracy', metrics.accuracy, { step: epoch });
    });

    const predicted = predict(model, seen(testing.rows));
    const scores = { Accuracy: accuracy(predicted, testing.labels), F1: weightedF1(predicted, testing.labels) };
    logMetrics(scores);
    const logged = await logModel({
      name: 'model',
      modelType: model.kind,
      files: { 'model.json': `${JSON.stringify(model, undefined, 2)}\n` },
    });
    const said = Object.entries(scores).map(([name, value]) => `${name} ${value.toFixed(4)}`);
    say(`${settings.features} features: ${said.join(', ')} (run ${run.runId})`);
    return { ...scores, modelId: logged.modelId };
  });
}

await setExperiment(`/Users/${userInfo().username}/WineTypeScript`);
const results = [];
for (const settings of candidates) results.push(await track(settings));

const best = results.reduce((a, b) => (b.F1 > a.F1 ? b : a));
const version = await registerModel(`models:/${best.modelId}`, 'winetest-typescript');
say(`Registered ${version.name} version ${version.version} on ${getTrackingUri()}`);
