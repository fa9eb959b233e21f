import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chore } from './chore.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A chore that goes as told, call by call, and is done from then on. */
function scripted(...outcomes: (boolean | Error)[]) {
  const failed = vi.fn();
  const act = vi.fn(async () => {
    const outcome = outcomes.shift() ?? true;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  });
  return { act, failed, ...chore({ act, failed, retryMs: 10 }) };
}

test('a chore that is asked for while it is done is done once more, and never twice at once', async () => {
  let atOnce = 0;
  const seen: number[] = [];
  const { ask, idle } = chore({
    failed: () => undefined,
    act: async () => {
      seen.push(++atOnce);
      if (seen.length === 1) for (let again = 0; again < 3; again++) ask();
      await Promise.resolve();
      atOnce--;
      return true;
    },
  });
  ask();
  await idle();
  expect(seen).toEqual([1, 1]);
});

test('a chore that was asked for the moment that it ended is done', async () => {
  const { act, ask, idle } = scripted();
  ask();
  await idle();
  ask();
  await idle();
  expect(act).toHaveBeenCalledTimes(2);
});

test('a chore that fails is tried again after longer and longer, until it is done', async () => {
  const why = new Error('The database is gone.');
  const { act, failed, ask } = scripted(why, why, false);
  ask();
  await vi.advanceTimersByTimeAsync(9);
  expect(act).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(act).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(20);
  expect(act).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(1_000_000);
  expect(act).toHaveBeenCalledTimes(4);
  expect(failed.mock.calls).toEqual([[why], [why]]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a chore that is closed is not done again, and tells of no failure', async () => {
  const { act, failed, ask, close, idle } = scripted(new Error('The database is gone.'));
  ask();
  close();
  await idle();
  ask();
  await vi.advanceTimersByTimeAsync(1_000_000);
  expect(act).toHaveBeenCalledTimes(1);
  expect(failed).not.toHaveBeenCalled();
});
