import { aLoggedModel, aRegisteredModel, aRunOfItsOwn, aVersion, given } from '../givens.ts';
import type { Json } from '../json.ts';
import { capability, get, post, refusedHere, sequence } from '../sequence.ts';

const wine = 'wine-{{unique}}';
const create = (fields: { [name: string]: Json } = {}, see?: string) =>
  post(
    'model-versions/create',
    { name: wine, source: 's3://bucket/model', ...fields },
    see === undefined ? {} : { see },
  );
const download = (version: string) => get('model-versions/get-download-uri', { name: wine, version });
const summary = 'model_version.source,run_id';

const refusedSource = (source: string, more: { [name: string]: Json } = {}) =>
  sequence(
    `refuses the source ${source} ${'run_id' in more ? 'of a run' : 'of no run'}`,
    ...aRunOfItsOwn(),
    aRegisteredModel(),
    create({ source, ...more }),
  );

export const modelSources = capability('sources of model versions', [
  ...[
    's3://bucket/some/model',
    'gs://bucket/some/model',
    'dbfs:/some/model',
    'wasbs://c@account.blob.core.windows.net/m',
  ].map((source) =>
    sequence(`takes ${source} as it is`, aRegisteredModel(), create({ source }, summary), download('1')),
  ),
  ...[
    '/etc/passwd',
    'file:///etc/passwd',
    './model',
    'model',
    '../model',
    's3://bucket/../model',
    's3://bucket/%2e%2e/model',
    's3://bucket/a//b/../c',
    's3://bucket/%252e%252e/x',
    'http://example.com/m',
    'https://example.com/m',
    'ftp://example.com/m',
    'sftp://example.com/m',
    'hdfs://host/m',
    'mlflow-artifacts://example.com/1/x',
    'mlflow-artifacts:/1/x',
  ].map((source) => refusedSource(source)),
  ...[
    '/etc/passwd',
    'file:///etc/passwd',
    'mlflow-artifacts:/{{experiment}}/other/artifacts/model',
    'mlflow-artifacts:/{{experiment}}/{{run}}/artifacts/../../x',
    'mlflow-artifacts:/{{experiment}}/{{run}}/artifacts/%2e%2e/x',
    'http://example.com/api/2.0/mlflow-artifacts/artifacts/1/x',
  ].map((source) => refusedSource(source, { run_id: '{{run}}' })),
  sequence(
    'takes a place inside the artifacts of the run',
    ...aRunOfItsOwn(),
    aRegisteredModel(),
    create({ source: 'mlflow-artifacts:/{{experiment}}/{{run}}/artifacts/model', run_id: '{{run}}' }, summary),
    download('1'),
  ),
  sequence(
    'takes the artifacts of the run themselves',
    ...aRunOfItsOwn(),
    aRegisteredModel(),
    create({ source: 'mlflow-artifacts:/{{experiment}}/{{run}}/artifacts', run_id: '{{run}}' }, summary),
    download('1'),
  ),
  sequence(
    'takes runs:/ of the run that is named',
    ...aRunOfItsOwn(),
    aRegisteredModel(),
    create({ source: 'runs:/{{run}}/model', run_id: '{{run}}' }, summary),
    download('1'),
  ),
  sequence(
    'refuses runs:/ of no or another run',
    ...aRunOfItsOwn(),
    aRegisteredModel(),
    create({ source: 'runs:/{{run}}/model' }),
    create({ source: `runs:/${'0'.repeat(32)}/model`, run_id: '{{run}}' }),
  ),
  sequence(
    'refuses a run that is not there',
    aRegisteredModel(),
    create({ source: `mlflow-artifacts:/1/${'0'.repeat(32)}/artifacts`, run_id: '0'.repeat(32) }),
  ),
  sequence(
    'does not ask for the run of a source in a bucket',
    aRegisteredModel(),
    create({ run_id: '0'.repeat(32) }, summary),
  ),
  sequence(
    'takes a logged model and tells it',
    ...aRunOfItsOwn(),
    aLoggedModel({ source_run_id: '{{run}}' }),
    aRegisteredModel(),
    create({ source: 'models:/{{model}}', model_id: '{{model}}' }),
    download('1'),
    get('logged-models/{{model}}', {}, { see: 'model.info.tags' }),
  ),
  sequence(
    'takes a logged model with its run',
    ...aRunOfItsOwn(),
    aLoggedModel({ source_run_id: '{{run}}' }),
    aRegisteredModel(),
    create({ source: 'models:/{{model}}', model_id: '{{model}}', run_id: '{{run}}' }, summary),
    create({ source: 'models:/{{model}}', model_id: '{{model}}' }, summary),
    get('logged-models/{{model}}', {}, { see: 'model.info.tags' }),
  ),
  sequence(
    'takes a place inside the artifacts of the logged model',
    ...aRunOfItsOwn(),
    aLoggedModel(),
    aRegisteredModel(),
    create({ source: 'mlflow-artifacts:/{{experiment}}/models/{{model}}/artifacts', model_id: '{{model}}' }, summary),
    download('1'),
  ),
  sequence(
    'refuses a logged model of no or another id',
    ...aRunOfItsOwn(),
    aLoggedModel(),
    aRegisteredModel(),
    create({ source: 'models:/{{model}}' }),
    create({ source: 'models:/{{model}}', model_id: `m-${'0'.repeat(32)}` }),
  ),
  sequence('is given a logged model that is not there', aRegisteredModel(), {
    ...create({ source: `models:/m-${'0'.repeat(32)}`, model_id: `m-${'0'.repeat(32)}` }),
    differs: { why: 'no 500 for a mistake', status: 404, errorCode: 'RESOURCE_DOES_NOT_EXIST' },
  }),
  sequence(
    'copies a version of another model',
    ...aRunOfItsOwn(),
    aRegisteredModel('source'),
    aVersion('source', { run_id: '{{run}}' }),
    aRegisteredModel(),
    create({ source: 'models:/source-{{unique}}/1' }, summary),
    download('1'),
    create({ source: 'models:/source-{{unique}}/1', run_id: '{{run}}', run_link: '', description: '' }),
  ),
  sequence(
    'pins what latest, a stage or an alias means when it copies',
    aRegisteredModel('source'),
    aVersion('source'),
    aVersion('source'),
    given(post('model-versions/transition-stage', { name: 'source-{{unique}}', version: '1', stage: 'Production' })),
    given(post('registered-models/alias', { name: 'source-{{unique}}', alias: 'best', version: '1' })),
    aRegisteredModel(),
    create({ source: 'models:/source-{{unique}}/latest' }, summary),
    create({ source: 'models:/source-{{unique}}/Production' }, summary),
    create({ source: 'models:/source-{{unique}}@best' }, summary),
  ),
  sequence(
    'refuses to copy what is not there',
    aRegisteredModel('source'),
    aVersion('source'),
    aRegisteredModel(),
    create({ source: 'models:/source-{{unique}}/9' }),
    create({ source: 'models:/never-{{unique}}/1' }),
    create({ source: 'models:/source-{{unique}}@none' }),
  ),
  sequence(
    'refuses to copy for another run',
    ...aRunOfItsOwn(),
    aRegisteredModel('source'),
    aVersion('source'),
    aRegisteredModel(),
    create({ source: 'models:/source-{{unique}}/1', run_id: '{{run}}' }),
  ),
  sequence(
    'is given a source that is no URI of a model',
    aRegisteredModel(),
    create({ source: 'models:/' }),
    create({ source: 'models:/a/b/c' }),
    create({ source: 'models://a/1' }),
  ),
  sequence('is given a source with a NUL in it', aRegisteredModel(), create({ source: 's3://bucket/a\u0000b' })),
  sequence(
    'checks tags given at creation',
    aRegisteredModel(),
    create({ tags: [{ key: 'a//b', value: 'v' }] }),
    create({ tags: [{ key: 'k'.repeat(251), value: 'v' }] }),
    refusedHere('no silent default', create({ tags: [{ key: 'a', value: 5 }] })),
  ),
]);
