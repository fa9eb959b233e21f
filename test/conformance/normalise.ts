import { createHash } from 'node:crypto';
import type { Received } from './exchange.ts';
import { canonical, isList, isObject, type Json } from './json.ts';

/** An answer without what differs from play to play: ids, times, random names, the wording of errors, the order of sets. */
export interface Answer {
  readonly status: number;
  readonly kind: 'json' | 'text' | 'html' | 'bytes' | 'empty';
  readonly errorCode?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Json;
}

const serverTimes = new Set([
  'creation_time',
  'last_update_time',
  'creation_timestamp',
  'last_updated_timestamp',
  'creation_timestamp_ms',
  'last_updated_timestamp_ms',
]);

/** Lists whose order MLflow leaves open. `metrics` and `params` are sets inside `data` only: a history is ordered. */
const sets = new Set([
  'tags',
  'aliases',
  'latest_versions',
  'model_inputs',
  'model_outputs',
  'dataset_inputs',
  'dataset_summaries',
]);
const setsInData = new Set(['metrics', 'params']);

/** Tags whose values are JSON written by the server, so that its spacing and order do not matter. */
const holdsJson = /^mlflow\.(log-model\.history|modelVersions)$/;

/** Versions are told apart by their number, whatever else is said of them. */
const sortKey = (each: Json) =>
  isObject(each) && typeof each['version'] === 'string' ? each['version'] : canonical(each);

const randomName = /^[a-z]+-[a-z]+-\d{1,4}$/;
const namedAtRandom = new Set(['run_name', 'name', 'value']);
const longestShown = 120;

/** Turns the answers of one play into normal form: the same id gives the same token all through the play. */
export function normaliser(unique: string) {
  const tokens = new Map<string, string>();
  const counts = new Map<string, number>();

  function token(kind: string, id: string): string {
    const known = tokens.get(`${kind} ${id}`);
    if (known !== undefined) return known;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const made = `<${kind} ${count}>`;
    tokens.set(`${kind} ${id}`, made);
    return made;
  }

  function text(value: string): string {
    const plain = value
      .replaceAll(unique, '<unique>')
      .replace(/\bm-[0-9a-f]{32}\b/g, (id) => token('model', id))
      .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (id) => token('uuid', id))
      .replace(/\b[0-9a-f]{32}\b/g, (id) => token('run', id))
      .replace(/^(mlflow-artifacts:\/)(\d+)(?=\/|$)/, (_all, root: string, id: string) => root + experiment(id));
    return shortened(plain);
  }

  const experiment = (id: string) => (id === '0' ? '0' : token('experiment', id));

  function field(name: string, value: Json, parent: string, key: string): Json {
    if (typeof value === 'number' && serverTimes.has(name)) return '<time>';
    if (typeof value === 'string') {
      if (name === 'experiment_id' && /^\d+$/.test(value)) return experiment(value);
      if (name === 'next_page_token') return '<token>';
      if (name === 'value' && holdsJson.test(key)) return canonical(body(JSON.parse(value)));
      if (namedAtRandom.has(name) && randomName.test(value)) return '<random name>';
    }
    const plain = body(value, name);
    const isSet = sets.has(name) || (setsInData.has(name) && parent === 'data');
    return isSet && isList(plain) ? [...plain].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)) : plain;
  }

  function body(value: Json, name = ''): Json {
    if (typeof value === 'string') return text(value);
    if (isList(value)) return value.map((each) => body(each, name));
    if (!isObject(value)) return value;
    const tagKey = typeof value['key'] === 'string' ? value['key'] : '';
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [text(key), field(key, each, name, tagKey)]));
  }

  function answer(received: Received, seeHeaders: readonly string[]): Answer {
    const kind = kindOf(received);
    const failed = received.status >= 400;
    const parsed = kind === 'json' ? parse(received.bytes) : undefined;
    const errorCode =
      failed && isObject(parsed) && typeof parsed['error_code'] === 'string' ? parsed['error_code'] : undefined;
    const headers = headersOf(received, seeHeaders, text);
    return {
      status: received.status,
      kind,
      ...(errorCode === undefined ? {} : { errorCode }),
      ...(headers === undefined ? {} : { headers }),
      ...(failed || kind === 'empty' || kind === 'html'
        ? {}
        : { body: kind === 'json' ? body(parsed ?? null) : content(received.bytes) }),
    };
  }

  return { answer, body };
}

/** Headers that change from play to play are only said to be there. */
const onlyPresent = new Set(['etag', 'last-modified', 'date']);

function headersOf(received: Received, wanted: readonly string[], text: (value: string) => string) {
  if (wanted.length === 0) return undefined;
  return Object.fromEntries(
    wanted.map((name) => {
      const value = received.headers[name];
      return [
        name,
        value === undefined ? '<absent>' : onlyPresent.has(name) ? '<present>' : text(plainHeader(name, value)),
      ];
    }),
  );
}

/** The charset of a type says nothing about JSON, and a plain file name nothing where an encoded one stands beside it. */
function plainHeader(name: string, value: string): string {
  const lower = value.toLowerCase();
  if (name === 'content-type') return lower.replace(/;.*$/, '');
  return lower.includes('filename*=') ? lower.replace(/filename=("[^"]*"|[^;]*);\s*/, '') : lower;
}

function kindOf(received: Received): Answer['kind'] {
  if (received.bytes.length === 0) return 'empty';
  const type = received.headers['content-type'] ?? '';
  const attached = received.headers['content-disposition'] !== undefined;
  if (attached) return 'bytes';
  if (type.startsWith('application/json')) return 'json';
  if (type.startsWith('text/html') && received.bytes.toString('utf8').trimStart().startsWith('<')) return 'html';
  return type.startsWith('text/') ? 'text' : 'bytes';
}

/** JSON as JavaScript reads it; MLflow's bare NaN and Infinity tokens become texts that show them. */
export function parse(bytes: Buffer): Json {
  const source = bytes.toString('utf8');
  try {
    return JSON.parse(source);
  } catch {
    return JSON.parse(source.replace(/(?<=[:[,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/g, '"bare $1"'));
  }
}

/** Bytes as text where they are short text, else as length and digest. */
function content(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? shortened(text) : `<${bytes.length} bytes, sha256 ${digest(bytes)}>`;
}

function shortened(text: string): string {
  const length = [...text].length;
  return length <= longestShown
    ? text
    : `${[...text].slice(0, 20).join('')}… <${length} characters, sha256 ${digest(text)}>`;
}

const digest = (data: string | Buffer) => createHash('sha256').update(data).digest('hex').slice(0, 12);
