import type { Migration } from '../migrate.ts';

/**
 * Deployments: champions being served, and those that were. `server` names who serves, since each server starts its own.
 * Compilations: what came of turning a model into ONNX and comparing it with its original on a holdout.
 */
export const deployments: Migration = {
  number: 7,
  name: 'deployments',
  statements: (d) => [
    `insert into counters(name, value) values ('deployment', 0)`,
    `create table deployments(
       deployment_no ${d.primaryKeyBigint}, server ${d.text} not null, slot_no ${d.bigint} not null,
       environment ${d.text} not null, service ${d.text} not null, decision_id ${d.text} not null,
       version_no ${d.bigint} not null, registered_model ${d.text} not null, version ${d.bigint} not null,
       code_version ${d.text}, artifact_digest ${d.text} not null, status ${d.text} not null, runtime ${d.text},
       runtime_reason ${d.text}, checked ${d.text}, reason ${d.text}, creation_time ${d.bigint} not null,
       live_time ${d.bigint}, end_time ${d.bigint})`,
    `create index deployments_slot on deployments(slot_no, deployment_no)`,
    `create index deployments_open on deployments(server, end_time)`,
    `create table compilations(
       artifact_digest ${d.text} not null, holdout_key ${d.text} not null, status ${d.text} not null,
       reason ${d.text} not null, compared_rows ${d.bigint} not null, differing_rows ${d.bigint} not null,
       largest_difference ${d.double} not null, tolerance ${d.double} not null, file_digest ${d.text},
       creation_time ${d.bigint} not null, primary key (artifact_digest, holdout_key)) ${d.clustered}`,
  ],
};
