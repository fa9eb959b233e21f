import type { RunRow } from '../app/api.ts';

/** A run as it stands in the table. */
export interface Line {
  readonly run: RunRow;
  /** How deep it is nested. */
  readonly depth: number;
  readonly isOpen: boolean;
}

interface Block {
  /** Where the run stands among the runs that are nested in none. */
  readonly root: number;
  readonly lines: readonly Line[];
}

/** What is known of the table: its outermost runs by position, and the nested ones of those that are open. */
export interface Forest {
  readonly roots: number;
  readonly rootAt: (index: number) => RunRow | undefined;
  /** Positions of roots that are loaded. */
  readonly loaded: Iterable<number>;
  readonly isOpen: (runId: string) => boolean;
  /** Undefined while they are on their way. */
  readonly childrenOf: (runId: string) => readonly RunRow[] | undefined;
}

/** A table of nested runs, line by line. */
export interface Lines {
  readonly count: number;
  readonly at: (index: number) => Line | undefined;
  /** The root that a line is, or is nested in. */
  readonly rootOf: (index: number) => number;
}

/** The lines of a table of nested runs: how many there are, and which one stands where. */
export function linesOf(forest: Forest): Lines {
  const blocks: Block[] = [];
  for (const root of forest.loaded) {
    const run = forest.rootAt(root);
    if (run === undefined || !forest.isOpen(run.runId)) continue;
    const lines = nested(forest, run, 1, new Set([run.runId]));
    if (lines.length > 0) blocks.push({ root, lines });
  }
  blocks.sort((a, b) => a.root - b.root);

  function locate(index: number): { root: number; line?: Line | undefined } {
    let before = 0;
    for (const { root, lines } of blocks) {
      const start = root + 1 + before;
      if (index < start) break;
      if (index < start + lines.length) return { root, line: lines[index - start] };
      before += lines.length;
    }
    return { root: index - before };
  }

  return {
    count: forest.roots + blocks.reduce((sum, block) => sum + block.lines.length, 0),
    at(index) {
      const { root, line } = locate(index);
      if (line !== undefined) return line;
      const run = forest.rootAt(root);
      return run && rootLine(run, forest.isOpen(run.runId));
    },
    rootOf: (index) => locate(index).root,
  };
}

const rootLines = { open: new WeakMap<RunRow, Line>(), closed: new WeakMap<RunRow, Line>() };

/** One line for one run, so that a row which is drawn already is known again. */
function rootLine(run: RunRow, isOpen: boolean): Line {
  const known = isOpen ? rootLines.open : rootLines.closed;
  const line = known.get(run) ?? { run, depth: 0, isOpen };
  known.set(run, line);
  return line;
}

/** `above` stops at a run that names one of its own descendants as its parent. */
function nested(forest: Forest, parent: RunRow, depth: number, above: ReadonlySet<string>): Line[] {
  return (forest.childrenOf(parent.runId) ?? []).flatMap((run) => {
    const isOpen = forest.isOpen(run.runId) && !above.has(run.runId);
    const own: Line = { run, depth, isOpen };
    return isOpen ? [own, ...nested(forest, run, depth + 1, new Set([...above, run.runId]))] : [own];
  });
}
