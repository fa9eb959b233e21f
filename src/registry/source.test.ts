import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import {
  type AllowedSources,
  type Claim,
  checkStillAllowed,
  defaultAllowedSources,
  type Facts,
  isWithin,
  parseSource,
  resolveSource,
} from './source.ts';

const host = 'cellar.test:5000';
const withLocalRoot: AllowedSources = { ...defaultAllowedSources, localRoots: ['/srv/runs'] };
const run = { runId: 'r1', artifactUri: 'mlflow-artifacts:/1/r1/artifacts' };
const model = { modelId: 'm-1', artifactUri: 'mlflow-artifacts:/1/models/m-1/artifacts', sourceRunId: 'r9' };
const none: Claim = { runId: undefined, modelId: undefined };
const ofRun: Claim = { runId: 'r1', modelId: undefined };
const ofModel: Claim = { runId: undefined, modelId: 'm-1' };

function decide(text: string, claim: Claim = none, facts: Facts = {}) {
  return resolveSource(text, parseSource(text, withLocalRoot, host), claim, facts);
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('an object store', () => {
  it.each([
    's3://bucket/a/b',
    'S3://bucket/a b/',
    'gs://b/x',
    'dbfs:/x/y',
    'wasbs://c@h/x',
    's3://b//x',
    's3://b/a%20b',
    's3://b/x?v=1',
  ])('keeps %s as it is', (text) =>
    expect(decide(text)).toEqual({ source: text, storageLocation: text, runId: '', modelId: null }),
  );

  it.each([
    's3://bucket',
    's3:x',
    's3:///',
    's3://b/../x',
    's3://b/a/..',
    's3://b/./a',
    's3://b/%2e%2e/x',
    's3://b/%252e%252e%252fx',
    's3://b/%25252525252e./x',
    's3://b/..%2fx',
    's3://b/a%00',
    's3://b/a\0',
    's3://b/..\\x',
    's3://b/a%5c..%5cb',
    's3://b/x?path=../../etc',
    's3://b/x#/../../etc',
    's3://b/x;/../y',
    's3://b/x;y',
    `s3://b/${'x'.repeat(2048)}`,
  ])('refuses %s', (text) => expect(codeOf(() => decide(text))).toBe('INVALID_PARAMETER_VALUE'));

  it('refuses what is percent-encoded over and over, without undoing it all', () => {
    const deep = `s3://b/%${'25'.repeat(1000)}2e`;
    expect(codeOf(() => decide(deep))).toBe('INVALID_PARAMETER_VALUE');
  });

  it.each([
    'foo://b/x',
    'ftp://h/x',
    'sftp://h/x',
    'http://h/x',
    'https://h/x',
    'data:text/plain,x',
    'javascript:x',
    'gopher://h/x',
    'hdfs://h/x',
    'abfss://c@h/x',
  ])('is not %s', (text) => expect(codeOf(() => decide(text))).toBe('INVALID_PARAMETER_VALUE'));

  it("takes the run from the logged model that is named with it, and wants that model's existence", () => {
    expect(decide('s3://b/x', ofModel, { model })).toMatchObject({ runId: 'r9', modelId: 'm-1' });
    expect(decide('s3://b/x', { runId: 'r2', modelId: 'm-1' }, { model })).toMatchObject({ runId: 'r2' });
    expect(codeOf(() => decide('s3://b/x', ofModel))).toBe('RESOURCE_DOES_NOT_EXIST');
  });
});

describe('runs:/', () => {
  it('is kept when it names the run of the request', () =>
    expect(decide('runs:/r1/model', ofRun)).toEqual({
      source: 'runs:/r1/model',
      storageLocation: 'runs:/r1/model',
      runId: 'r1',
      modelId: null,
    }));

  it.each([
    ['runs:/r1/model', none],
    ['runs:/r2/model', ofRun],
    ['runs:/r1/model', { runId: 'r1', modelId: 'm-1' }],
    ['runs:/r1', ofRun],
    ['runs:/r1/', ofRun],
    ['runs://r1/model', ofRun],
    ['runs:r1/model', ofRun],
    ['runs:/r1/../r2/model', ofRun],
    ['runs:/r1/a%2f..%2f..', ofRun],
    ['runs:/r1/model#x', ofRun],
  ])('refuses %s for %j', (text, claim) =>
    expect(codeOf(() => decide(text, claim, { model }))).toBe('INVALID_PARAMETER_VALUE'),
  );
});

describe('models:/ with a logged model', () => {
  it('becomes the place of that model, and takes its run', () =>
    expect(decide('models:/m-1', ofModel, { model })).toEqual({
      source: 'models:/m-1',
      storageLocation: model.artifactUri,
      runId: 'r9',
      modelId: 'm-1',
    }));

  it('wants the same model in the request', () => {
    expect(codeOf(() => decide('models:/m-1'))).toBe('INVALID_PARAMETER_VALUE');
    expect(codeOf(() => decide('models:/m-2', ofModel, { model }))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('must exist', () => expect(codeOf(() => decide('models:/m-1', ofModel))).toBe('RESOURCE_DOES_NOT_EXIST'));
});

describe('models:/ with a registered model', () => {
  const reference = (text: string) => parseSource(text, defaultAllowedSources, host);

  it.each([
    ['models:/wine/3', { by: 'version', version: 3 }],
    ['models:/wine/Production', { by: 'stage', stage: 'Production' }],
    ['models:/wine/LATEST', { by: 'latest' }],
    ['models:/wine@champion', { by: 'alias', alias: 'champion' }],
  ])('reads %s', (text, expected) =>
    expect(reference(text)).toEqual({ kind: 'modelVersion', name: 'wine', reference: expected }),
  );

  it('keeps a name byte for byte', () => {
    expect(reference('models:/a b#c;d%2f/1')).toMatchObject({ name: 'a b#c;d%2f' });
    expect(reference('models:/me@work@champion')).toMatchObject({ name: 'me@work', reference: { alias: 'champion' } });
  });

  it.each([
    'models:',
    'models:/',
    'models:wine/1',
    'models://wine/1',
    'models:/wine/',
    'models:/wine/1/x',
    'models:/@a',
    'models:/a@',
    'models:/ /1',
    'models:/wine/..',
  ])('refuses %s', (text) => expect(codeOf(() => reference(text))).toBe('INVALID_PARAMETER_VALUE'));

  const version = {
    name: 'wine',
    version: 7,
    storageLocation: 's3://b/x',
    runId: 'r1',
    modelId: 'm-1',
    isPrompt: false,
  };

  it('pins the version and inherits its place, run and logged model', () =>
    expect(decide('models:/wine@champion', none, { version })).toEqual({
      source: 'models:/wine/7',
      storageLocation: 's3://b/x',
      runId: 'r1',
      modelId: 'm-1',
    }));

  it('refuses another run or logged model, and a prompt', () => {
    expect(codeOf(() => decide('models:/wine/7', { runId: 'r2', modelId: undefined }, { version }))).toBe(
      'INVALID_PARAMETER_VALUE',
    );
    expect(codeOf(() => decide('models:/wine/7', { runId: undefined, modelId: 'm-2' }, { version }))).toBe(
      'INVALID_PARAMETER_VALUE',
    );
    expect(codeOf(() => decide('models:/wine/7', ofRun, { version }))).toBe('accepted');
    const prompt = { ...version, isPrompt: true };
    expect(codeOf(() => decide('models:/wine/7', none, { version: prompt }))).toBe('INVALID_PARAMETER_VALUE');
  });
});

describe('the artifact proxy', () => {
  const inside = 'mlflow-artifacts:/1/r1/artifacts/model';

  it('is accepted inside the run', () => {
    expect(decide(inside, ofRun, { run })).toMatchObject({ source: inside, storageLocation: inside, runId: 'r1' });
    expect(codeOf(() => decide(run.artifactUri, ofRun, { run }))).toBe('accepted');
    expect(codeOf(() => decide('mlflow-artifacts:/1/r1/artifacts/my%20model', ofRun, { run }))).toBe('accepted');
  });

  it('is accepted inside the logged model', () =>
    expect(decide(`${model.artifactUri}/x`, ofModel, { model })).toMatchObject({ modelId: 'm-1', runId: 'r9' }));

  it('is accepted as the URL that the caller uses, and stored without its host', () => {
    const text = `http://${host}/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/my%20model`;
    expect(decide(text, ofRun, { run })).toMatchObject({
      source: text,
      storageLocation: 'mlflow-artifacts:/1/r1/artifacts/my model',
    });
    expect(
      codeOf(() =>
        decide(`http://${host}/behind/proxy/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/m`, ofRun, { run }),
      ),
    ).toBe('accepted');
  });

  it.each([
    'mlflow-artifacts:/1/r2/artifacts/model',
    'mlflow-artifacts:/1/r1/artifacts2/model',
    'mlflow-artifacts:/1/r1',
    'mlflow-artifacts:/',
    'mlflow-artifacts:1/r1/artifacts/model',
    'mlflow-artifacts://elsewhere/1/r1/artifacts/model',
    'mlflow-artifacts:/1/r1/artifacts/../../r2/artifacts',
    'mlflow-artifacts:/1/r1/artifacts/%2e%2e/%2e%2e/r2',
    'mlflow-artifacts:/1/r1/artifacts/%252e%252e/x',
    'mlflow-artifacts:/1/r1/artifacts/m%2520x',
    'mlflow-artifacts:/1/r1/artifacts/%ff',
    'mlflow-artifacts:/1/r1/artifacts/m?x=1',
    'mlflow-artifacts:/1/r1/artifacts/m#x',
    `http://${host}/api/2.0/mlflow-artifacts/artifacts/1/r2/artifacts/m`,
    `http://${host}/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/m?x=1`,
    `http://${host}/elsewhere/1/r1/artifacts/m`,
    `http://${host}@evil.test/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/m`,
    `http://user:word@${host}/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/m`,
    'http://evil.test/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/m',
    'https:///api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/m',
  ])('refuses %s', (text) => expect(codeOf(() => decide(text, ofRun, { run }))).toBe('INVALID_PARAMETER_VALUE'));

  it('refuses a path that belongs to nothing, to an unknown run, or to a run whose artifacts are elsewhere', () => {
    expect(codeOf(() => decide(inside))).toBe('INVALID_PARAMETER_VALUE');
    expect(codeOf(() => decide(inside, ofRun))).toBe('INVALID_PARAMETER_VALUE');
    expect(codeOf(() => decide(inside, ofModel, { model }))).toBe('INVALID_PARAMETER_VALUE');
    const onS3 = { runId: 'r1', artifactUri: 's3://b/1/r1/artifacts' };
    expect(codeOf(() => decide(inside, ofRun, { run: onS3 }))).toBe('INVALID_PARAMETER_VALUE');
    const atRoot = { runId: 'r1', artifactUri: 'mlflow-artifacts:/' };
    expect(codeOf(() => decide(inside, ofRun, { run: atRoot }))).toBe('INVALID_PARAMETER_VALUE');
  });
});

describe('a local path', () => {
  const local = { source: '/srv/runs/1/r1/artifacts/model', root: '/srv/runs/1/r1/artifacts' };

  it('is accepted only where its real path is inside the real folder of the run', () => {
    expect(codeOf(() => decide('/srv/runs/1/r1/artifacts/model', ofRun, { local }))).toBe('accepted');
    expect(codeOf(() => decide('file:///srv/runs/1/r1/artifacts/model', ofRun, { local }))).toBe('accepted');
    const escaped = { ...local, source: '/etc' };
    expect(codeOf(() => decide('/srv/runs/1/r1/artifacts/link', ofRun, { local: escaped }))).toBe(
      'INVALID_PARAMETER_VALUE',
    );
    const sibling = { ...local, source: '/srv/runs/1/r1/artifacts-2' };
    expect(codeOf(() => decide('/srv/runs/1/r1/artifacts-2', ofRun, { local: sibling }))).toBe(
      'INVALID_PARAMETER_VALUE',
    );
    expect(codeOf(() => decide('/srv/runs/1/r1/artifacts/model', ofRun))).toBe('INVALID_PARAMETER_VALUE');
  });

  it.each([
    'model',
    './model',
    '../model',
    'file:model',
    'file://host/x',
    'file:////host/x',
    'C:\\x',
    'C:/x',
    'file:///a/%2e%2e/b',
    'file:///a%2fb',
    'dummy-source',
    '',
  ])('is not %j', (text) => expect(codeOf(() => decide(text, ofRun, { local }))).toBe('INVALID_PARAMETER_VALUE'));

  it('compares whole segments', () =>
    expect([isWithin('/a/b', '/a'), isWithin('/a', '/a'), isWithin('/ab', '/a'), isWithin('/a', '/')]).toEqual([
      true,
      true,
      false,
      true,
    ]));
});

describe('on reading', () => {
  it('a location outside of what the operator allows now is refused', () => {
    const narrowed: AllowedSources = { schemes: ['gs'], localRoots: [] };
    for (const kept of ['gs://b/x', 'mlflow-artifacts:/1/x', 'runs:/r/x'])
      expect(codeOf(() => checkStillAllowed(kept, narrowed))).toBe('accepted');
    for (const gone of ['s3://b/x', '/srv/runs/x', 'file:///srv/runs/x', 'http://h/x'])
      expect(codeOf(() => checkStillAllowed(gone, narrowed))).toBe('INVALID_PARAMETER_VALUE');
    expect(codeOf(() => checkStillAllowed('file:///srv/runs/x', withLocalRoot))).toBe('accepted');
    expect(codeOf(() => checkStillAllowed('/srv/runs2/x', withLocalRoot))).toBe('INVALID_PARAMETER_VALUE');
  });
});
