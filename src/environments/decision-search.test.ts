import { expect, test } from 'vitest';
import { type Json, withServer } from '../../test/support/app.ts';
import { aService, withoutPython } from '../../test/support/environments.ts';
import { onEveryEngine } from '../../test/support/stores.ts';

onEveryEngine((engine) => {
  const server = withServer(engine, withoutPython);

  test('decisions are found by the beginning of an id, by service and environment, and by champion', async () => {
    const wine = await aService(server);
    await wine.apply();
    const one = await wine.log({ accuracy: 0.7 });
    const first = await wine.select('prod');
    const two = await wine.log({ accuracy: 0.8 });
    const second = await wine.select('prod');
    const int = await wine.select('int');
    const idOf = ({ decision }: Json): string => decision.id;
    const [firstId, secondId, intId] = [idOf(first), idOf(second), idOf(int)];
    const find = async (text: string): Promise<string[]> =>
      (await wine.call('GET', `decisions/find?${new URLSearchParams({ text })}`)).decisions.map(({ id }: Json) => id);

    expect(await find(firstId.slice(0, 12).toUpperCase())).toEqual([firstId]);
    const onProd = (await wine.decisions('prod')).map(({ id }) => id);
    expect(await find(`${wine.service} prod`)).toEqual(onProd);
    expect(await find(`PROD ${wine.service}`)).toEqual(onProd);
    const model = wine.model('AImodel');
    expect(await find(model.toLowerCase())).toEqual([intId, secondId, firstId]);
    expect(await find(`${model} v${one.version}`)).toEqual([firstId]);
    expect(await find(`${model} ${two.version}`)).toEqual([intId, secondId]);
    expect(await find(`${model} 99`)).toEqual([]);
    expect(await find('%')).toEqual([]);
    expect(await find('  ')).toEqual([]);
  });
});
