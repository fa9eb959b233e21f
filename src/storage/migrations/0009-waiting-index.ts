import type { Migration } from '../migrate.ts';

/**
 * The search indexes hold the rows with `indexed = 1`. New rows may wait (0) and are then taken in together;
 * `unindexed_runs` lists the runs that have such rows. See docs/decisions/0008.
 */
export const waitingIndex: Migration = {
  number: 9,
  name: 'waiting index',
  statements: (d) => [
    ...['latest_metrics', 'params', 'tags'].flatMap((table) => [
      `alter table ${table} add column indexed ${d.bigint} not null default 1`,
      `drop index ${table}_search`,
    ]),
    `create index latest_metrics_search on latest_metrics(exp_id, key_id, is_nan, value, run_no) where indexed = 1`,
    `create index params_search on params(exp_id, key_id, ${d.indexedColumn('value')}, run_no) where indexed = 1`,
    `create index tags_search on tags(exp_id, key_id, ${d.indexedColumn('value')}, run_no) where indexed = 1`,
    `create table unindexed_runs(run_no ${d.primaryKeyBigint})`,
  ],
};
