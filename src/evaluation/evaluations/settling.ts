import { AppError } from '../../errors.ts';
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
  const waits = new Set<(why: AppError) => void>();
  let isOver = false;

  return {
    /** Calls `listener` after the commit of every evaluation that ends on this server; returns the unsubscribe. */
    onSettled(listener: (evaluation: Evaluation) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    announce(evaluation: Evaluation): void {
      for (const listener of listeners) listener(evaluation);
    },

    /** Rejects all that wait, and whoever comes to wait from now on: nothing settles any more on this server. */
    endWaits(): void {
      isOver = true;
      for (const giveUp of waits) giveUp(closing());
    },

    /**
     * Resolves when all have succeeded or failed (true), or after `timeoutMs` (false). TEMPORARILY_UNAVAILABLE when the
     * server closes meanwhile.
     */
    async settled(evaluationIds: readonly string[], timeoutMs: number): Promise<boolean> {
      if (isOver) throw closing();
      const waitedFor = new Set(evaluationIds);
      return new Promise((resolve, reject) => {
        let looking = false;
        const end = (settle: () => void) => {
          clearTimeout(timeout);
          clearInterval(again);
          listeners.delete(onSettled);
          waits.delete(giveUp);
          settle();
        };
        const giveUp = (why: AppError) => end(() => reject(why));
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
        waits.add(giveUp);
        look();
      });
    },
  };
}

const closing = () =>
  new AppError('TEMPORARILY_UNAVAILABLE', 'The server is closing: evaluations go on when it is back.');
