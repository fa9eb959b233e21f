import { invalid, shown } from '../errors.ts';

/** MLflow's stages, in the order of its own list; a new version starts at the first. */
export const stages = ['None', 'Staging', 'Production', 'Archived'] as const;
export type Stage = (typeof stages)[number];

const byLowerCase = new Map<string, Stage>(stages.map((stage) => [stage.toLowerCase(), stage]));

/** The stage that `text` names in any case. Throws INVALID_PARAMETER_VALUE for any other text. */
export function canonicalStage(text: string): Stage {
  const stage = byLowerCase.get(text.toLowerCase());
  if (stage === undefined) throw invalid(`Invalid stage ${shown(text)}: expected one of ${stages.join(', ')}.`);
  return stage;
}

/**
 * Archiving the versions that a stage already holds makes sense only where one version is meant to be in charge.
 * Throws INVALID_PARAMETER_VALUE for None and Archived (MLflow answers 500, which its client repeats for minutes).
 */
export function checkArchiving(stage: Stage): void {
  if (stage === 'Staging' || stage === 'Production') return;
  throw invalid(
    `Parameter 'archive_existing_versions' cannot be true for the stage ${stage}: expected Staging or Production.`,
  );
}
