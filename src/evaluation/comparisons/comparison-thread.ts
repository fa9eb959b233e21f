import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import type { Answer, Question } from './compare-thread.ts';

const isSource = import.meta.url.endsWith('.ts');
const program = new URL(isSource ? './compare-thread.ts' : './compare-thread.js', import.meta.url);

/** A thread does not inherit what reads TypeScript. */
const fromSource = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import(${JSON.stringify(program.href)});
});`;

/** A thread that answers one question after the other; it starts with the first. */
export function comparisonThread() {
  let worker: Worker | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  function started(): Worker {
    if (isClosed) throw closing();
    if (worker === undefined) {
      const starting = isSource ? new Worker(fromSource, { eval: true }) : new Worker(program);
      const gone = () => {
        if (worker === starting) worker = undefined;
      };
      // Also between two questions: the next one then has a thread of its own.
      starting.on('error', gone).on('exit', gone).unref();
      worker = starting;
    }
    return worker;
  }

  async function put(question: Question): Promise<Answer> {
    const asked = started();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        asked.off('message', answered).off('error', failed).off('exit', exited);
        settle();
      };
      const answered = (answer: Answer) => end(() => resolve(answer));
      const failed = (why: Error) => end(() => reject(why));
      const exited = () => failed(isClosed ? closing() : new Error('The thread that compares has ended.'));
      asked.on('message', answered).on('error', failed).on('exit', exited);
      asked.postMessage(question);
    });
  }

  return {
    ask(question: Question): Promise<Answer> {
      const turn = tail.then(() => put(question));
      tail = turn.catch(() => undefined);
      return turn;
    },

    /** Ends the thread at once; whoever waits for an answer is told that the server closes. */
    async close(): Promise<void> {
      isClosed = true;
      await worker?.terminate();
    },
  };
}

const closing = () => new AppError('TEMPORARILY_UNAVAILABLE', 'The server is closing: it compares no more.');
