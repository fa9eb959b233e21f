import type { Migration } from '../migrate.ts';

/**
 * Registered models and their versions. `rm_no` and `version_no` are internal ids which are never used again, also when
 * a name is deleted and created anew; what must not be confused (decisions, deployments) refers to them.
 */
export const registry: Migration = {
  number: 2,
  name: 'registry',
  statements: (d) => [
    `insert into counters(name, value) values ('registered_model', 0), ('model_version', 0)`,
    `create table registered_models(
       rm_no ${d.primaryKeyBigint}, name ${d.text} not null unique, description ${d.text},
       creation_time ${d.bigint} not null, last_updated_time ${d.bigint} not null,
       last_version ${d.bigint} not null default 0)`,
    `create index registered_models_updated on registered_models(last_updated_time, name)`,
    `create table registered_model_tags(
       rm_no ${d.bigint} not null, key ${d.text} not null, value ${d.text} not null, primary key (rm_no, key)) ${d.clustered}`,
    `create table registered_model_aliases(
       rm_no ${d.bigint} not null, alias ${d.text} not null, version ${d.bigint} not null, primary key (rm_no, alias)) ${d.clustered}`,
    `create table model_versions(
       version_no ${d.primaryKeyBigint}, rm_no ${d.bigint} not null, version ${d.bigint} not null, stage ${d.text} not null,
       description ${d.text}, source ${d.text} not null, storage_location ${d.text} not null, run_id ${d.text} not null,
       run_link ${d.text} not null, model_id ${d.text}, status ${d.text} not null, status_message ${d.text},
       creation_time ${d.bigint} not null, last_updated_time ${d.bigint} not null, deleted ${d.bigint} not null default 0,
       unique (rm_no, version))`,
    `create index model_versions_stage on model_versions(rm_no, deleted, stage, version)`,
    `create index model_versions_run on model_versions(run_id)`,
    `create index model_versions_updated on model_versions(deleted, last_updated_time desc, rm_no, version)`,
    `create table model_version_tags(
       version_no ${d.bigint} not null, key ${d.text} not null, value ${d.text} not null, primary key (version_no, key)) ${d.clustered}`,
  ],
};
