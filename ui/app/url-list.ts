/** Names in one piece of the URL, whatever they hold: a comma between them, the rest escaped once more. */
export const listToUrl = (names: readonly string[]): string => names.map(encodeURIComponent).join(',');

/** What `listToUrl` wrote; [] for ''. A name that is not escaped well stands for itself. */
export const listFromUrl = (text: string): string[] => (text === '' ? [] : text.split(',').map(decoded));

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
