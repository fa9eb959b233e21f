import { userInfo } from 'node:os';
import { relative } from 'node:path';
import type { ConnectionOptions } from './transport.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const given = (value: string | undefined) => (value === undefined || value === '' ? undefined : value);

/** MLflow's own variables. Without MLFLOW_TRACKING_URI it is the server on this machine. */
export const connectionFrom = (env: Environment, trackingUri?: string): ConnectionOptions => ({
  trackingUri: trackingUri ?? given(env['MLFLOW_TRACKING_URI']) ?? 'http://127.0.0.1:5000',
  username: given(env['MLFLOW_TRACKING_USERNAME']),
  password: given(env['MLFLOW_TRACKING_PASSWORD']),
  token: given(env['MLFLOW_TRACKING_TOKEN']),
});

/** Which experiment and run a process was told to log to, as a launcher says it. */
export interface Assignment {
  readonly experimentName: string | undefined;
  readonly experimentId: string | undefined;
  readonly runId: string | undefined;
}

export const assignmentFrom = (env: Environment): Assignment => ({
  experimentName: given(env['MLFLOW_EXPERIMENT_NAME']),
  experimentId: given(env['MLFLOW_EXPERIMENT_ID']),
  runId: given(env['MLFLOW_RUN_ID']),
});

/** Who runs this, and which script. */
export interface Origin {
  readonly user: string;
  readonly sourceName: string;
}

export function originOf(process: { readonly argv: readonly string[]; cwd(): string }, env: Environment): Origin {
  const script = process.argv[1] ?? '';
  const inside = relative(process.cwd(), script);
  return { user: userName() ?? env['USER'] ?? '', sourceName: inside.startsWith('..') ? script : inside };
}

/** Some containers run under a number that has no name. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
