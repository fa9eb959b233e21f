import { nextId } from './ids.ts';
import { afterCommit, all, get, run, type Storage, type Tx } from './storage.ts';

const remembered = 100_000;

/**
 * The dictionary of metric, param and tag names. A name keeps its id for ever, so what was read once may be
 * remembered, on both engines.
 */
export interface Keys {
  /** The id of a key, made if it is new. */
  idOf(key: string): Tx<number>;
  /** The id of a key, or undefined when nothing was ever logged under it. */
  find(key: string): Tx<number | undefined>;
  /** The keys behind ids. */
  namesOf(ids: Iterable<number>): Tx<ReadonlyMap<number, string>>;
}

export function openKeys(storage: Pick<Storage, 'dialect'>): Keys {
  const { dialect } = storage;
  let ids = new Map<string, number>();
  let names = new Map<number, string>();

  function remember(key: string, id: number): void {
    if (ids.size >= remembered) {
      ids = new Map();
      names = new Map();
    }
    ids.set(key, id);
    names.set(id, key);
  }

  function* find(key: string): Tx<number | undefined> {
    const known = ids.get(key);
    if (known !== undefined) return known;
    const row = yield* get<{ key_id: number }>('select key_id from keys where key = ?', [key]);
    if (row !== undefined) yield* afterCommit(() => remember(key, row.key_id));
    return row?.key_id;
  }

  return {
    find,
    *idOf(key) {
      const known = yield* find(key);
      if (known !== undefined) return known;
      const id = yield* nextId('key');
      const inserted = yield* run('insert into keys(key_id, key) values (?, ?) on conflict do nothing', [id, key]);
      if (inserted === 0) return (yield* find(key))!;
      yield* afterCommit(() => remember(key, id));
      return id;
    },
    *namesOf(wanted) {
      const known = names;
      const asked = [...new Set(wanted)];
      const missing = asked.filter((id) => !known.has(id));
      if (missing.length === 0) return known;
      // What is remembered may be thrown away before all of it has been put together.
      const found = new Map(asked.flatMap((id) => (known.has(id) ? [[id, known.get(id)!]] : [])));
      const sql = `select key_id, key from keys where ${dialect.isAnyOf('key_id', missing)}`;
      for (const row of yield* all<{ key_id: number; key: string }>(sql, [dialect.list(missing)])) {
        found.set(row.key_id, row.key);
        remember(row.key, row.key_id);
      }
      return found;
    },
  };
}
