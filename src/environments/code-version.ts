/** A code version, complete: `1.0` is 1.0.0. What follows a `+` names a build and plays no part in the order. */
export interface CodeVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The identifiers after the `-`; none for a release, which comes after all its pre-releases. */
  readonly pre: readonly (string | number)[];
}

const number = String.raw`(?:0|[1-9]\d{0,14})`;
const identifier = String.raw`(?:0|[1-9]\d{0,14}|\d*[a-zA-Z-][0-9a-zA-Z-]*)`;
/** As it may stand at the start of a longer text: one to three numbers, then a pre-release. */
export const versionPattern = String.raw`${number}(?:\.${number}){0,2}(?:-${identifier}(?:\.${identifier})*)?`;
const whole = new RegExp(String.raw`^(${versionPattern})(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$`);
const longest = 100;

/** Undefined for what is no version: `v1`, `1.0.0.0`, `01.0`, an empty text. */
export function parseVersion(text: string): CodeVersion | undefined {
  const [, version] = (text.length <= longest ? whole.exec(text) : null) ?? [];
  return version === undefined ? undefined : completed(version);
}

/** Fills with zeros a text that `versionPattern` matches. */
export function completed(text: string): CodeVersion {
  const [, numbers = '', pre] = /^([\d.]+)(?:-(.+))?$/.exec(text) ?? [];
  const [major = 0, minor = 0, patch = 0] = numbers.split('.').map(Number);
  const parts = pre?.split('.') ?? [];
  return { major, minor, patch, pre: parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part)) };
}

export function versionText({ major, minor, patch, pre }: CodeVersion): string {
  return `${major}.${minor}.${patch}${pre.length === 0 ? '' : `-${pre.join('.')}`}`;
}

/** `1.0` is `1.0.0`, `2.1-rc.1` is `2.1.0-rc.1`; undefined for what is no version. Equal texts are equal versions. */
export function fullVersion(text: string): string | undefined {
  const version = parseVersion(text);
  return version === undefined ? undefined : versionText(version);
}

/** Below zero when `a` comes before `b` in the order of semantic versions. */
export function compareVersions(a: CodeVersion, b: CodeVersion): number {
  const byNumbers = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  if (byNumbers !== 0) return byNumbers;
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length;
  for (const [index, left] of a.pre.entries()) {
    const right = b.pre[index];
    if (right === undefined) return 1;
    if (left !== right) return compareIdentifiers(left, right);
  }
  return a.pre.length - b.pre.length;
}

/** Numbers come before words. */
function compareIdentifiers(a: string | number, b: string | number): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  return typeof b === 'number' || a > b ? 1 : -1;
}
