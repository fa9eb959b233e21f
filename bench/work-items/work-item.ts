import type { Subject } from '../subject.ts';

/** One kind of work that every server is given in turn. */
export interface WorkItem {
  readonly name: string;
  readonly what: string;
  readonly run: (subject: Subject) => Promise<void>;
  /** Also done against the server of canned replies. */
  readonly canned?: boolean;
}
