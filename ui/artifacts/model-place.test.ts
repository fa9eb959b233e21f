import { expect, it } from 'vitest';
import { modelPlace } from './model-place.ts';

const run = '0123456789abcdef0123456789abcdef';

it.each([
  ['models:/m-1', { owner: { modelId: 'm-1' }, folder: '' }],
  ['mlflow-artifacts:/3/models/m-1/artifacts', { owner: { modelId: 'm-1' }, folder: '' }],
  [`runs:/${run}/model`, { owner: { runId: run }, folder: 'model' }],
  [`runs:/${run}/best/model/`, { owner: { runId: run }, folder: 'best/model' }],
  [`mlflow-artifacts:/3/${run}/artifacts/model`, { owner: { runId: run }, folder: 'model' }],
  ['s3://bucket/model', undefined],
  ['models:/AImodel/3', undefined],
  ['', undefined],
])('a version from %j has its files in %j', (source, place) => expect(modelPlace(source)).toEqual(place));
