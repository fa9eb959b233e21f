import { CellarError } from './errors.ts';

export interface RetryRule {
  readonly maxRetries: number;
  /** A Retry-After beyond this is not waited for: the error is passed on. */
  readonly maxDelayMs: number;
}

/** The states that pass by themselves. 500 is not among them: the same request would meet the same fault. */
const passing: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** Whether the same call may succeed later without anybody changing anything. */
export function isTemporary(error: unknown): boolean {
  if (!(error instanceof CellarError)) return false;
  if (error.status !== undefined) return passing.has(error.status);
  return error.code === 'TEMPORARILY_UNAVAILABLE' || error.code === 'DEADLINE_EXCEEDED';
}

/** What the network says when no connection was made, so the server cannot have seen the request. */
const neverConnected: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Follows the chain of causes, through the attempts on several addresses of one host. */
export function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(wasNeverSent);
  if ('code' in error && neverConnected.has(error.code)) return true;
  return wasNeverSent(error.cause);
}

/**
 * How long to wait before the next attempt, or undefined to give up. A call that is not repeatable gets another
 * attempt only when the first certainly never reached a server. `chance` is in [0, 1).
 */
export function retryDelayMs(
  error: unknown,
  retriesDone: number,
  repeatable: boolean,
  rule: RetryRule,
  chance: number,
): number | undefined {
  if (retriesDone >= rule.maxRetries || !(error instanceof CellarError) || !isTemporary(error)) return undefined;
  if (!repeatable && !(error.status === undefined && wasNeverSent(error))) return undefined;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs > rule.maxDelayMs ? undefined : error.retryAfterMs;
  const backoffMs = Math.min(rule.maxDelayMs, 500 * 2 ** retriesDone);
  return Math.round(backoffMs / 2 + (backoffMs / 2) * chance);
}
