import type { ProcessEntry, ProcessTable } from './process-table.ts';

/** A process that was started for a job. */
export interface JobProcessId {
  readonly jobId: string;
  readonly pid: number;
  readonly startedAt: string | null;
}

/**
 * The processes that still belong to a job: those that say so by their environment, and the group of the process that
 * was started for it. A group is only believed when its leader is that very process, or one of its members says that it
 * belongs to the job: the number may have been given to somebody else's process meanwhile.
 */
export function processesOf(
  { jobId, pid, startedAt }: JobProcessId,
  table: readonly (ProcessEntry & { readonly jobId: string | undefined })[],
): number[] {
  const members = table.filter(({ group }) => group === pid);
  const isOurs = members.some(
    (member) => member.jobId === jobId || (member.pid === pid && startedAt !== null && member.startedAt === startedAt),
  );
  const marked = table.filter((entry) => entry.jobId === jobId);
  return [...new Set([...(isOurs ? members : []), ...marked].map((entry) => entry.pid))];
}

const rounds = 50;
const roundMs = 20;

/** Ends all that is left of a job, and resolves when it is gone. Answers with how many processes were ended. */
export async function endLeftBehind(job: JobProcessId, table: ProcessTable): Promise<number> {
  /** When each of them started. One that is about to end says no longer whose it is. */
  const ended = new Map<number, string>();
  for (let round = 0; round < rounds; round++) {
    // What cannot be seen now, such as for want of open files, may be seen in the next round.
    const left = await leftOf(job, ended, table).catch(() => undefined);
    if (left?.length === 0) break;
    for (const { pid, startedAt } of left ?? []) {
      ended.set(pid, startedAt);
      signal(pid, 'SIGKILL');
    }
    await new Promise((resolve) => setTimeout(resolve, roundMs));
  }
  return ended.size;
}

async function leftOf(
  job: JobProcessId,
  ended: ReadonlyMap<number, string>,
  table: ProcessTable,
): Promise<ProcessEntry[]> {
  const entries = await Promise.all(
    (await table.list()).map(async (entry) => ({ ...entry, jobId: await table.jobOf(entry.pid) })),
  );
  const ours = new Set(processesOf(job, entries));
  return entries.filter(({ pid, startedAt }) => pid !== process.pid && (ours.has(pid) || ended.get(pid) === startedAt));
}

/** Sends a signal to a process, or with a negative number to a group; one that has ended is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
