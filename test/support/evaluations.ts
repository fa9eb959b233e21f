import { afterAll, beforeAll } from 'vitest';
import { type EvaluationRoom, type Limits, openEvaluations } from './evaluation-room.ts';
import { type Engine, makePlace, type Place } from './stores.ts';

export interface TestEvaluations extends EvaluationRoom {
  readonly place: Place;
}

/** The evaluation room on a database and in a folder of its own. */
export function withEvaluations(engine: Engine, python: () => Promise<string>, limits: Limits = {}): TestEvaluations {
  const self = {} as { -readonly [K in keyof TestEvaluations]: TestEvaluations[K] };
  beforeAll(async () => {
    self.place = await makePlace(engine);
    Object.assign(self, await openEvaluations(self.place, await python(), limits));
  });
  afterAll(async () => {
    await self.close?.();
    await self.place?.remove();
  });
  return self;
}
