import { nextId } from '../storage/ids.ts';
import { all, get, run, type Tx } from '../storage/storage.ts';
import type { Champion } from './champions.ts';
import type { Compilation } from './compilation.ts';
import type { DeploymentStatus } from './deployment.ts';

/** A row of the history of what was served. Times in milliseconds since 1970. */
export interface DeploymentRecord {
  readonly deploymentNo: number;
  readonly server: string;
  readonly slotNo: number;
  readonly environment: string;
  readonly service: string;
  readonly decisionId: string;
  readonly versionNo: number;
  readonly registeredModel: string;
  readonly version: number;
  readonly codeVersion: string | null;
  readonly artifactDigest: string;
  readonly status: DeploymentStatus;
  readonly runtime: 'python' | 'onnx' | null;
  readonly runtimeReason: string | null;
  readonly checked: string | null;
  readonly reason: string | null;
  readonly creationTime: number;
  readonly liveTime: number | null;
  readonly endTime: number | null;
}

const columns = `deployment_no as "deploymentNo", server, slot_no as "slotNo", environment, service,
  decision_id as "decisionId", version_no as "versionNo", registered_model as "registeredModel", version,
  code_version as "codeVersion", artifact_digest as "artifactDigest", status, runtime, runtime_reason as "runtimeReason",
  checked, reason, creation_time as "creationTime", live_time as "liveTime", end_time as "endTime"`;

export function* insertDeployment(server: string, champion: Champion, now: number): Tx<number> {
  const deploymentNo = yield* nextId('deployment');
  yield* run(
    `insert into deployments(deployment_no, server, slot_no, environment, service, decision_id, version_no,
       registered_model, version, code_version, artifact_digest, status, creation_time)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'starting', ?)`,
    [
      deploymentNo,
      server,
      champion.slotNo,
      champion.environment,
      champion.service,
      champion.decisionId,
      champion.versionNo,
      champion.registeredModel,
      champion.version,
      champion.codeVersion,
      champion.artifactDigest,
      now,
    ],
  );
  return deploymentNo;
}

export function* markWarming(deploymentNo: number): Tx<void> {
  yield* run(`update deployments set status = 'warming' where deployment_no = ?`, [deploymentNo]);
}

export function* markLive(
  deploymentNo: number,
  model: { readonly runtime: string; readonly reason: string; readonly checked: string },
  now: number,
): Tx<void> {
  yield* run(
    `update deployments set status = 'live', runtime = ?, runtime_reason = ?, checked = ?, live_time = ?
     where deployment_no = ?`,
    [model.runtime, model.reason, model.checked, now, deploymentNo],
  );
}

export function* markConfirmed(deploymentNo: number, decisionId: string): Tx<void> {
  yield* run('update deployments set decision_id = ? where deployment_no = ?', [decisionId, deploymentNo]);
}

export function* markDraining(deploymentNo: number): Tx<void> {
  yield* run(`update deployments set status = 'draining' where deployment_no = ?`, [deploymentNo]);
}

export function* markEnded(
  deploymentNo: number,
  status: 'stopped' | 'failed',
  reason: string | null,
  now: number,
): Tx<void> {
  yield* run('update deployments set status = ?, reason = ?, end_time = ? where deployment_no = ?', [
    status,
    reason,
    now,
    deploymentNo,
  ]);
}

/** Closes what a server left open when it ended without a word. */
export function* endLeftovers(server: string, now: number): Tx<number> {
  return yield* run(
    `update deployments set status = 'stopped', reason = 'the server ended', end_time = ?
     where server = ? and end_time is null`,
    [now, server],
  );
}

/** The newest deployments of a slot first. */
export function* deploymentsOfSlot(slotNo: number, limit: number): Tx<DeploymentRecord[]> {
  return yield* all<DeploymentRecord>(
    `select ${columns} from deployments where slot_no = ? order by deployment_no desc limit ?`,
    [slotNo, limit],
  );
}

interface CompilationRow {
  readonly status: Compilation['status'];
  readonly reason: string;
  readonly compared_rows: number;
  readonly differing_rows: number;
  readonly largest_difference: number;
  readonly tolerance: number;
  readonly file_digest: string | null;
}

export function* findCompilation(artifactDigest: string, holdoutKey: string): Tx<Compilation | undefined> {
  const row = yield* get<CompilationRow>(
    `select status, reason, compared_rows, differing_rows, largest_difference, tolerance, file_digest
     from compilations where artifact_digest = ? and holdout_key = ?`,
    [artifactDigest, holdoutKey],
  );
  if (row === undefined) return undefined;
  return {
    status: row.status,
    reason: row.reason,
    rows: row.compared_rows,
    differing: row.differing_rows,
    largestDifference: row.largest_difference,
    tolerance: row.tolerance,
    fileDigest: row.file_digest,
  };
}

export function* saveCompilation(
  artifactDigest: string,
  holdoutKey: string,
  compilation: Compilation,
  now: number,
): Tx<void> {
  yield* run('delete from compilations where artifact_digest = ? and holdout_key = ?', [artifactDigest, holdoutKey]);
  yield* run(
    `insert into compilations(artifact_digest, holdout_key, status, reason, compared_rows, differing_rows,
       largest_difference, tolerance, file_digest, creation_time) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      artifactDigest,
      holdoutKey,
      compilation.status,
      compilation.reason,
      compilation.rows,
      compilation.differing,
      compilation.largestDifference,
      compilation.tolerance,
      compilation.fileDigest,
      now,
    ],
  );
}
