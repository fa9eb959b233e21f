import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, onEveryEngine, type Place } from '../support/stores.ts';
import { untouched } from './calls.ts';
import { capabilities } from './capabilities.ts';
import { startCellar } from './cellar.ts';
import { agrees, expected } from './compare.ts';
import { comparedSteps, fromRecording, stepByStep, titleOf } from './live.ts';
import { play } from './play.ts';
import { readRecording, requestsOf } from './recording.ts';
import type { Running } from './reference.ts';
import { compatibility, compatibilityPath } from './report.ts';

const named = capabilities.map((each) => [each.name, each] as const);
const recorded = fromRecording();

describe('the recording', () => {
  it.each(named)('of %s is of the sequences as they stand', (_name, capability) => {
    const before = readRecording(capability.name).sequences;
    const stale = capability.sequences.filter((sequence) => before[sequence.name]?.requests !== requestsOf(sequence));
    expect(
      stale.map((sequence) => sequence.name),
      'run `npm run conformance -- --record`',
    ).toEqual([]);
    expect(Object.keys(before).length).toBe(capability.sequences.length);
  });

  it('names no sequence twice within a capability', () => {
    const names = capabilities.flatMap((each) => each.sequences.map((sequence) => `${each.name}: ${sequence.name}`));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(named)('of %s differs from what was decided wherever something was decided', async (_name, capability) => {
    for (const sequence of capability.sequences) {
      const answers = await recorded(capability, sequence);
      const idle = comparedSteps(sequence).filter((step, index) => {
        const answer = answers[index];
        return step.differs !== undefined && answer !== undefined && agrees(expected(step, answer), answer);
      });
      expect(idle.map(titleOf), sequence.name).toEqual([]);
    }
  });

  it('touches every call of the core', () => {
    expect(untouched(capabilities)).toEqual([]);
  });

  it('is what the compatibility page says', () => {
    const page = readFileSync(compatibilityPath, 'utf8');
    expect(page, 'run `npm run conformance -- --report`').toBe(compatibility(capabilities));
  });
});

onEveryEngine((engine) => {
  let place: Place;
  let cellar: Running;
  beforeAll(async () => {
    place = await makePlace(engine);
    cellar = await startCellar(place.store);
  });
  afterAll(async () => {
    await cellar?.stop();
    await place?.remove();
  });

  describe.each(named)('Cellar answers as MLflow does: %s', (_name, capability) => {
    it.concurrent.each(capability.sequences.map((sequence) => [sequence.name, sequence] as const))(
      '%s',
      async (_sentence, sequence) => {
        const got = await play(sequence, cellar.url);
        expect(stepByStep(sequence, await recorded(capability, sequence), got)).toEqual([]);
      },
    );
  });
});
