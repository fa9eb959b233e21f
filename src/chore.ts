export interface ChoreOptions {
  /** Answers whether all of it is done; what is not, or fails, is tried again after a while. */
  readonly act: () => Promise<boolean>;
  /** Told of every failure but those after the end. */
  readonly failed: (error: unknown) => void;
  /** The first pause after a failure; each further one is twice as long. */
  readonly retryMs?: number;
}

export type Chore = ReturnType<typeof chore>;

const longestRetryMs = 60_000;

/**
 * Work in the background that nobody waits for: never twice at once, once more when it is asked for meanwhile, and again
 * and again while it fails. Its failures are told and never thrown.
 */
export function chore({ act, failed, retryMs = 1_000 }: ChoreOptions) {
  let isAsked = false;
  let isClosed = false;
  let isRunning = false;
  let running = Promise.resolve();
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;

  function ask(): void {
    if (isClosed) return;
    isAsked = true;
    if (isRunning) return;
    isRunning = true;
    running = run();
  }

  async function run(): Promise<void> {
    while (isAsked && !isClosed) {
      isAsked = false;
      clearTimeout(retry);
      if (await isDone()) failures = 0;
      else askLater();
    }
    isRunning = false;
  }

  async function isDone(): Promise<boolean> {
    try {
      return await act();
    } catch (error) {
      if (!isClosed) failed(error);
      return false;
    }
  }

  function askLater(): void {
    if (isClosed) return;
    retry = setTimeout(ask, Math.min(retryMs * 2 ** failures++, longestRetryMs));
    retry.unref();
  }

  return {
    /** Has it done soon. */
    ask,

    /** Resolves when none of it is under way. Never rejects. */
    idle: async (): Promise<void> => running,

    /** Begins it no more; what is under way goes on. */
    close(): void {
      isClosed = true;
      clearTimeout(retry);
    },
  };
}
