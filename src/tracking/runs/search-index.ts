import { AppError } from '../../errors.ts';
import { afterCommit, run, type Storage, type Tx, values } from '../../storage/storage.ts';

/** Rows that may wait. The more there are, the more of them share a page; whoever asks then waits for all of them. */
const mostWaiting = 48_000;
/** Up to so many rows one transaction takes in, in a few milliseconds of the event loop; beyond, one a table. */
const atOnce = 3000;
/** Beyond so many rows a table is taken in by parts, each with all rows of its keys, which share pages. */
const rowsOfPart = 24_000;
/** Runs whose rows one statement takes in. */
const mostNamed = 512;

const tables = ['latest_metrics', 'params', 'tags'] as const;

/**
 * The indexes that searches walk. A run's row in an index lies anywhere in it, so that every row changes a page of its
 * own; taken in together, rows share pages. Where this process is the only writer new rows therefore wait, with
 * `indexed = 0`, until the writers pause, there are many of them or somebody asks the indexes. See docs/decisions/0008.
 */
export interface SearchIndex {
  /** The column `indexed` of a new param, tag or latest metric. */
  readonly ofNewRows: 0 | 1;
  /** To be called by every transaction that adds such rows to a run. */
  added(runNo: number, rows: number): Tx<void>;
  /**
   * Makes the indexes hold every row that was committed before. False when that cannot be written, on a full disk: then
   * the indexes do not know all rows and only the tables do.
   */
  catchUp(): Promise<boolean>;
}

/** After `pauseMs` in which no rows came, those that wait are taken in, before anybody asks. */
export function openSearchIndex(storage: Storage, pauseMs = 250): SearchIndex {
  if (!storage.exclusive) return { ofNewRows: 1, *added() {}, catchUp: () => Promise.resolve(true) };

  /** Runs that are in `unindexed_runs` for sure; others may be. */
  const listed = new Set<number>();
  let waiting = 0;
  // Counts calls of `added`, also of transactions that fail. The first is for what an earlier process left waiting.
  let additions = 1;
  let taken = 0;
  let scheduled = false;
  let watching = false;

  function* takeIn(): Tx<void> {
    const upTo = additions;
    for (const table of tables) yield* takeInFrom(table, 0, 1);
    yield* run('delete from unindexed_runs');
    waiting = 0;
    // At once for the bodies that share this transaction, and once more for those that came before it.
    listed.clear();
    yield* afterCommit(() => {
      listed.clear();
      taken = upTo;
    });
  }

  /** Many rows table by table, with turns of the event loop between them; then what came meanwhile, and the list. */
  async function takeInAll(): Promise<void> {
    const parts = waiting > atOnce ? Math.ceil(waiting / rowsOfPart) : 0;
    for (const table of tables)
      for (let part = 0; part < parts; part++) await storage.write(() => takeInFrom(table, part, parts));
    await storage.write(takeIn);
  }

  function takeInSoon(): void {
    if (scheduled || waiting === 0) return;
    scheduled = true;
    const done = () => {
      scheduled = false;
    };
    // Rows that could not be taken in wait on; whoever asks the indexes tries again.
    takeInAll().then(done, done);
  }

  function takeInAtPause(): void {
    if (watching) return;
    watching = true;
    const seen = additions;
    const look = () => {
      watching = false;
      if (seen === additions) takeInSoon();
      else takeInAtPause();
    };
    setTimeout(look, pauseMs).unref();
  }

  return {
    ofNewRows: 0,
    *added(runNo, rows) {
      additions++;
      waiting += rows;
      if (!listed.has(runNo)) {
        yield* run('insert into unindexed_runs(run_no) values (?) on conflict do nothing', [runNo]);
        yield* afterCommit(() => listed.add(runNo));
      }
      yield* afterCommit(waiting >= mostWaiting ? takeInSoon : takeInAtPause);
    },
    async catchUp() {
      if (taken === additions) return true;
      try {
        await takeInAll();
        return true;
      } catch (error) {
        if (error instanceof AppError && error.status === 507) return false;
        throw error;
      }
    },
  };
}

/**
 * Takes in the rows of all listed runs whose key falls to one of several parts. Runs that are named one by one are found
 * sooner than by a subquery.
 */
function* takeInFrom(table: (typeof tables)[number], part: number, parts: number): Tx<void> {
  const listed = (yield* values<[number]>('select run_no from unindexed_runs order by run_no')).flat();
  for (let i = 0; i < listed.length; i += mostNamed) {
    const named = listed.slice(i, i + mostNamed);
    // The last one is repeated up to a power of two, so that few statements are prepared.
    const places = 2 ** Math.ceil(Math.log2(named.length));
    yield* run(
      `update ${table} set indexed = 1
       where indexed = 0 and key_id % ? = ? and run_no in (${new Array(places).fill('?').join(',')})`,
      [parts, part, ...named, ...new Array(places - named.length).fill(named.at(-1))],
    );
  }
}

/** The condition on rows of the three tables with which an index serves them, if it knows them all. */
export const rowsToSearch = (caughtUp: boolean) => (caughtUp ? 'indexed = 1' : 'indexed in (0, 1)');
