import { invalid, shown } from '../../errors.ts';
import type { Kind } from './store.ts';

/** A column of the runs table that stands for one key. */
export interface Column {
  readonly kind: Kind;
  readonly key: string;
}

const kinds: readonly Kind[] = ['params', 'metrics', 'tags'];

/** The column that `metrics.<key>`, `params.<key>` or `tags.<key>` names; the key is all that follows the first dot. */
export function parseColumn(text: string): Column {
  const dot = text.indexOf('.');
  const kind = kinds.find((each) => each === text.slice(0, dot));
  const key = text.slice(dot + 1);
  if (kind === undefined || key === '')
    throw invalid(`Invalid column ${shown(text)}: expected metrics.<key>, params.<key> or tags.<key>.`);
  return { kind, key };
}
