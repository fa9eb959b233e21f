import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { type Executor, ExecutorEnded, type Outcome, type Work } from './executor.ts';
import { defaultLimits, type QueueLimits, RequestQueue } from './queue.ts';
import { bytesOf, layoutOf, type Table } from './table.ts';

const layout = layoutOf([{ name: 'x', type: 'double', required: true }]);
const work = (x: number, paramsKey = ''): Work => {
  const table: Table = { layout, rows: 1, blocks: [new Float64Array([x])] };
  return { kind: 'table', table, params: undefined, paramsKey };
};
const cellOf = (each: Work) => (each.kind === 'table' ? Number((each.table.blocks[0] as Float64Array)[0]) : Number.NaN);

/** An executor whose every batch a test ends itself. */
class HandDriven implements Executor {
  readonly runtime = 'python';
  readonly depth = 1;
  readonly batches: {
    readonly values: number[];
    readonly answer: (outcomes?: Outcome[]) => void;
    readonly die: () => void;
  }[] = [];
  killed = false;
  #end!: (reason: string) => void;
  readonly ended = new Promise<string>((resolve) => {
    this.#end = resolve;
  });
  memoryBytes = () => undefined;

  kill = () => {
    this.killed = true;
    this.#end('killed');
    for (const { die } of this.batches) die();
  };

  run(batch: readonly Work[]): Promise<Outcome[]> {
    return new Promise((resolve, reject) => {
      const values = batch.map(cellOf);
      this.batches.push({
        values,
        answer: (outcomes = values.map(String)) => resolve(outcomes),
        die: () => reject(new ExecutorEnded('gone')),
      });
    });
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

let now = 0;
const queues: RequestQueue[] = [];
function queueOf(limits: Partial<QueueLimits> = {}) {
  const seen = { batches: [] as number[], retried: 0 };
  const queue = new RequestQueue(
    { ...defaultLimits, ...limits },
    {
      batch: (requests) => seen.batches.push(requests),
      retried: () => {
        seen.retried++;
      },
    },
    () => now,
  );
  queues.push(queue);
  return { queue, seen };
}

afterEach(() => {
  now = 0;
  for (const queue of queues.splice(0)) queue.close(new AppError('TEMPORARILY_UNAVAILABLE', 'over'));
});

describe('requests', () => {
  test('are given to a free executor at once, and predicted together when they waited for a busy one', async () => {
    const { queue, seen } = queueOf();
    const executor = new HandDriven();
    queue.add(executor);
    const answers = [1, 2, 3].map((x) => queue.submit(work(x)));
    executor.batches[0]!.answer();
    await settled();
    executor.batches[1]!.answer();
    expect(await Promise.all(answers)).toEqual(['1', '2', '3']);
    expect(seen.batches).toEqual([1, 2]);
  });

  test('with other parameters, or beyond the rows of a batch, wait for the next one', async () => {
    const { queue } = queueOf({ batchRows: 2 });
    const executor = new HandDriven();
    queue.add(executor);
    for (const each of [work(1), work(2), work(3, 'other'), work(4), work(5)])
      queue.submit(each).catch(() => undefined);
    for (let i = 0; i < 4; i++) {
      executor.batches[i]!.answer();
      await settled();
    }
    expect(executor.batches.map(({ values }) => values)).toEqual([[1], [2, 4], [3], [5]]);
  });

  test('are refused with 429 when too many wait', async () => {
    const { queue } = queueOf({ waiting: 1 });
    queue.add(new HandDriven());
    queue.submit(work(1)).catch(() => undefined);
    queue.submit(work(2)).catch(() => undefined);
    await expect(queue.submit(work(3))).rejects.toMatchObject({ code: 'REQUEST_LIMIT_EXCEEDED', retryAfterSeconds: 1 });
  });

  test('are refused with 429 when those that wait hold too many bytes, until they have left by any way', async () => {
    const { queue } = queueOf({ waitingBytes: 100, batchRequests: 1 });
    const body = (bytes: number): Work => ({
      kind: 'body',
      body: Buffer.alloc(bytes),
      contentType: 'application/json',
    });
    const submit = (each: Work, signal?: AbortSignal) => queue.submit(each, signal).catch((error) => error.code);
    const executor = new HandDriven();
    queue.add(executor);
    const caller = new AbortController();
    const predicted = submit(body(90));
    const large = submit(body(101), caller.signal);
    expect(await submit(body(1))).toBe('REQUEST_LIMIT_EXCEEDED');
    caller.abort();
    void large;
    void submit(body(60));
    void submit(body(40));
    expect(await submit(body(1))).toBe('REQUEST_LIMIT_EXCEEDED');
    executor.batches[0]!.answer(['1']);
    expect(await predicted).toBe('1');
    void submit(body(60));
    expect(queue.waiting).toBe(2);
    expect(await submit(body(1))).toBe('REQUEST_LIMIT_EXCEEDED');
  });

  test('of a table count their cells, and the text in them', () => {
    const columns = [
      { name: 'x', type: 'double', required: true },
      { name: 'name', type: 'string', required: true },
    ] as const;
    const table: Table = { layout: layoutOf(columns), rows: 2, blocks: [new Float64Array(2), ['abc', null]] };
    expect(bytesOf(table)).toBe(16 + 16 + 6);
  });

  test('leave the queue when their caller does', async () => {
    const { queue } = queueOf();
    const executor = new HandDriven();
    queue.add(executor);
    queue.submit(work(1)).catch(() => undefined);
    const caller = new AbortController();
    queue.submit(work(2), caller.signal).catch(() => undefined);
    caller.abort();
    expect(queue.waiting).toBe(0);
    executor.batches[0]!.answer();
    await queue.drained();
    expect(executor.batches).toHaveLength(1);
  });

  test('are tried once more, alone, when their executor dies, and a second death answers 503', async () => {
    const { queue, seen } = queueOf();
    const [first, second, third] = [new HandDriven(), new HandDriven(), new HandDriven()];
    queue.add(first);
    const poison = queue.submit(work(1));
    const behind = queue.submit(work(2));
    first.kill();
    await settled();
    queue.add(second);
    expect(second.batches.map(({ values }) => values)).toEqual([[1]]);
    second.kill();
    await expect(poison).rejects.toMatchObject({ status: 503 });
    queue.add(third);
    third.batches[0]!.answer();
    expect(await behind).toBe('2');
    expect(seen.retried).toBe(1);
  });

  test('that take too long are answered with 504, and an executor that hangs is ended', async () => {
    const { queue } = queueOf({ timeoutMs: 1000 });
    const executor = new HandDriven();
    queue.add(executor);
    const hanging = queue.submit(work(1));
    now = 500;
    const waiting = queue.submit(work(2));
    now = 1001;
    queue.sweep();
    await expect(hanging).rejects.toMatchObject({ status: 504 });
    expect(executor.killed).toBe(true);
    now = 1501;
    queue.sweep();
    await expect(waiting).rejects.toMatchObject({ status: 504 });
  });
});

test('an executor that is released finishes what it has and gets nothing more', async () => {
  const { queue } = queueOf();
  const executor = new HandDriven();
  queue.add(executor);
  const answer = queue.submit(work(1));
  const released = queue.release(executor);
  queue.submit(work(2)).catch(() => undefined);
  executor.batches[0]!.answer();
  await released;
  expect(await answer).toBe('1');
  expect(executor.batches).toHaveLength(1);
});
