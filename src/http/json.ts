import { JsonText } from './route.ts';

/** What a handler returned, as the text of an answer. */
export const jsonText = (reply: unknown): string =>
  reply instanceof JsonText ? reply.text : JSON.stringify(reply ?? {});

/** What stands behind the `?` of a URL. */
export function queryOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at + 1);
}
