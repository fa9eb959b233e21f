import type { Migration } from '../migrate.ts';

/**
 * Evaluations: what a model scores on a holdout, made once per model digest, holdout digest and evaluator. Their subjects
 * are the model versions and logged models that have this digest. Comparisons are recorded inputs of selections.
 */
export const evaluations: Migration = {
  number: 6,
  name: 'evaluations',
  statements: (d) => [
    `insert into counters(name, value) values ('evaluation', 0)`,
    `create table evaluators(evaluator ${d.text} primary key, metric_functions ${d.text} not null)`,
    `create table evaluations(
       evaluation_no ${d.primaryKeyBigint}, evaluation_id ${d.text} not null unique,
       artifact_digest ${d.text} not null, holdout_digest ${d.text} not null, evaluator ${d.text} not null,
       holdout_name ${d.text} not null, holdout_version ${d.bigint} not null,
       location ${d.text} not null, label ${d.text} not null, model_id ${d.text}, source_run_id ${d.text},
       status ${d.text} not null, position ${d.bigint} not null, attempts ${d.bigint} not null default 0,
       is_external ${d.bigint} not null, actor ${d.text} not null, job_id ${d.text}, run_id ${d.text},
       creation_time ${d.bigint} not null, start_time ${d.bigint}, end_time ${d.bigint},
       holdout_rows ${d.bigint}, classes ${d.text}, size_bytes ${d.bigint}, row_p50_ms ${d.double}, row_p95_ms ${d.double},
       batch_p50_ms ${d.double}, batch_p95_ms ${d.double}, batch_rows ${d.bigint}, signature ${d.text}, warnings ${d.text},
       has_predictions ${d.bigint} not null default 0, error_type ${d.text}, error_message ${d.text},
       unique (artifact_digest, holdout_digest, evaluator))`,
    `create index evaluations_queue on evaluations(status, position, evaluation_no)`,
    `create index evaluations_holdout on evaluations(holdout_name, holdout_version, evaluation_no)`,
    `create table evaluation_subjects(
       evaluation_no ${d.bigint} not null, kind ${d.text} not null, subject ${d.text} not null,
       source_run_id ${d.text}, label ${d.text} not null, primary key (kind, subject, evaluation_no)) ${d.clustered}`,
    `create index evaluation_subjects_evaluation on evaluation_subjects(evaluation_no)`,
    `create index evaluation_subjects_run on evaluation_subjects(source_run_id)`,
    `create table evaluation_metrics(
       evaluation_no ${d.bigint} not null, name ${d.text} not null, value ${d.double} not null, is_nan ${d.bigint} not null,
       primary key (evaluation_no, name)) ${d.clustered}`,
    `create table evaluation_comparisons(
       champion_no ${d.bigint} not null, challenger_no ${d.bigint} not null, metric ${d.text} not null,
       goal ${d.text} not null, difference ${d.double}, p_value ${d.double}, interval_low ${d.double},
       interval_high ${d.double}, compared_rows ${d.bigint}, reason ${d.text}, creation_time ${d.bigint} not null,
       primary key (champion_no, challenger_no, metric, goal)) ${d.clustered}`,
  ],
};
