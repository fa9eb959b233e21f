import { describe, expect, it } from 'vitest';
import { checkModelName } from './model-name.ts';

describe('names of registered models', () => {
  it.each(['winetest', 'Wine model #2', '.hidden', 'a.', 'größe', 'a@b', '100%', '𝒳'.repeat(256), '__proto__'])(
    'takes %s',
    (name) => expect(() => checkModelName(name, 'name')).not.toThrow(),
  );

  it.each([' ', '\t', 'a/b', '/', 'a:b', '.', '..', '..x', '../x', 'x'.repeat(257)])('refuses %j', (name) =>
    expect(() => checkModelName(name, 'new_name')).toThrow(/'new_name'/),
  );
});
