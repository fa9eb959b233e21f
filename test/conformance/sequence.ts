import type { Json } from './json.ts';
import type { Reason } from './reasons.ts';

/** What earlier steps kept, by name. `unique` is there from the start: a word that no other play uses. */
export type Seen = { readonly [name: string]: string };

type Made<T> = T | ((seen: Seen) => T);
type QueryValue = string | number | boolean | readonly string[];

/** What Cellar answers where it was decided that it does not answer as MLflow does. */
export interface Difference {
  readonly why: Reason;
  readonly status: number;
  readonly errorCode?: string;
  /** What `see` shows of Cellar's answer (the whole body without `see`), normalised. Left out: the body is free. */
  readonly body?: Json;
  /** For an answer that is not JSON, or is JSON where MLflow's is not. */
  readonly kind?: 'json' | 'text' | 'html' | 'bytes' | 'empty';
}

export interface Step {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** Below `/api/2.0/mlflow/`, or absolute when it starts with a slash. Sent as it stands: no dot segment is resolved. */
  readonly path: string;
  readonly query?: { readonly [name: string]: QueryValue };
  /** Sent as JSON. `{{name}}` in any text of path, query and body stands for what an earlier step kept. */
  readonly body?: Made<Json>;
  /** Sent as it stands, instead of `body`. */
  readonly raw?: Made<string | Uint8Array>;
  readonly headers?: { readonly [name: string]: string };
  /** Name → path into the answer (see `at` in json.ts). */
  readonly keep?: { readonly [name: string]: string };
  /** The part of a good answer that matters here: a path, or a function. Without it the whole body is compared. */
  readonly see?: string | ((body: Json, seen: Seen) => Json | undefined);
  /** Headers that matter here, in lower case. */
  readonly seeHeaders?: readonly string[];
  /** Prepares the ground: must succeed, is not compared. */
  readonly given?: true;
  /** Starts in a later millisecond than the step before it was answered, for what is said about times. */
  readonly later?: true;
  readonly differs?: Difference;
}

/** A sequence of requests under one sentence, complete in itself: it plays on a shared server, in any order. */
export interface Sequence {
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface Capability {
  readonly name: string;
  readonly sequences: readonly Sequence[];
}

export function capability(name: string, sequences: readonly (Sequence | readonly Sequence[])[]): Capability {
  return { name, sequences: sequences.flat() };
}

export function sequence(name: string, ...steps: readonly (Step | readonly Step[])[]): Sequence {
  return { name, steps: steps.flat() };
}

type Query = { readonly [name: string]: QueryValue };
export type More = Omit<Step, 'method' | 'path' | 'query' | 'body'>;

export const get = (path: string, query: Query = {}, more: More = {}): Step => ({
  method: 'GET',
  path,
  query,
  ...more,
});
export const post = (path: string, body?: Made<Json>, more: More = {}): Step => ({
  method: 'POST',
  path,
  ...bodyOf(body),
  ...more,
});
export const put = (path: string, raw: Made<string | Uint8Array>, more: More = {}): Step => ({
  method: 'PUT',
  path,
  raw,
  ...more,
});
export const patch = (path: string, body?: Made<Json>, more: More = {}): Step => ({
  method: 'PATCH',
  path,
  ...bodyOf(body),
  ...more,
});
export const del = (path: string, body?: Made<Json>, more: More = {}): Step => ({
  method: 'DELETE',
  path,
  ...bodyOf(body),
  ...more,
});

const bodyOf = (body: Made<Json> | undefined) => (body === undefined ? {} : { body });

/** The step, at which Cellar answers INVALID_PARAMETER_VALUE and MLflow does not. */
export const refusedHere = (why: Reason, step: Step): Step => ({
  ...step,
  differs: { why, status: 400, errorCode: 'INVALID_PARAMETER_VALUE' },
});

/** The step, at which Cellar answers with this body and MLflow does not. */
export const answersHere = (why: Reason, body: Json, step: Step): Step => ({
  ...step,
  differs: { why, status: 200, body },
});

/** The step, at which Cellar names an error that MLflow does not name, or names otherwise. */
export const failsHere = (why: Reason, status: number, errorCode: string, step: Step): Step => ({
  ...step,
  differs: { why, status, errorCode, kind: 'json' },
});
