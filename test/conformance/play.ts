import { randomBytes } from 'node:crypto';
import { exchange, type Received, type Sent } from './exchange.ts';
import { at, isList, isObject, type Json } from './json.ts';
import { type Answer, normaliser, parse } from './normalise.ts';
import type { Seen, Sequence, Step } from './sequence.ts';

/** A `given` step that failed: nothing after it says anything. */
export class GroundNotLaid extends Error {}

/** The normalised answer of every step that is compared, in order. */
export async function play(sequence: Sequence, baseUrl: string): Promise<Answer[]> {
  const kept: Record<string, string> = { unique: `u${randomBytes(4).toString('hex')}` };
  const normalise = normaliser(kept['unique'] ?? '');
  const answers: Answer[] = [];
  for (const [index, step] of sequence.steps.entries()) {
    if (step.later) await nextMillisecond();
    const sent = assemble(step, kept);
    const received = await exchange(baseUrl, sent);
    const parsed = isJson(received) ? parse(received.bytes) : null;
    if (step.given && received.status !== 200) {
      const what = `step ${index + 1}, ${sent.method} ${sent.target}`;
      throw new GroundNotLaid(`${what}, answered ${received.status}: ${received.bytes.toString('utf8').slice(0, 300)}`);
    }
    for (const [name, path] of Object.entries(step.keep ?? {})) {
      const value = at(parsed, path);
      kept[name] = isObject(value) || isList(value) ? JSON.stringify(value) : String(value ?? `no ${path}`);
    }
    const answer = normalise.answer(received, step.seeHeaders ?? []);
    if (!step.given) answers.push(narrowed(answer, step, parsed, kept, normalise.body));
  }
  return answers;
}

function narrowed(answer: Answer, step: Step, parsed: Json, seen: Seen, normalise: (body: Json) => Json): Answer {
  if (step.see === undefined || answer.status >= 400) return answer;
  const { body, ...rest } = answer;
  const shown = typeof step.see === 'string' ? at(body, step.see) : step.see(parsed, seen);
  const plain = shown === undefined ? undefined : typeof step.see === 'string' ? shown : normalise(shown);
  return plain === undefined ? rest : { ...rest, body: plain };
}

const isJson = (received: Received) =>
  received.bytes.length > 0 &&
  (received.headers['content-type'] ?? '').startsWith('application/json') &&
  received.headers['content-disposition'] === undefined;

function assemble(step: Step, seen: Seen): Sent {
  const path = fill(step.path.startsWith('/') ? step.path : `/api/2.0/mlflow/${step.path}`, seen);
  const query = Object.entries(step.query ?? {})
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((each) => [name, each] as const) : [[name, String(value)] as const],
    )
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(fill(String(value), seen))}`);
  const body = bodyOf(step, seen);
  const type = step.body === undefined ? {} : { 'content-type': 'application/json' };
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  return {
    method: step.method,
    target: query.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${query.join('&')}`,
    headers: { ...type, ...length, ...step.headers },
    body,
  };
}

function bodyOf(step: Step, seen: Seen): Buffer | undefined {
  if (step.raw !== undefined) {
    const raw = typeof step.raw === 'function' ? step.raw(seen) : step.raw;
    return typeof raw === 'string' ? Buffer.from(fill(raw, seen)) : Buffer.from(raw);
  }
  if (step.body === undefined) return undefined;
  return Buffer.from(JSON.stringify(fillAll(typeof step.body === 'function' ? step.body(seen) : step.body, seen)));
}

function fill(text: string, seen: Seen): string {
  return text.replace(/\{\{([\w ]+)\}\}/g, (_all, name: string) => {
    const value = seen[name];
    if (value === undefined) throw new Error(`nothing was kept as '${name}'`);
    return value;
  });
}

function fillAll(value: Json, seen: Seen): Json {
  if (typeof value === 'string') return fill(value, seen);
  if (isList(value)) return value.map((each) => fillAll(each, seen));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [fill(key, seen), fillAll(each, seen)]));
}

async function nextMillisecond(): Promise<void> {
  const from = Date.now();
  while (Date.now() <= from + 1) await new Promise(setImmediate);
}
