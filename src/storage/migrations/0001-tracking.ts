import type { Migration } from '../migrate.ts';

/**
 * Experiments, runs, metrics, params, tags, datasets and logged models.
 *
 * A run's surrogate is `run_no`, a metric, param or tag name is a `key_id`; the tables that searches walk carry a copy
 * of `exp_id`, so that one index answers "in this experiment, this key, this value". See docs/decisions/0002.
 */
export const tracking: Migration = {
  number: 1,
  name: 'tracking',
  statements: (d) => [
    `create table counters(name ${d.text} primary key, value ${d.bigint} not null)`,
    `insert into counters(name, value) values ('experiment', 0), ('run', 0), ('key', 0), ('dataset', 0), ('logged_model', 0)`,

    `create table experiments(
       exp_id ${d.primaryKeyBigint}, name ${d.text} not null unique, artifact_location ${d.text} not null,
       deleted ${d.bigint} not null default 0, creation_time ${d.bigint} not null, last_update_time ${d.bigint} not null)`,
    `create table experiment_tags(
       exp_id ${d.bigint} not null, key ${d.text} not null, value ${d.text} not null, primary key (exp_id, key)) ${d.clustered}`,

    `create table keys(key_id ${d.primaryKeyBigint}, key ${d.text} not null unique)`,

    `create table runs(
       run_no ${d.primaryKeyBigint}, run_id ${d.text} not null unique, exp_id ${d.bigint} not null, name ${d.text} not null,
       user_id ${d.text} not null, status ${d.bigint} not null, start_time ${d.bigint} not null, end_time ${d.bigint},
       deleted ${d.bigint} not null default 0, artifact_uri ${d.text} not null)`,
    `create index runs_start on runs(exp_id, deleted, start_time desc, run_id)`,

    `create table metrics(
       run_no ${d.bigint} not null, key_id ${d.bigint} not null, step ${d.bigint} not null, ts ${d.bigint} not null,
       value ${d.double} not null, is_nan ${d.bigint} not null, primary key (run_no, key_id, step, ts, value, is_nan)) ${d.clustered}`,

    // points: how many rows of metrics it stands for. in_order: 1 while walking them by step also walks them by time,
    // which is what lets a history be paged along the primary key.
    `create table latest_metrics(
       run_no ${d.bigint} not null, key_id ${d.bigint} not null, exp_id ${d.bigint} not null, value ${d.double} not null,
       is_nan ${d.bigint} not null, ts ${d.bigint} not null, step ${d.bigint} not null,
       points ${d.bigint} not null, in_order ${d.bigint} not null, primary key (run_no, key_id)) ${d.clustered}`,
    `create index latest_metrics_search on latest_metrics(exp_id, key_id, is_nan, value, run_no)`,

    `create table params(
       run_no ${d.bigint} not null, key_id ${d.bigint} not null, exp_id ${d.bigint} not null, value ${d.text} not null,
       primary key (run_no, key_id)) ${d.clustered}`,
    `create index params_search on params(exp_id, key_id, ${d.indexedColumn('value')}, run_no)`,

    `create table tags(
       run_no ${d.bigint} not null, key_id ${d.bigint} not null, exp_id ${d.bigint} not null, value ${d.text} not null,
       primary key (run_no, key_id)) ${d.clustered}`,
    `create index tags_search on tags(exp_id, key_id, ${d.indexedColumn('value')}, run_no)`,

    `create table datasets(
       dataset_no ${d.primaryKeyBigint}, exp_id ${d.bigint} not null, name ${d.text} not null, digest ${d.text} not null,
       source_type ${d.text} not null, source ${d.text} not null, schema ${d.text}, profile ${d.text},
       unique (exp_id, name, digest))`,
    `create table run_datasets(
       run_no ${d.bigint} not null, dataset_no ${d.bigint} not null, position ${d.bigint} not null,
       primary key (run_no, dataset_no)) ${d.clustered}`,
    `create index run_datasets_by_dataset on run_datasets(dataset_no, run_no)`,
    `create table run_dataset_tags(
       run_no ${d.bigint} not null, dataset_no ${d.bigint} not null, key ${d.text} not null, value ${d.text} not null,
       primary key (run_no, dataset_no, key)) ${d.clustered}`,
    `create table run_model_inputs(
       run_no ${d.bigint} not null, model_id ${d.text} not null, primary key (run_no, model_id)) ${d.clustered}`,
    `create table run_model_outputs(
       run_no ${d.bigint} not null, model_id ${d.text} not null, step ${d.bigint} not null,
       primary key (run_no, model_id)) ${d.clustered}`,

    `create table logged_models(
       model_no ${d.primaryKeyBigint}, model_id ${d.text} not null unique, exp_id ${d.bigint} not null, name ${d.text} not null,
       model_type ${d.text} not null, source_run_id ${d.text} not null, status ${d.bigint} not null, status_message ${d.text},
       artifact_uri ${d.text} not null, creation_time ${d.bigint} not null, last_updated_time ${d.bigint} not null,
       deleted ${d.bigint} not null default 0)`,
    `create index logged_models_creation on logged_models(exp_id, deleted, creation_time desc, model_id)`,
    `create index logged_models_by_run on logged_models(source_run_id)`,
    `create table logged_model_params(
       model_no ${d.bigint} not null, key ${d.text} not null, value ${d.text} not null, primary key (model_no, key)) ${d.clustered}`,
    `create table logged_model_tags(
       model_no ${d.bigint} not null, key ${d.text} not null, value ${d.text} not null, primary key (model_no, key)) ${d.clustered}`,
    `create table logged_model_metrics(
       model_no ${d.bigint} not null, key ${d.text} not null, ts ${d.bigint} not null, step ${d.bigint} not null,
       run_id ${d.text} not null, value ${d.double} not null, is_nan ${d.bigint} not null,
       dataset_name ${d.text}, dataset_digest ${d.text}, primary key (model_no, key, ts, step, run_id, value, is_nan)) ${d.clustered}`,
  ],
};
