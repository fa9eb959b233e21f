import { describe, expect, it } from 'vitest';
import { withServer } from '../../test/support/app.ts';
import { aService, withoutPython } from '../../test/support/environments.ts';
import { cellar } from '../../test/support/terminal.ts';

const server = withServer('sqlite', withoutPython);
const evaluations = (...words: string[]) => cellar(['evaluations', ...words, '--server', server.url]);

describe('cellar evaluations', () => {
  it('has nothing to list at first', async () => {
    expect(await evaluations('list')).toMatchObject({ out: 'No evaluations.\n', exitCode: 0 });
  });

  it('shows what a model scored, also elsewhere', async () => {
    const wine = await aService(server);
    const { modelId, version } = await wine.log({});
    const holdout = `${wine.holdout}@1`;
    const metrics = { accuracy: 0.93, profit: 12 };
    const { evaluationId } = await wine.call('POST', 'evaluations', { modelId, holdout, metrics });
    const named = `${wine.model('AImodel')}/${version}`;
    expect((await evaluations('list', '--model', named, '--holdout', holdout)).out).toMatch(
      new RegExp(`${evaluationId} .* ${holdout} +succeeded +accuracy 0.93`),
    );
    const { out } = await evaluations('show', evaluationId);
    expect(out).toMatch(/^profit +12$/m);
    expect(out).toMatch(/^posted +.*, by anonymous$/m);
    expect(JSON.parse((await evaluations('show', evaluationId, '--json')).out)).toMatchObject({ metrics });
    expect(await evaluations('retry', evaluationId)).toMatchObject({
      err: expect.stringContaining('only a failed one is made again'),
      exitCode: 1,
    });
  });

  it('says how a version is named', async () => {
    expect(await evaluations('list', '--model', 'AImodel')).toMatchObject({
      err: expect.stringContaining('such as AImodel/3'),
      exitCode: 2,
    });
  });
});
