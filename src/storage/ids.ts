import { afterCommit, get, type Storage, type Tx } from './storage.ts';

/** How many integers a block has. */
const blockSize = 256;

/** The next integer of a named counter. Gaps are possible, repetitions are not. */
export function* nextId(counter: string): Tx<number> {
  return yield* takeIds(counter, 1);
}

/**
 * Like `nextId`, for a counter that is asked all the time: where this process is the only writer, integers are taken in
 * blocks, and most cost no statement. What is left of a block when the process ends is a gap.
 */
export function idBlocks({ exclusive }: Pick<Storage, 'exclusive'>, counter: string): () => Tx<number> {
  if (!exclusive) return () => nextId(counter);
  let next = 0;
  let last = -1;
  return function* () {
    if (next <= last) return next++;
    const end = yield* takeIds(counter, blockSize);
    // Only a block that is committed is ours; bodies of one transaction may each take one.
    yield* afterCommit(() => {
      next = end - blockSize + 2;
      last = end;
    });
    return end - blockSize + 1;
  };
}

/** Takes `count` integers from a counter and returns the last of them. */
function* takeIds(counter: string, count: number): Tx<number> {
  const row = yield* get<{ value: number }>('update counters set value = value + ? where name = ? returning value', [
    count,
    counter,
  ]);
  if (row === undefined) throw new Error(`There is no counter '${counter}'.`);
  return row.value;
}
