export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/**
 * The value at a dotted path. `*` stands for every member of a list and gives a list; members without the path are null there,
 * so that a missing field shows. `a.b,c` at the end picks several fields of an object as a list.
 */
export function at(value: Json | undefined, path: string): Json | undefined {
  return path === '' ? value : follow(value, path.split('.'));
}

function follow(value: Json | undefined, path: readonly string[]): Json | undefined {
  const [name, ...rest] = path;
  if (name === undefined || value === undefined) return value;
  if (name === '*') return isList(value) ? value.map((member) => follow(member, rest) ?? null) : undefined;
  if (name.includes(',')) return name.split(',').map((each) => follow(value, [each, ...rest]) ?? null);
  if (isList(value)) return follow(value[Number(name)], rest);
  return isObject(value) ? follow(value[name], rest) : undefined;
}

/** JSON text with sorted keys, so that equal values have equal texts. */
export function canonical(value: Json): string {
  return JSON.stringify(value, (_key, each: Json) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}
