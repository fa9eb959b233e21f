/** How a job stands. What is neither `queued` nor `running` is final. */
export const jobStatuses = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'out_of_memory',
  'lost',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export interface Job {
  readonly jobNo: number;
  readonly jobId: string;
  /** What it is for: `evaluate`, later `train` and others. */
  readonly kind: string;
  /** For people. */
  readonly label: string;
  readonly command: readonly string[];
  readonly status: JobStatus;
  /** Why it ended as it did; null while it runs and when it succeeded. */
  readonly message: string | null;
  /** Who asked for it. */
  readonly actor: string;
  readonly serverId: string;
  readonly host: string;
  readonly pid: number | null;
  /** When that process started, as its system says it. */
  readonly pidStart: string | null;
  readonly timeLimitMs: number | null;
  readonly memoryLimitBytes: number;
  /** The most memory that its processes were seen to hold at once. */
  readonly peakMemoryBytes: number;
  readonly creationTime: number;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly heartbeatTime: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface JobSpec {
  readonly kind: string;
  readonly label: string;
  /** Program and arguments; never a line for a shell. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Added to the few variables that every job gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it works; its own temporary folder by default. */
  readonly cwd?: string;
  /** `piped` hands stdin and stdout to whoever starts it, and only stderr goes to the log. */
  readonly streams: 'logged' | 'piped';
  /** Undefined where its owner watches the time. */
  readonly timeLimitMs?: number | undefined;
  readonly memoryLimitBytes: number;
  readonly actor: string;
}

/** Why a job is being stopped. */
export interface Stop {
  readonly status: 'cancelled' | 'timed_out' | 'out_of_memory' | 'succeeded' | 'lost';
  readonly message: string | null;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What a process's end makes of its job: why it was stopped weighs more than how it went. */
export function endOf(exit: Exit, stop: Stop | undefined): { status: JobStatus; message: string | null } {
  if (stop !== undefined) return stop;
  if (exit.code === 0) return { status: 'succeeded', message: null };
  if (exit.signal !== null) return { status: 'failed', message: `It was ended by ${exit.signal}${hint(exit.signal)}.` };
  return { status: 'failed', message: `It ended with exit code ${exit.code}.` };
}

const hints: Readonly<Record<string, string>> = {
  SIGKILL: ', as the system does when memory runs out',
  SIGSEGV: ': it crashed in native code',
  SIGABRT: ': it crashed in native code',
  SIGBUS: ': it crashed in native code',
  SIGILL: ': it uses instructions that this processor does not have',
};
const hint = (signal: string) => hints[signal] ?? '';

export const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2).toLocaleString('en')} MiB`;
