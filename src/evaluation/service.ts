import { type HoldoutsOptions, holdoutsService } from './holdouts/service.ts';

export type { HoldoutVersion, Task } from './holdouts/holdout.ts';
export type { HoldoutsService } from './holdouts/service.ts';

export type Evaluation = ReturnType<typeof evaluationService>;

/** What models are measured on. */
export function evaluationService(options: HoldoutsOptions) {
  return { holdouts: holdoutsService(options) };
}
