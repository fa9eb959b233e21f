import { describe, expect, test } from 'vitest';
import { type Asked, type Scripted, withScriptedServer } from '../../test/support/scripted-server.ts';
import { createClient } from './cellar-client.ts';
import type { Assignment } from './environment.ts';
import { type Fluent, fluentApi } from './fluent.ts';

interface Tracking {
  readonly fluent: Fluent;
  readonly asked: readonly Asked[];
  /** What happens when the process has nothing left to do. */
  readonly finish: () => Promise<void>;
}

/** A call in a few words. */
const said = ({ path, body }: Asked) => {
  const what = path.replace('/api/2.0/mlflow/', '');
  const who = body?.run_id ?? '';
  if (what === 'runs/create') return `create ${body.run_name ?? ''}`;
  if (what === 'runs/update') return `${body.status} ${who}`;
  if (what !== 'runs/log-batch') return what;
  const keys = [...body.params, ...body.metrics, ...body.tags].map(({ key }: { key: string }) => key);
  return `log ${who} ${keys.join(' ')}`;
};

/** A fluent API on a server that knows just enough of MLflow; `refuse` says which calls it answers otherwise. */
async function withTracking(
  work: (tracking: Tracking) => Promise<void>,
  { refuse, assigned }: { refuse?: (asked: Asked) => Scripted | undefined; assigned?: Partial<Assignment> } = {},
): Promise<void> {
  let runs = 0;
  const info = (id: string) => ({ run_id: id, experiment_id: '1', status: 'RUNNING' });
  const answer = (asked: Asked): Scripted => {
    const refused = refuse?.(asked);
    if (refused !== undefined) return refused;
    if (asked.path.endsWith('runs/create')) {
      runs += 1;
      return { body: { run: { info: info(`r${runs}`) } } };
    }
    if (asked.path.endsWith('runs/get')) return { body: { run: { info: info(asked.query.get('run_id') ?? '') } } };
    if (asked.path.endsWith('runs/update')) return { body: { run_info: info(asked.body.run_id) } };
    if (asked.path.endsWith('experiments/get-by-name'))
      return { body: { experiment: { experiment_id: '7', name: asked.query.get('experiment_name') } } };
    return {};
  };
  await withScriptedServer(answer, async ({ url, asked }) => {
    let finish = async () => {};
    const fluent = fluentApi({
      connect: () => createClient({ trackingUri: url, maxRetries: 0 }),
      assignment: () => ({ experimentName: undefined, experimentId: undefined, runId: undefined, ...assigned }),
      origin: () => ({ user: 'me', sourceName: 'train.ts' }),
      clock: () => 1000,
      atExit: (handler) => {
        finish = handler;
      },
    });
    await work({
      fluent,
      asked,
      finish: () => finish(),
    });
  });
}

const bodyOf = (asked: readonly Asked[], path: string) => asked.find((ask) => ask.path.endsWith(path))?.body;
const tagsOf = (asked: Asked | undefined) =>
  Object.fromEntries(asked?.body.tags.map(({ key, value }: { key: string; value: string }) => [key, value]));

describe('a run', () => {
  test('starts with the tags that the Python client sends', () =>
    withTracking(async ({ fluent, asked }) => {
      await fluent.startRun({ runName: 'first', tags: { lot: 7 }, description: 'a *try*' });
      expect(asked[0]?.body).toMatchObject({
        experiment_id: '0',
        run_name: 'first',
        user_id: 'me',
        start_time: 1000,
      });
      expect(tagsOf(asked[0])).toEqual({
        'mlflow.user': 'me',
        'mlflow.source.name': 'train.ts',
        'mlflow.source.type': 'LOCAL',
        'mlflow.runName': 'first',
        'mlflow.note.content': 'a *try*',
        lot: '7',
      });
    }));

  test('sends everything that it logs before it ends', () =>
    withTracking(async ({ fluent, asked }) => {
      await fluent.startRun();
      fluent.logParams({ depth: 3, shuffle: true });
      fluent.logMetric('loss', 0.5, { step: 1 });
      fluent.logMetrics({ f1: 0.9, accuracy: 0.8 }, { step: 2, timestamp: 5 });
      fluent.setTag('model_name', 'Wineforest');
      await fluent.endRun();
      expect(asked.map(said)).toEqual(['create ', 'log r1 depth shuffle loss f1 accuracy model_name', 'FINISHED r1']);
      expect(bodyOf(asked, 'log-batch')).toEqual({
        run_id: 'r1',
        params: [
          { key: 'depth', value: '3' },
          { key: 'shuffle', value: 'true' },
        ],
        metrics: [
          { key: 'loss', value: 0.5, timestamp: 1000, step: 1 },
          { key: 'f1', value: 0.9, timestamp: 5, step: 2 },
          { key: 'accuracy', value: 0.8, timestamp: 5, step: 2 },
        ],
        tags: [{ key: 'model_name', value: 'Wineforest' }],
      });
      expect(bodyOf(asked, 'runs/update')).toEqual({ run_id: 'r1', status: 'FINISHED', end_time: 1000 });
    }));

  test('that has ended takes nothing more', () =>
    withTracking(async ({ fluent }) => {
      const run = await fluent.startRun();
      await run.end();
      expect(() => run.logMetric('late', 1)).toThrow('has ended with status FINISHED');
      expect(() => fluent.logMetric('late', 1)).toThrow('No run is active');
    }));

  test('ends once, however often it is asked to', () =>
    withTracking(async ({ fluent, asked }) => {
      const run = await fluent.startRun();
      await Promise.all([run.end(), run.end('FAILED')]);
      await run.end();
      await fluent.endRun();
      expect(asked.map(said)).toEqual(['create ', 'FINISHED r1']);
    }));

  test('cannot be started beside another one by mistake', () =>
    withTracking(async ({ fluent, asked }) => {
      const first = fluent.startRun();
      await expect(fluent.startRun()).rejects.toMatchObject({ code: 'INVALID_STATE' });
      await first;
      await expect(fluent.startRun()).rejects.toThrow("The run 'r1' is active");
      await expect(fluent.withRun(() => undefined)).rejects.toThrow('nested: true');
      expect(asked).toHaveLength(1);
    }));

  test('becomes a child of the active one when nested, and gives back to it', () =>
    withTracking(async ({ fluent, asked }) => {
      await fluent.startRun({ runName: 'parent' });
      await fluent.startRun({ runName: 'child', nested: true });
      fluent.setTag('whose', 'child');
      await fluent.endRun();
      fluent.setTag('whose', 'parent');
      await fluent.endRun();
      expect(tagsOf(asked[1])['mlflow.parentRunId']).toBe('r1');
      expect(asked.map(said).slice(2)).toEqual(['log r2 whose', 'FINISHED r2', 'log r1 whose', 'FINISHED r1']);
    }));

  test('goes on where an earlier one stopped', () =>
    withTracking(async ({ fluent, asked }) => {
      const run = await fluent.startRun({ runId: 'old' });
      expect(run.runId).toBe('old');
      expect(asked.map(said)).toEqual(['RUNNING old', 'runs/get']);
    }));
});

describe('withRun', () => {
  test('gives what its function gives, and ends the run', () =>
    withTracking(async ({ fluent, asked }) => {
      const result = await fluent.withRun({ runName: 'a' }, async (run) => {
        run.logMetric('f1', 1);
        return 42;
      });
      expect(result).toBe(42);
      expect(asked.map(said)).toEqual(['create a', 'log r1 f1', 'FINISHED r1']);
    }));

  test('marks the run FAILED, with what was logged, when its function throws', () =>
    withTracking(async ({ fluent, asked }) => {
      const failure = new RangeError('diverged');
      const work = fluent.withRun(() => {
        fluent.logMetric('loss', Number.NaN);
        throw failure;
      });
      await expect(work).rejects.toBe(failure);
      expect(asked.map(said)).toEqual(['create ', 'log r1 loss', 'FAILED r1']);
    }));

  const refusesBadKeys = (asked: Asked): Scripted | undefined =>
    asked.text.includes('"bad"')
      ? { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'bad is no key' } }
      : undefined;

  test('marks the run FAILED when a value is refused, keeps the others and says which', () =>
    withTracking(
      async ({ fluent, asked }) => {
        const work = fluent.withRun(() => fluent.logMetrics({ good: 1, bad: 2 }));
        await expect(work).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE', message: 'bad is no key' });
        expect(asked.map(said)).toEqual(['create ', 'log r1 good bad', 'log r1 good', 'log r1 bad', 'FAILED r1']);
      },
      { refuse: refusesBadKeys },
    ));

  test('a run that is ended by hand ends although a value was refused, and says so', () =>
    withTracking(
      async ({ fluent, asked }) => {
        await fluent.startRun();
        fluent.logParam('bad', 1);
        await expect(fluent.endRun()).rejects.toThrow('bad is no key');
        expect(asked.map(said).at(-1)).toBe('FINISHED r1');
        expect(fluent.activeRun()).toBeUndefined();
      },
      { refuse: refusesBadKeys },
    ));

  test('several at the same time do not see each other', () =>
    withTracking(async ({ fluent, asked }) => {
      const train = (name: string) =>
        fluent.withRun({ runName: name }, async (run) => {
          fluent.setTag(`first-${name}`, '');
          await run.flush();
          fluent.setTag(`second-${name}`, '');
          return run.runId;
        });
      const [a, b] = await Promise.all([train('a'), train('b')]);
      const calls = asked.map(said);
      for (const [name, id] of [
        ['a', a],
        ['b', b],
      ]) {
        expect(calls).toContain(`log ${id} first-${name}`);
        expect(calls).toContain(`log ${id} second-${name}`);
        expect(calls).toContain(`FINISHED ${id}`);
      }
      expect(calls).toHaveLength(8);
    }));
});

describe('the end of the process', () => {
  test('flushes and finishes what is open, children first', () =>
    withTracking(async ({ fluent, asked, finish }) => {
      await fluent.startRun({ runName: 'parent' });
      await fluent.startRun({ runName: 'child', nested: true });
      fluent.logMetric('f1', 1);
      await finish();
      expect(asked.map(said).slice(2)).toEqual(['log r2 f1', 'FINISHED r2', 'FINISHED r1']);
    }));

  test('reports what could not be sent, after it has tried every run, and tries once', () =>
    withTracking(
      async ({ fluent, asked, finish }) => {
        const run = await fluent.startRun();
        await fluent.startRun({ nested: true });
        run.logMetric('f1', 1);
        await expect(finish()).rejects.toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE' });
        expect(asked.map(said).slice(2)).toEqual(['FINISHED r2', 'log r1 f1']);
        await finish();
        expect(asked).toHaveLength(4);
      },
      { refuse: ({ path }) => (path.endsWith('log-batch') ? { status: 503 } : undefined) },
    ));

  test('a run that could not be ended can be ended later, and loses nothing', async () => {
    let down = true;
    await withTracking(
      async ({ fluent, asked }) => {
        await fluent.startRun();
        fluent.logMetric('f1', 1);
        await expect(fluent.endRun()).rejects.toMatchObject({ status: 503 });
        down = false;
        await fluent.endRun();
        expect(asked.map(said).slice(-2)).toEqual(['log r1 f1', 'FINISHED r1']);
      },
      { refuse: ({ path }) => (down && path.endsWith('log-batch') ? { status: 503 } : undefined) },
    );
  });

  test('a run whose values nobody answered for is still FAILED when they arrive at last', async () => {
    let down = true;
    await withTracking(
      async ({ fluent, asked, finish }) => {
        const work = fluent.withRun(() => fluent.logMetric('f1', 1));
        await expect(work).rejects.toMatchObject({ status: 503 });
        down = false;
        await finish();
        expect(asked.map(said).slice(-2)).toEqual(['log r1 f1', 'FAILED r1']);
      },
      { refuse: ({ path }) => (down && path.endsWith('log-batch') ? { status: 503 } : undefined) },
    );
  });
});

describe('the experiment', () => {
  test('is the one that was set', () =>
    withTracking(async ({ fluent, asked }) => {
      expect(await fluent.setExperiment('/Users/me/Wine')).toMatchObject({ experimentId: '7', name: '/Users/me/Wine' });
      await fluent.startRun();
      expect(bodyOf(asked, 'runs/create').experiment_id).toBe('7');
    }));

  test('is made when its name is new, also when somebody else makes it at that moment', async () => {
    let asks = 0;
    await withTracking(
      async ({ fluent, asked }) => {
        expect((await fluent.setExperiment('new')).experimentId).toBe('7');
        expect(asked.map(said)).toEqual(['experiments/get-by-name', 'experiments/create', 'experiments/get-by-name']);
      },
      {
        refuse: ({ path }) => {
          if (path.endsWith('experiments/create'))
            return { status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS', message: 'taken' } };
          if (!path.endsWith('get-by-name')) return undefined;
          asks += 1;
          return asks === 1 ? { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: '' } } : undefined;
        },
      },
    );
  });

  test('that is deleted is not used', () =>
    withTracking(
      async ({ fluent }) => {
        await expect(fluent.setExperiment('old')).rejects.toThrow("The experiment 'old' is deleted");
      },
      {
        refuse: ({ path }) =>
          path.endsWith('get-by-name')
            ? { body: { experiment: { experiment_id: '7', name: 'old', lifecycle_stage: 'deleted' } } }
            : undefined,
      },
    ));

  test('and the run may be named by a launcher; the run is taken up once', () =>
    withTracking(
      async ({ fluent, asked }) => {
        expect((await fluent.startRun()).runId).toBe('given');
        await fluent.startRun({ nested: true });
        expect(bodyOf(asked, 'runs/create').experiment_id).toBe('7');
        expect(tagsOf(asked.at(-1))['mlflow.parentRunId']).toBe('given');
      },
      { assigned: { experimentName: 'wine', runId: 'given' } },
    ));

  test('is searched unless others are named', () =>
    withTracking(async ({ fluent, asked }) => {
      await fluent.setExperiment('wine');
      await fluent.searchRuns({ filter: 'metrics.f1 > 0.9' }).all();
      await fluent.searchRuns({ experimentIds: ['3'] }).all();
      expect(asked.slice(1).map(({ body }) => body.experiment_ids)).toEqual([['7'], ['3']]);
    }));
});
