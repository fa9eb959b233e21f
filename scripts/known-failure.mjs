/** A failure that the person at the terminal can act on: shown as its message alone, without a stack. */
export class KnownFailure extends Error {
  known = true;
}

/**
 * What to tell the person at the terminal: a known failure by its message, anything else with its stack.
 * @param {unknown} error
 * @returns {string}
 */
export function told(error) {
  if (error instanceof KnownFailure) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * The code of an error from Node.js (`ENOENT`), or undefined.
 * @param {unknown} error
 * @returns {unknown}
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
