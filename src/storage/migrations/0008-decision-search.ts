import type { Migration } from '../migrate.ts';

/** Decisions are found by the champion that they left: any version of a model, or one. */
export const decisionSearch: Migration = {
  number: 8,
  name: 'decision search',
  statements: () => [
    `create index decisions_by_champion_model on decisions(after_rm_no, decision_no)`,
    `create index decisions_by_champion on decisions(after_no, decision_no)`,
  ],
};
