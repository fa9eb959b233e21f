import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, onEveryEngine, type Place } from '../support/stores.ts';
import { untouched } from './calls.ts';
import { capabilities } from './capabilities.ts';
import { startCellar } from './cellar.ts';
import { differences, expected } from './compare.ts';
import { titleOf } from './live.ts';
import { play } from './play.ts';
import { readRecording, requestsOf } from './recording.ts';
import type { Running } from './reference.ts';
import { compatibility, compatibilityPath } from './report.ts';

describe('the recording', () => {
  it.each(capabilities.map((each) => [each.name, each] as const))(
    'of %s is of the sequences as they stand',
    (_name, each) => {
      const recorded = readRecording(each.name).sequences;
      const stale = each.sequences.filter((sequence) => recorded[sequence.name]?.requests !== requestsOf(sequence));
      expect(
        stale.map((sequence) => sequence.name),
        'run `npm run conformance -- --record`',
      ).toEqual([]);
      expect(Object.keys(recorded).length).toBe(each.sequences.length);
    },
  );

  it('names no sequence twice within a capability', () => {
    const names = capabilities.flatMap((each) => each.sequences.map((sequence) => `${each.name}: ${sequence.name}`));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('calls something a chosen difference only where MLflow answers otherwise', () => {
    const idle = capabilities.flatMap(({ name, sequences }) =>
      sequences.flatMap((sequence) =>
        comparedSteps(name, sequence).flatMap(({ step, answer, index }) => {
          if (step.differs === undefined) return [];
          const { anyBody, ...want } = expected(step, answer);
          const same =
            differences(want, answer).length === 0 || (anyBody && want.status === answer.status && !want.kind);
          return same ? [`${name}: ${sequence.name}: ${titleOf(step, index)}`] : [];
        }),
      ),
    );
    expect(idle).toEqual([]);
  });

  it('touches every call of the core', () => {
    expect(untouched(capabilities)).toEqual([]);
  });

  it('is what the compatibility page says', () => {
    expect(readFileSync(compatibilityPath, 'utf8'), 'run `npm run conformance -- --report`').toBe(
      compatibility(capabilities),
    );
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

  describe.each(capabilities.map((each) => [each.name, each] as const))(
    'Cellar answers as MLflow does: %s',
    (name, each) => {
      it.concurrent.each(each.sequences.map((sequence) => [sequence.name, sequence] as const))(
        '%s',
        async (_name, sequence) => {
          const got = await play(sequence, cellar.url);
          expect(got.length).toBe(recordings(name)[sequence.name]?.answers.length);
          const found = comparedSteps(name, sequence).flatMap(({ step, answer, index }) => {
            const mine = got[index];
            const lines = mine === undefined ? ['no answer'] : differences(expected(step, answer), mine);
            return lines.map((line) => `${titleOf(step, index)}: ${line}`);
          });
          expect(found).toEqual([]);
        },
      );
    },
  );
});

function comparedSteps(name: string, sequence: (typeof capabilities)[number]['sequences'][number]) {
  const answers = recordings(name)[sequence.name]?.answers ?? [];
  const steps = sequence.steps.filter((step) => !step.given);
  return steps.flatMap((step, index) => {
    const answer = answers[index];
    return answer === undefined ? [] : [{ step, answer, index }];
  });
}

const read = new Map<string, ReturnType<typeof readRecording>['sequences']>();
function recordings(name: string) {
  const known = read.get(name) ?? readRecording(name).sequences;
  read.set(name, known);
  return known;
}
