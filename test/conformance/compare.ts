import { canonical, isList, isObject, type Json } from './json.ts';
import type { Answer } from './normalise.ts';
import type { Difference, Step } from './sequence.ts';

/** What Cellar must answer at this step: MLflow's answer, or what was decided instead. */
export type Expected = Omit<Answer, 'kind'> & { readonly kind?: Answer['kind']; readonly anyBody?: true };

export function expected(step: Step, recorded: Answer): Expected {
  return step.differs === undefined ? recorded : decided(step.differs, recorded);
}

function decided(differs: Difference, recorded: Answer): Expected {
  return {
    status: differs.status,
    ...(differs.kind === undefined ? {} : { kind: differs.kind }),
    ...(differs.errorCode === undefined ? {} : { errorCode: differs.errorCode }),
    ...(differs.body === undefined ? { anyBody: true } : { body: differs.body }),
    ...(recorded.headers === undefined || differs.status !== recorded.status ? {} : { headers: recorded.headers }),
  };
}

/** Every place where an answer is not what was expected, as `place: expected … got …`; empty when they agree. */
export function differences(want: Expected, got: Answer): string[] {
  const found: string[] = [];
  const note = (place: string, a: Json | undefined, b: Json | undefined) => {
    if (text(a) !== text(b)) found.push(`${place}: expected ${text(a)}, got ${text(b)}`);
  };
  note('status', want.status, got.status);
  note('error_code', want.errorCode, got.errorCode);
  if (want.kind !== undefined) note('kind', want.kind, got.kind);
  for (const name of Object.keys(want.headers ?? {})) note(`header ${name}`, want.headers?.[name], got.headers?.[name]);
  if (!want.anyBody && got.status < 400) found.push(...bodyDifferences('body', want.body, got.body));
  return found;
}

function bodyDifferences(place: string, want: Json | undefined, got: Json | undefined): string[] {
  if (isObject(want) && isObject(got)) {
    const names = [...new Set([...Object.keys(want), ...Object.keys(got)])].sort();
    return names.flatMap((name) => bodyDifferences(`${place}.${name}`, want[name], got[name]));
  }
  if (isList(want) && isList(got) && want.length === got.length) {
    return want.flatMap((each, index) => bodyDifferences(`${place}.${index}`, each, got[index]));
  }
  return text(want) === text(got) ? [] : [`${place}: expected ${text(want)}, got ${text(got)}`];
}

const text = (value: Json | undefined) => (value === undefined ? 'nothing' : canonical(value));

/** Whether an answer is what was expected, as far as that says anything: a free body and kind agree with all. */
export const agrees = (want: Expected, got: Answer): boolean => differences(want, got).length === 0;
