import type { Migration } from '../migrate.ts';

/**
 * Holdouts and their immutable versions. What describes the rows (columns, profile, warnings) is JSON that is only read
 * whole; the rows themselves are a Parquet file named by the digest.
 */
export const holdouts: Migration = {
  number: 3,
  name: 'holdouts',
  statements: (d) => [
    `insert into counters(name, value) values ('holdout', 0), ('holdout_version', 0)`,
    `create table holdouts(
       holdout_no ${d.primaryKeyBigint}, name ${d.text} not null unique, creation_time ${d.bigint} not null,
       last_version ${d.bigint} not null default 0)`,
    `create table holdout_versions(
       holdout_version_no ${d.primaryKeyBigint}, holdout_no ${d.bigint} not null, version ${d.bigint} not null,
       digest ${d.text} not null, target ${d.text} not null, task ${d.text} not null, row_count ${d.bigint} not null,
       column_count ${d.bigint} not null, size_bytes ${d.bigint} not null, store_path ${d.text} not null,
       description ${d.text} not null, uploaded_by ${d.text} not null, uploaded_time ${d.bigint} not null,
       unique (holdout_no, version), unique (holdout_no, digest))`,
  ],
};
