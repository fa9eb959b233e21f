import { checkKey, checkLength } from '../names.ts';
import type { Tag } from './registered-models/store.ts';

const maxValueLength = 100_000;

/** Checks one tag of a registered model or version; `at` is the parameter that holds it. Throws INVALID_PARAMETER_VALUE. */
export function checkTag(tag: Tag, at = ''): void {
  checkKey('tag', tag.key, `${at}key`);
  checkLength(`The value of tag '${tag.key}'`, tag.value, maxValueLength);
}

/** The tags of a creation, checked; of several with one key the last counts. */
export function checkedTags(tags: readonly Tag[]): Tag[] {
  for (const [i, tag] of tags.entries()) checkTag(tag, `tags[${i}].`);
  return [...new Map(tags.map((tag) => [tag.key, tag])).values()];
}
