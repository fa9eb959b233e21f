/** A failure that the person at the terminal can act on: shown as its message alone, without a stack. */
export class KnownFailure extends Error {
  known = true;
}
