/**
 * What one search may ask. Real clients stay far below: the largest filters seen are lists of run ids
 * (`attributes.run_id IN (…)`, 36 characters an id), which `listValues` and `filterCharacters` are cut for.
 */
export const searchLimits = {
  filterCharacters: 1_000_000,
  comparisons: 200,
  /** Parentheses inside parentheses. */
  depth: 50,
  /** Values of all lists of one filter together. */
  listValues: 10_000,
  /** A pattern of LIKE or ILIKE: SQLite refuses patterns of more than 50,000 bytes, escapes included. */
  patternCharacters: 10_000,
  orderItems: 20,
  orderItemCharacters: 2_000,
} as const;
