import path from 'node:path';
import { invalid, shown } from './errors.ts';

/** Limits of MLflow 3.x, in code points. */
export const limits = {
  key: 250,
  paramValue: 6000,
  runTagValue: 8000,
  experimentName: 500,
  experimentTagValue: 20_000,
  artifactLocation: 2048,
  loggedModelName: 500,
  loggedModelKey: 255,
  batchMetrics: 1000,
  batchParams: 100,
  batchTags: 100,
  batchTotal: 1000,
  datasetName: 500,
  datasetDigest: 36,
  datasetSchema: 1_048_575,
  datasetSource: 65_535,
  datasetProfile: 16_777_215,
  inputTagKey: 255,
  inputTagValue: 500,
} as const;

/** Length as Python counts it. */
export function codePointLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      length--;
      i++;
    }
  }
  return length;
}

/** `text` cut to `limit` code points. */
export function truncate(text: string, limit: number): string {
  return text.length <= limit || codePointLength(text) <= limit ? text : [...text].slice(0, limit).join('');
}

/** Throws INVALID_PARAMETER_VALUE when `text` is longer than `limit` code points. */
export function checkLength(what: string, text: string, limit: number): void {
  if (text.length > limit && codePointLength(text) > limit)
    throw invalid(`${what} is ${codePointLength(text)} characters long: expected at most ${limit}.`);
}

const plainKey = /^[\w][\w\- ]*$/;
const keyCharacters = /^[/\p{L}\p{N}_.\- :]*$/u;

/** Where a value stands in a request: `key`, or `params[3].key`. */
export const fieldAt = (list: string | undefined, index: number, field: string) =>
  list === undefined ? field : `${list}[${index}].${field}`;

/**
 * The rule for names of metrics, params and tags: at most 250 of letters, digits, `_ - . : /` and space, and equal to
 * its own normalised path, because file stores make it one. Throws INVALID_PARAMETER_VALUE naming the field, which is
 * entry `index` of `list` in a batch.
 */
export function checkKey(what: 'metric' | 'param' | 'tag', key: string, list?: string, index = 0): void {
  if (plainKey.test(key) && key.length <= limits.key) return;
  const at = fieldAt(list, index, 'key');
  if (!keyCharacters.test(key))
    throw invalid(
      `Invalid ${what} name ${shown(key)} for '${at}': expected only letters, digits, underscores, dashes, dots, spaces, colons and slashes.`,
    );
  checkLength(`The ${what} name for '${at}'`, key, limits.key);
  const normal = path.posix.normalize(key);
  if (normal !== key || key === '.' || key.startsWith('..') || key.startsWith('/') || key.endsWith('/'))
    throw invalid(
      `Invalid ${what} name ${shown(key)} for '${at}': as a path it means ${shown(normal)}; expected a name without '.', '..' or empty parts.`,
    );
}

const adjectives =
  'able amber ample bold brave brisk calm clear clever cosy crisp curious deft eager earnest fair fleet fond gentle glad golden grand hale hardy honest humble jolly keen kind lively loyal lucid mellow merry mild neat nimble noble open patient plucky polite proud quick quiet rare ripe rustic serene sharp silent sleek smooth snug sound spry stout sturdy sunny swift tidy trusty upbeat vivid warm wise witty zesty'.split(
    ' ',
  );
const nouns =
  'acorn alder anchor arbor aspen badger barrel basil beacon birch bramble brook cask cedar cellar clover cork crane crow dale delta ember falcon fern finch flint fox glade grape grove harbor hare hazel heron hill ivy juniper lark linden lynx maple marten meadow mill moss oak orchard otter owl pebble pine plum quail raven reed river robin rowan sage shore sparrow spruce stone swan thrush vale vine violet willow wren yew'.split(
    ' ',
  );

/** `adjective-noun-NNN`, at most 20 characters, for a run or model whose client gave no name. */
export function randomName(random: () => number = Math.random): string {
  const pick = (words: string[]) => words[Math.floor(random() * words.length)]!;
  return `${pick(adjectives)}-${pick(nouns)}-${Math.floor(random() * 1000)}`;
}
