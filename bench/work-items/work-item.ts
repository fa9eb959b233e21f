import type { Server } from '../servers/server.ts';
import type { Subject } from '../subject.ts';

/** One kind of work that the servers are given. */
export interface WorkItem {
  readonly name: string;
  readonly what: string;
  /** Yields after every measure: the next one is another server's. */
  readonly run: (subject: Subject) => AsyncGenerator<void, void>;
  /** Products besides Cellar and MLflow that it is given to. */
  readonly others?: readonly Server['product'][];
}
