import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'cellar-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const file = (text: string) => {
  const name = path.join(folder, `${++files}.yaml`);
  writeFileSync(name, text);
  return name;
};

it('has defaults that need nothing', () => {
  expect(readConfig({}, {}, undefined)).toMatchObject({
    host: '127.0.0.1',
    port: 5000,
    store: undefined,
    durability: 'normal',
  });
});

it('takes a flag before the environment before the file', () => {
  const settings = file('port: 3\nhost: localhost\nallowed-hosts: [a.example.org, b.example.org]\n');
  expect(readConfig({ port: '1' }, { CELLAR_PORT: '2' }, settings).port).toBe(1);
  expect(readConfig({}, { CELLAR_PORT: '2' }, settings).port).toBe(2);
  expect(readConfig({}, {}, settings)).toMatchObject({
    port: 3,
    host: 'localhost',
    allowedHosts: ['a.example.org', 'b.example.org'],
  });
});

it.each([
  [{ port: '70000' }, {}, /'?--port.*0 \(any free one\) to 65535/],
  [{ port: 'x' }, {}, /--port/],
  [{}, { CELLAR_DURABILITY: 'some' }, /CELLAR_DURABILITY.*normal, full/],
  [{ logLevel: 'loud' }, {}, /--log-level/],
  [{ publicUrl: 'ftp://x' }, {}, /--public-url/],
  [{ host: '0.0.0.0' }, {}, /--allow-remote/],
])('refuses %j %j, saying what is wrong', (flags, environment, text) => {
  expect(() => readConfig(flags, environment, undefined)).toThrow(text);
});

it('listens for other machines only when told so', () => {
  expect(readConfig({ host: '0.0.0.0', allowRemote: true }, {}, undefined).host).toBe('0.0.0.0');
});

it.each([
  ['prot: 1\n', /Unknown setting 'prot'/],
  ['- a\n', /holds no settings/],
  ['port: [\n', /not valid YAML/],
])('refuses the file %j', (text, expected) => {
  expect(() => readConfig({}, {}, file(text))).toThrow(expected);
  expect(() => readConfig({}, {}, path.join(folder, 'absent.yaml'))).toThrow(/cannot be read/);
});
