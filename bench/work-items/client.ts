import path from 'node:path';
import { run } from '../../scripts/run.mjs';
import { quiet } from '../servers/mlflow.ts';
import type { WorkItem } from './work-item.ts';

const loop = path.join(import.meta.dirname, '../mlflow/client_loop.py');

interface Loop {
  readonly runs: number;
  readonly runsPerS: number;
  readonly cpuMsPerRun: number;
  readonly version: string;
}

/** The unmodified Python client; `python` has the mlflow package in it. */
export function pythonClient(python: string): WorkItem {
  return {
    name: 'W9',
    what: 'the Python client: start a run, 2 params, 2 metrics, 1 tag, end it',
    others: ['fasttrackml', 'canned'],
    async *run(subject) {
      const { server, sizes } = subject;
      for (let i = 0; i < sizes.clientTurns; i++) {
        const env = { ...process.env, ...quiet, MLFLOW_TRACKING_URI: server.url };
        const { result, conditions } = await subject.watch(() =>
          run(python, [loop, String(sizes.clientSeconds)], { env }),
        );
        const { runs, runsPerS, cpuMsPerRun } = JSON.parse(result.trim().split('\n').at(-1)!) as Loop;
        subject.figure('W9 Python client rate', 'runs/s', runsPerS, conditions);
        subject.figure('W9 Python client CPU of the client', 'ms/run', cpuMsPerRun, conditions);
        subject.figure(
          'W9 Python client server CPU',
          'ms/run',
          (conditions.serverCpuSeconds * 1000) / runs,
          conditions,
        );
        yield;
      }
    },
  };
}
