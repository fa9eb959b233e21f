import { CellarError } from './errors.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | undefined;
}

/** Everything that a search finds, fetched page by page while it is read: `for await (const run of found)`. */
export interface Pages<T> extends AsyncIterable<T> {
  /** One page: the first one, or the one that a token leads to. */
  page(token?: string): Promise<Page<T>>;
  pages(): AsyncIterable<Page<T>>;
  all(): Promise<T[]>;
}

export function paged<T>(fetchPage: (token: string | undefined) => Promise<Page<T>>): Pages<T> {
  async function* pages(): AsyncGenerator<Page<T>> {
    let token: string | undefined;
    do {
      const page = await fetchPage(token);
      yield page;
      if (page.nextPageToken !== undefined && page.nextPageToken === token)
        throw new CellarError(
          'INTERNAL_ERROR',
          'The server gave the same page token twice, so the search would not end.',
        );
      token = page.nextPageToken;
    } while (token !== undefined);
  }
  async function* items(): AsyncGenerator<T> {
    for await (const page of pages()) yield* page.items;
  }
  return {
    page: fetchPage,
    pages,
    async all() {
      const found: T[] = [];
      for await (const item of items()) found.push(item);
      return found;
    },
    [Symbol.asyncIterator]: items,
  };
}

/** A reply's page: an absent or empty token means that it is the last one. */
export const pageOf = <W, T>(
  items: readonly W[] | undefined,
  token: string | undefined,
  toItem: (wire: W) => T,
): Page<T> => ({ items: (items ?? []).map(toItem), nextPageToken: token === '' ? undefined : token });
