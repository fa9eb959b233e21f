import { describe, expect, it } from 'vitest';
import { startOf } from './start-of.ts';

describe('the start of a file', () => {
  it('is all of a short one', async () =>
    expect(await startOf(new Response('Löss'), 5)).toEqual({ text: 'Löss', whole: true }));

  it('is cut between characters, and the rest is not asked for', async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (to) => to.enqueue(new TextEncoder().encode('aß')),
      cancel: () => {
        cancelled = true;
      },
    });
    expect(await startOf(new Response(endless), 5)).toEqual({ text: 'aßa', whole: false });
    expect(cancelled).toBe(true);
  });

  it('is nothing of an empty one', async () => {
    expect(await startOf(new Response(null), 5)).toEqual({ text: '', whole: true });
  });
});
