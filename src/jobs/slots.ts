export type Slots = ReturnType<typeof slots>;

/** At most `count` holders at once; the others wait in the order in which they came. */
export function slots(count: number) {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    /** Resolves with the release, or with undefined when `signal` was aborted first. */
    async take(signal: AbortSignal): Promise<(() => void) | undefined> {
      if (signal.aborted) return undefined;
      if (free > 0) free--;
      else if (!(await turn(signal))) return undefined;
      let released = false;
      return () => {
        if (released) return;
        released = true;
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      };
    },
  };

  function turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const mine = () => {
        signal.removeEventListener('abort', giveUp);
        resolve(true);
      };
      const giveUp = () => {
        waiting.splice(waiting.indexOf(mine), 1);
        resolve(false);
      };
      waiting.push(mine);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}
