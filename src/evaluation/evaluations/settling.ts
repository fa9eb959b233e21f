import type { Evaluation } from './evaluation.ts';

/** How often an evaluation is looked up that another server may settle. */
const lookAgainMs = 1000;

export type Settling = ReturnType<typeof settling>;

/**
 * Who waits for evaluations. `unsettled` says how many of these are neither succeeded nor failed; evaluations that other
 * servers settle (`shared`) are looked up again and again, our own announce themselves.
 */
export function settling(unsettled: (evaluationIds: readonly string[]) => Promise<number>, shared: boolean) {
  const listeners = new Set<(evaluation: Evaluation) => void>();

  return {
    /** Calls `listener` after the commit of every evaluation that ends on this server; returns the unsubscribe. */
    onSettled(listener: (evaluation: Evaluation) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    announce(evaluation: Evaluation): void {
      for (const listener of listeners) listener(evaluation);
    },

    /** Resolves when all have succeeded or failed (true), or after `timeoutMs` (false). */
    settled(evaluationIds: readonly string[], timeoutMs: number): Promise<boolean> {
      const waitedFor = new Set(evaluationIds);
      return new Promise((resolve, reject) => {
        let looking = false;
        const end = (settle: () => void) => {
          clearTimeout(timeout);
          clearInterval(again);
          listeners.delete(onSettled);
          settle();
        };
        const look = () => {
          if (looking) return;
          looking = true;
          unsettled(evaluationIds).then(
            (count) => {
              looking = false;
              if (count === 0) end(() => resolve(true));
            },
            (error) => end(() => reject(error)),
          );
        };
        const onSettled = ({ evaluationId }: Evaluation) => {
          waitedFor.delete(evaluationId);
          if (waitedFor.size === 0) end(() => resolve(true));
        };
        const timeout = setTimeout(() => end(() => resolve(false)), timeoutMs);
        const again = shared ? setInterval(look, lookAgainMs) : undefined;
        listeners.add(onSettled);
        look();
      });
    },
  };
}
