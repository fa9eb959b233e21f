import { expect, test } from 'vitest';
import { type Json, withServer } from '../../test/support/app.ts';
import { aService, withoutPython } from '../../test/support/environments.ts';
import { onEveryEngine } from '../../test/support/stores.ts';

onEveryEngine((engine) => {
  const server = withServer(engine, withoutPython);

  test('versions are scored on the holdouts that environments pin now, one epoch for each', async () => {
    const wine = await aService(server);
    await wine.apply();
    const one = await wine.log({ accuracy: 0.7 });
    const two = await wine.log({ accuracy: 0.8, code: '2.0' });
    const model = wine.model('AImodel');
    const versions = [one.version, two.version, two.version + 1, 99].map((version) => ({
      registeredModel: model,
      version,
    }));
    const scores = async (): Promise<Json[]> => (await wine.call('POST', 'scores', { versions })).epochs;
    await wine.select('int');
    await wine.log();

    const slots = ['int', 'prod'].map((environment) => ({ service: wine.service, environment }));
    const scored = ({ version }: { version: number }, score: number) =>
      expect.objectContaining({ registeredModel: model, version, score });
    expect(await scores()).toEqual([
      {
        metric: { name: 'accuracy', goal: 'maximize' },
        holdout: expect.objectContaining({ name: wine.holdout, version: 1 }),
        slots,
        scores: [scored(one, 0.7), scored(two, 0.8)],
      },
    ]);

    await wine.upload('x,class\n5,a\n6,b\n');
    await wine.apply({ holdout: `${wine.holdout}@2` });
    expect(await scores()).toEqual([]);
  });

  test('no version at all is asked for in vain', async () => {
    const wine = await aService(server);
    const { status, body } = await wine.refused('POST', 'scores', { versions: [] });
    expect([status, body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
  });
});
