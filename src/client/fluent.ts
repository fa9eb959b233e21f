import { AsyncLocalStorage } from 'node:async_hooks';
import { type ActiveRun, activeRun } from './active-run.ts';
import type { CellarClient } from './cellar-client.ts';
import type { Assignment, Origin } from './environment.ts';
import { CellarError } from './errors.ts';
import type { Experiment } from './experiments.ts';
import { paged } from './pages.ts';
import { registerModel } from './register-model.ts';
import { isTemporary } from './retry.ts';
import type { CreateRun, Run, RunStatus, SearchRuns } from './runs.ts';
import type { Values } from './wire.ts';

export interface StartRun {
  readonly runName?: string | undefined;
  /** Required while another run is active: the new one becomes its child. */
  readonly nested?: boolean | undefined;
  readonly tags?: Values | undefined;
  /** Markdown that the run's page shows. */
  readonly description?: string | undefined;
  /** Goes on with this run instead of making a new one. */
  readonly runId?: string | undefined;
  /** Instead of the one that setExperiment named. */
  readonly experimentId?: string | undefined;
}

export interface FluentSetup {
  readonly connect: (trackingUri: string | undefined) => CellarClient;
  readonly assignment: () => Assignment;
  readonly origin: () => Origin;
  readonly clock: () => number;
  /** Calls back when the process has nothing left to do. Called once. */
  readonly atExit: (finish: () => Promise<void>) => void;
}

/** The runs of one thread of work, innermost last. */
interface Scope {
  readonly runs: ActiveRun[];
  starting: number;
}

export type Fluent = ReturnType<typeof fluentApi>;

/**
 * MLflow's fluent API: verbs that know the server, the experiment and the run they speak of. A run that `withRun` opens
 * is seen only by its own function and what that calls, so several may go on at the same time.
 */
export function fluentApi(setup: FluentSetup) {
  const scopes = new AsyncLocalStorage<Scope>();
  const outermost: Scope = { runs: [], starting: 0 };
  const open = new Set<ActiveRun>();
  let connected: CellarClient | undefined;
  let experiment: Promise<string> | undefined;
  let assignedRun: string | undefined | 'taken';
  let watchesExit = false;

  function client(): CellarClient {
    connected ??= setup.connect(undefined);
    return connected;
  }

  const currentScope = () => scopes.getStore() ?? outermost;
  const innermost = (scope: Scope) => scope.runs.findLast((run) => open.has(run));

  function current(): ActiveRun {
    const run = innermost(currentScope());
    if (run === undefined)
      throw new CellarError('INVALID_STATE', 'No run is active: open one with startRun or withRun before logging.');
    return run;
  }

  async function setExperiment(given: string | { readonly experimentId: string }): Promise<Experiment> {
    const found = await (typeof given === 'string'
      ? client().getOrCreateExperiment(given)
      : client().getExperiment(given.experimentId));
    experiment = Promise.resolve(found.experimentId);
    return found;
  }

  /** The experiment that is set, else the one that the environment names, else MLflow's Default. */
  function experimentId(): Promise<string> {
    const { experimentName, experimentId: id } = setup.assignment();
    if (experiment === undefined && experimentName !== undefined && id === undefined)
      experiment = client()
        .getOrCreateExperiment(experimentName)
        .then((found) => found.experimentId)
        .catch((error: unknown) => {
          experiment = undefined;
          throw error;
        });
    return experiment ?? Promise.resolve(id ?? '0');
  }

  /** The run that a launcher made for this process is taken up by the first run that starts. */
  function takeAssignedRun(): string | undefined {
    const runId = assignedRun === 'taken' ? undefined : setup.assignment().runId;
    assignedRun = 'taken';
    return runId;
  }

  async function makeRun(given: StartRun, parent: ActiveRun | undefined): Promise<Run> {
    const runId = given.runId ?? takeAssignedRun();
    if (runId !== undefined) {
      await client().updateRun(runId, { status: 'RUNNING', runName: given.runName });
      return client().getRun(runId);
    }
    const { user, sourceName } = setup.origin();
    const create: CreateRun = {
      runName: given.runName,
      userId: user,
      startTime: setup.clock(),
      tags: {
        'mlflow.user': user,
        'mlflow.source.name': sourceName,
        'mlflow.source.type': 'LOCAL',
        ...(given.runName !== undefined && { 'mlflow.runName': given.runName }),
        ...(given.description !== undefined && { 'mlflow.note.content': given.description }),
        ...(parent !== undefined && { 'mlflow.parentRunId': parent.runId }),
        ...given.tags,
      },
    };
    return client().createRun(given.experimentId ?? (await experimentId()), create);
  }

  async function begin(from: Scope, into: Scope, given: StartRun): Promise<ActiveRun> {
    const parent = innermost(from);
    if (given.nested !== true && (parent !== undefined || from.starting > 0))
      throw new CellarError(
        'INVALID_STATE',
        `The run '${parent?.runId ?? 'that is being started'}' is active: end it first, or start this one with nested: true.`,
      );
    watchExit();
    if (from === into) from.starting += 1;
    try {
      const info = await makeRun(given, parent);
      const onEnd = () => {
        open.delete(run);
        into.runs.splice(0, into.runs.length, ...into.runs.filter((other) => other !== run));
      };
      const run = activeRun({ client: client(), info, clock: setup.clock, onEnd });
      open.add(run);
      into.runs.push(run);
      return run;
    } finally {
      if (from === into) from.starting -= 1;
    }
  }

  function watchExit(): void {
    if (!watchesExit) setup.atExit(endAll);
    watchesExit = true;
  }

  /** Flushes and ends what is still open, children first. Every run is tried once. */
  async function endAll(): Promise<void> {
    const runs = [...open].reverse();
    open.clear();
    const failures: unknown[] = [];
    for (const run of runs) await run.end().catch((error: unknown) => failures.push(error));
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} runs could not be ended.`);
  }

  async function withRun<T>(work: (run: ActiveRun) => Promise<T> | T): Promise<T>;
  async function withRun<T>(given: StartRun, work: (run: ActiveRun) => Promise<T> | T): Promise<T>;
  async function withRun<T>(
    first: StartRun | ((run: ActiveRun) => Promise<T> | T),
    second?: (run: ActiveRun) => Promise<T> | T,
  ): Promise<T> {
    const [given, work] = typeof first === 'function' ? [{}, first] : [first, second];
    if (work === undefined) throw new CellarError('INVALID_PARAMETER_VALUE', 'withRun needs the function to run.');
    const outer = currentScope();
    const scope: Scope = { runs: [...outer.runs], starting: 0 };
    const run = await begin(outer, scope, given);
    let result: T;
    try {
      result = await scopes.run(scope, () => work(run));
      await run.flush();
    } catch (error) {
      await run.end('FAILED').catch((failure: unknown) => {
        // Without an answer the run stays open: the end of the process tries again, and reports if that fails too.
        if (!isTemporary(failure))
          throw new AggregateError([error, failure], `${String(error)} (and then: ${String(failure)})`, {
            cause: error,
          });
      });
      throw error;
    }
    await run.end('FINISHED');
    return result;
  }

  return {
    /** The server for everything that follows. Runs that are open stay with theirs. */
    setTrackingUri(trackingUri: string): void {
      connected = setup.connect(trackingUri);
      experiment = undefined;
    },
    getTrackingUri: () => client().trackingUri,
    /** The client that these verbs use, for the verbs that are not among them. */
    client,

    /** Runs that start from now on belong to this experiment, which is made when its name is new. */
    setExperiment,

    /** Starts a run that stays active until endRun, or until the process has nothing left to do. */
    async startRun(given: StartRun = {}): Promise<ActiveRun> {
      return begin(currentScope(), currentScope(), given);
    },

    /**
     * Runs a function with an active run, and ends that: FINISHED, or FAILED when the function throws or a value is
     * refused. Rejects with that error.
     */
    withRun,

    /** Flushes and ends the innermost active run; does nothing when there is none. */
    async endRun(status: RunStatus = 'FINISHED'): Promise<void> {
      await innermost(currentScope())?.end(status);
    },

    activeRun: (): ActiveRun | undefined => innermost(currentScope()),

    logMetric: (...args: Parameters<ActiveRun['logMetric']>) => current().logMetric(...args),
    logMetrics: (...args: Parameters<ActiveRun['logMetrics']>) => current().logMetrics(...args),
    logParam: (...args: Parameters<ActiveRun['logParam']>) => current().logParam(...args),
    logParams: (...args: Parameters<ActiveRun['logParams']>) => current().logParams(...args),
    setTag: (...args: Parameters<ActiveRun['setTag']>) => current().setTag(...args),
    setTags: (...args: Parameters<ActiveRun['setTags']>) => current().setTags(...args),
    deleteTag: async (key: string) => current().deleteTag(key),
    flush: async () => current().flush(),
    logArtifact: async (...args: Parameters<ActiveRun['logArtifact']>) => current().logArtifact(...args),
    logArtifacts: async (...args: Parameters<ActiveRun['logArtifacts']>) => current().logArtifacts(...args),
    logText: async (...args: Parameters<ActiveRun['logText']>) => current().logText(...args),
    logDict: async (...args: Parameters<ActiveRun['logDict']>) => current().logDict(...args),
    logInput: async (...args: Parameters<ActiveRun['logInput']>) => current().logInput(...args),
    logModel: async (...args: Parameters<ActiveRun['logModel']>) => current().logModel(...args),

    /** Registers a `models:/m-…`, `runs:/…` or storage URI as the next version of a model, which is made when new. */
    registerModel: async (modelUri: string, name: string, given?: Parameters<typeof registerModel>[3]) =>
      registerModel(client(), modelUri, name, given),

    /** In the current experiment unless others are named. */
    searchRuns: (search: Partial<SearchRuns> = {}) =>
      paged(async (token) =>
        client()
          .searchRuns({ ...search, experimentIds: search.experimentIds ?? [await experimentId()] })
          .page(token),
      ),
  };
}
