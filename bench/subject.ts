import type { Driver, Job, Outcome } from './driver.ts';
import { type Conditions, untilQuiet, watched } from './processes.ts';
import { addFigure, type ServerResult } from './results.ts';
import type { Server } from './servers/server.ts';
import type { Sizes } from './sizes.ts';

export const api = '/api/2.0/mlflow';
export const ajax = '/ajax-api/2.0/mlflow';
export const artifacts = '/api/2.0/mlflow-artifacts/artifacts';

const warmUpSeconds = 0.5;

export interface Measured {
  readonly outcome: Outcome;
  readonly conditions: Conditions;
}

export type Quantile = 'p50' | 'p95' | 'p99';

export interface Timed {
  /** Unit of the rate; without one only times are figures. */
  readonly rate?: string;
  /** The rate counts items, not requests. */
  readonly items?: boolean;
  readonly quantiles?: readonly Quantile[];
  /** Leave the server's CPU out, where the driver makes it do more than what is counted. */
  readonly withoutCpu?: boolean;
}

export type Subject = ReturnType<typeof subject>;

/** A server under measure, with the verbs that work items are made of. Figures and notes go into `into`. */
export function subject(server: Server, sizes: Sizes, driver: Driver, into: ServerResult) {
  // Names must not meet those of an earlier run against the same database.
  const nonce = Date.now().toString(36);
  let patienceMs = sizes.patienceSeconds * 1000;

  const figure = (name: string, unit: string, value: number, during?: Conditions) =>
    addFigure(into.figures, name, unit, value, during);

  function note(text: string): void {
    if (!into.notes.includes(text)) into.notes.push(text);
  }

  /** One plain request, for preparing; never for timing. */
  async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(server.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': body instanceof Uint8Array ? 'application/octet-stream' : 'application/json' },
        body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
      }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${method} ${path.split('?', 1)[0]}: HTTP ${response.status} ${text.slice(0, 200)}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  async function experiment(name: string): Promise<string> {
    const { experiment_id } = await call('POST', `${api}/experiments/create`, { name: `bench-${name}-${nonce}` });
    return String(experiment_id);
  }

  /**
   * Does the work when the machine is quiet, and tells what the machine did meanwhile. `prepare` comes right before it and
   * is not watched.
   */
  async function watch<T>(work: () => Promise<T>, prepare?: () => Promise<void>) {
    patienceMs = await untilQuiet(server.roots(), patienceMs);
    await prepare?.();
    return watched(server.roots(), work);
  }

  /** One measure by the driver. Throws when nothing could be measured, and notes what went wrong beside. */
  async function drive(
    name: string,
    job: Omit<Job, 'base' | 'prefix'>,
    prepare?: () => Promise<void>,
  ): Promise<Measured> {
    const work = () => driver({ base: server.url, prefix: api, ...job });
    const { result: outcome, conditions } = await watch(work, prepare);
    if (outcome.errors > 0) note(`${name}: ${outcome.errors} errors beside ${outcome.ops} answers: ${outcome.error}`);
    return { outcome, conditions };
  }

  /** Several jobs at the same time, under one watch. */
  async function driveTogether(jobs: readonly Omit<Job, 'base' | 'prefix'>[]) {
    const drives = () => Promise.all(jobs.map((job) => driver({ base: server.url, prefix: api, ...job })));
    const { result: outcomes, conditions } = await watch(drives);
    return { outcomes, conditions };
  }

  /**
   * A measure of `seconds`, repeated; yields after each. Its figures are rate, quantiles and the server's CPU per operation.
   */
  async function* timed(name: string, job: Omit<Job, 'base' | 'prefix'>, kind: Timed): AsyncGenerator<void, Outcome> {
    let last: Outcome | undefined;
    for (let i = 0; i < sizes.repetitions; i++) {
      const { outcome, conditions } = await drive(name, { seconds: sizes.seconds, warmUpSeconds, ...job });
      record(name, outcome, conditions, kind);
      last = outcome;
      yield;
    }
    return last!;
  }

  function record(name: string, outcome: Outcome, conditions: Conditions, kind: Timed): void {
    const { rate, items, quantiles = ['p50', 'p99'], withoutCpu } = kind;
    if (rate !== undefined) figure(`${name} rate`, rate, items ? outcome.itemsPerS : outcome.opsPerS, conditions);
    for (const quantile of quantiles) figure(`${name} ${quantile}`, 'ms', outcome[`${quantile}Ms`], conditions);
    if (withoutCpu || rate === undefined) return;
    figure(`${name} server CPU`, 'ms/op', (conditions.serverCpuSeconds * 1000) / outcome.allOps, conditions);
  }

  /**
   * Writes runs or models: through the API for MLflow's `seedSeconds` at most, then straight into its database. The
   * rate through the API is a figure.
   */
  async function seed(name: string, what: 'runs' | 'models', total: number, experiment = ''): Promise<void> {
    const bound = server.fill === undefined ? {} : { seconds: sizes.seedSeconds };
    const job = what === 'runs' ? 'lifecycle' : 'models';
    const { outcome, conditions } = await drive(name, { job, maxOps: total, connections: 8, experiment, ...bound });
    figure(`${name} written`, `${what}/s`, outcome.opsPerS, conditions);
    if (outcome.ops === total) return;
    if (server.fill === undefined) throw new Error(`Only ${outcome.ops} of ${total} ${what} were written.`);
    await server.fill(what, outcome.ops, total, experiment);
    note(`${name}: ${outcome.ops} of ${total} ${what} written through the API, the rest straight into the database.`);
  }

  return { server, sizes, nonce, call, experiment, figure, note, watch, drive, driveTogether, timed, record, seed };
}
