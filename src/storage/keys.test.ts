import { expect, it } from 'vitest';
import { makePlace, onEveryEngine } from '../../test/support/stores.ts';
import { openKeys } from './keys.ts';
import { openStorage } from './open.ts';
import { run } from './storage.ts';

onEveryEngine((engine) => {
  it('names every id, also more than are remembered', async () => {
    const place = await makePlace(engine);
    const storage = await openStorage({ url: place.store, dataDir: place.dataDir, durability: 'normal' }, () => 1);
    const count = 100_010;
    const numbers = 'with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ?)';
    await storage.write(() =>
      run(
        engine === 'sqlite'
          ? `${numbers} insert into keys(key_id, key) select n, 'key ' || n from numbers`
          : `insert into keys(key_id, key) select n, 'key ' || n from generate_series(1, ?) n`,
        [count],
      ),
    );
    const keys = openKeys(storage);
    const ids = Array.from({ length: count }, (_, i) => i + 1);
    await storage.read(() => keys.namesOf(ids.slice(0, 99_990)));
    for (const asked of [ids.slice(99_000), ids, ids.slice(0, 10)]) {
      const names = await storage.read(() => keys.namesOf(asked));
      expect(asked.filter((id) => names.get(id) !== `key ${id}`)).toEqual([]);
    }
    await storage.close();
    await place.remove();
  });
});
