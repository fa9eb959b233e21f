import { get, type Tx } from './storage.ts';

/** The next integer of a named counter. Gaps are possible, repetitions are not. */
export function* nextId(counter: string): Tx<number> {
  const row = yield* get<{ value: number }>('update counters set value = value + 1 where name = ? returning value', [
    counter,
  ]);
  if (row === undefined) throw new Error(`There is no counter '${counter}'.`);
  return row.value;
}
