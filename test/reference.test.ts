import { expect, it } from 'vitest';
import { example, heldReference, references } from '../scripts/reference.ts';
import { parseConfiguration } from '../src/environments/configuration/service.ts';

it.each(Object.entries(references()))(
  'docs/reference/%s is as the code says; else run: npm run reference',
  (file, text) => {
    expect(heldReference(file)).toBe(text);
  },
);

it('the example of the reference is a valid file', () => {
  expect(parseConfiguration({ yaml: example })).toHaveProperty('configuration');
});

it('every setting of cellar.yaml is described', () => {
  const page = references()['cellar-yaml.md'] ?? '';
  const rows = page.split('\n').filter((line) => /^\| `\w+`/.test(line));
  expect(rows.length).toBeGreaterThan(40);
  for (const line of rows) expect(line).not.toMatch(/\|\s*\|$/);
});
