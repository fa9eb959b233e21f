/** What a fault needs from the run it is part of. */
export interface Context {
  /** The compiled server to be broken. */
  readonly main: string;
  /** An empty throwaway folder of this fault's own. */
  readonly folder: string;
  /** A file system of 64 MiB to fill up, or why there is none. */
  readonly smallDisk: { readonly folder: string } | { readonly missing: string };
  /** How often what depends on chance is repeated. */
  readonly rounds: number;
  /** Tells people how far it is. */
  readonly say: (line: string) => void;
}

/** One promise, and the way to break it. */
export interface Fault {
  readonly name: string;
  readonly promise: string;
  readonly measured: string;
  run(context: Context, findings: Findings): Promise<void>;
}

export interface Verdict {
  readonly name: string;
  readonly promise: string;
  readonly measured: string;
  readonly outcome: 'kept' | 'broken' | 'not run';
  readonly figures: readonly Figure[];
  /** What was promised and did not happen, in sentences. */
  readonly broken: readonly string[];
  readonly tookMs: number;
}

export interface Figure {
  readonly name: string;
  readonly value: string;
}

/** Collects what a fault finds while it runs. */
export class Findings {
  readonly figures: Figure[] = [];
  readonly broken: string[] = [];
  notRun: string | undefined;

  figure(name: string, value: string | number): void {
    this.figures.push({ name, value: String(value) });
  }

  /** Says what broke unless `kept`. One sentence is said once, however often it is true. */
  demand(kept: boolean, otherwise: string): void {
    if (!kept && !this.broken.includes(otherwise)) this.broken.push(otherwise);
  }
}

/** Runs one fault to its verdict; a failure of the fault itself breaks its promise too, as nothing was shown. */
export async function judge(fault: Fault, context: Context): Promise<Verdict> {
  const findings = new Findings();
  const began = performance.now();
  try {
    await fault.run(context, findings);
  } catch (error) {
    findings.broken.push(error instanceof Error ? error.message : String(error));
    if (error instanceof Error) context.say(error.stack ?? '');
  }
  const { name, promise, measured } = fault;
  if (findings.notRun !== undefined && findings.broken.length === 0)
    findings.figures.push({ name: 'why not', value: findings.notRun });
  return {
    name,
    promise,
    measured,
    outcome: findings.broken.length > 0 ? 'broken' : findings.notRun !== undefined ? 'not run' : 'kept',
    figures: findings.figures,
    broken: findings.broken,
    tookMs: Math.round(performance.now() - began),
  };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export const ms = (value: number) => `${Math.round(value)} ms`;
/** Median and worst, as a person wants to read them. */
export const spread = (values: readonly number[]) => `${ms(quantile(values, 0.5))} (worst ${ms(quantile(values, 1))})`;
