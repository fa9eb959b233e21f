import { expect, it } from 'vitest';
import { makePlace, onEveryEngine } from '../../test/support/stores.ts';
import { idBlocks, nextId } from './ids.ts';
import { openStorage } from './open.ts';

onEveryEngine((engine) => {
  it('never gives an integer of a counter twice, whatever fails beside it and who else asks', async () => {
    const place = await makePlace(engine);
    const storage = await openStorage({ url: place.store, dataDir: place.dataDir, durability: 'normal' }, () => 1);
    const given: number[] = [];
    async function ask(next: () => ReturnType<typeof nextId>, count: number) {
      const asked = Array.from({ length: count }, (_, i) =>
        storage.write(function* () {
          const id = yield* next();
          if (i % 7 === 3) throw new Error('no');
          return id;
        }),
      );
      for (const outcome of await Promise.allSettled(asked))
        if (outcome.status === 'fulfilled') given.push(outcome.value);
    }
    const blocks = idBlocks(storage, 'run');
    await ask(blocks, 20);
    for (let i = 0; i < 300; i++) await ask(blocks, 2);
    await ask(() => nextId('run'), 3);
    // As a process does that starts on the same database.
    const later = idBlocks(storage, 'run');
    await Promise.all([ask(later, 300), ask(blocks, 300)]);
    expect(given.length).toBeGreaterThan(1000);
    expect(new Set(given).size).toBe(given.length);
    await storage.close();
    await place.remove();
  });
});
