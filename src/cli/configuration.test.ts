import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { withServer } from '../../test/support/app.ts';
import { aService, type TestService, withoutPython } from '../../test/support/environments.ts';
import { type Ended, cellar as run } from '../../test/support/terminal.ts';
import { planMarkdown } from './plan-text.ts';

const server = withServer('sqlite', withoutPython);
const cellar = (...words: string[]): Promise<Ended> => run([...words, '--server', server.url]);
let wine: TestService;
let file: string;
const place = (name: string) => path.join(server.place.dataDir, name);
const write = (text: string) => writeFile(file, text);

beforeAll(async () => {
  wine = await aService(server);
  await wine.log({ accuracy: 0.8 });
  file = place('cellar.yaml');
});

describe('plan, apply, diff and export', () => {
  it('plan shows the settings and the models, changes nothing, and ends with 2', async () => {
    await write(wine.yaml());
    const { out, exitCode } = await cellar('plan', file);
    expect(exitCode).toBe(2);
    expect(out).toMatch(/^\d+ settings change:\n/);
    expect(out).toContain(`services.${wine.service}.allow.prod.${wine.model('AImodel')}`);
    expect(out).toMatch(
      new RegExp(
        `${wine.service} +PROD +nothing +nothing +.* 1 candidate has no score yet and would be evaluated first`,
      ),
    );
    expect((await cellar('status')).out).toContain('No service is configured');
  });

  it('apply makes it hold and waits for what follows; the same again changes nothing', async () => {
    const applied = await cellar('apply', file, '--wait');
    expect(applied).toMatchObject({ exitCode: 0, err: '' });
    expect(applied.out).toMatch(/^Configuration \d+ holds now; \d+ settings changed\.\n/);
    expect(applied.out).toMatch(new RegExp(`PROD +${wine.model('AImodel')} version 1 +1\\.0 +0\\.8 accuracy`));
    expect((await cellar('apply', file)).out).toMatch(/^Nothing changes: configuration \d+ says the same already\.\n$/);
    expect(await cellar('plan', file)).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^No setting changes\./),
    });
    expect(await cellar('diff', file)).toMatchObject({ exitCode: 0, out: 'Nothing differs.\n' });
    const held = JSON.parse((await cellar('export', '--json')).out);
    expect(held).toMatchObject({ managed: 'file', actor: 'ana' });
  });

  it('tells which model would be served, with the margin and the reason, also as Markdown and JSON', async () => {
    await wine.log({ accuracy: 0.9, code: '2.0' });
    await wine.select('int');
    await write(wine.yaml({ prod: 'AImodel: "1.x || 2.0"' }));
    const name = wine.model('AImodel');
    const { out } = await cellar('plan', file);
    expect(out).toContain('1 setting changes:');
    expect(out).toMatch(new RegExp(`PROD +${name} version 1, code 1\\.0 +${name} version 2, code 2\\.0 +\\+0\\.1 +`));
    const markdown = (await cellar('plan', file, '--markdown')).out;
    expect(markdown).toContain(`| \`services.${wine.service}.allow.prod.${name}\` | \`<=1.0\` | \`1.x \\|\\| =2.0\` |`);
    expect(markdown).toContain(`**${name} version 2, code 2.0** | +0.1 |`);
    const plan = JSON.parse((await cellar('plan', file, '--json')).out);
    expect(plan.slots).toMatchObject([{ environment: 'int' }, { environment: 'prod', outcome: 'replaced' }]);
    expect(await cellar('diff', file)).toMatchObject({ exitCode: 2, out: expect.stringContaining('1.x || =2.0') });
    expect(JSON.parse((await cellar('diff', file, '--json')).out).changes).toMatchObject([{ before: '<=1.0' }]);
  });

  it('export writes what holds, with the Python files of its metrics, and it applies to no change', async () => {
    const metric = '{ name: profit, goal: maximize, function: { file: metrics/profit.py, name: profit } }';
    await wine.call('PUT', 'configuration', {
      yaml: wine.yaml({ metric }),
      code: { 'metrics/profit.py': 'def profit(actual, predicted): return 1\n' },
    });
    const copy = place('copy.yaml');
    expect(await cellar('export', '--output', copy)).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/copy\.yaml is written, configuration \d+: 2 environments, 1 holdout, 1 service\.\n$/),
    });
    expect(await readFile(place('metrics/profit.py'), 'utf8')).toContain('def profit');
    expect((await cellar('plan', copy)).exitCode).toBe(0);
    expect((await cellar('export')).out).toBe(await readFile(copy, 'utf8'));
  });

  it('mistakes end with 1, also wrong usage where 2 means a change', async () => {
    await write(wine.yaml({ prod: 'AImodel: "<= two"' }));
    for (const verb of ['plan', 'apply', 'diff']) {
      const { out, err, exitCode } = await cellar(verb, file);
      expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
      expect(err).toMatch(new RegExp(`cellar\\.yaml:\\d+:\\d+: services\\.${wine.service}\\.allow\\.prod`));
    }
    await write(wine.yaml({ holdout: 'absent@1' }).replace(`${wine.holdout}:`, 'absent:'));
    const { err, exitCode } = await cellar('plan', file);
    expect(exitCode).toBe(1);
    expect(err).toContain('absent@1 is not on the server');
    expect((await cellar('plan', '--markdwon')).exitCode).toBe(1);
    expect((await cellar('diff', '--markdwon')).exitCode).toBe(1);
    expect((await cellar('apply', '--markdwon')).exitCode).toBe(2);
  });

  it('asks before it takes over an alias that a user has set', async () => {
    const other = await aService(server);
    const { version } = await other.log({ accuracy: 0.8 });
    const alias = { name: other.model('AImodel'), alias: 'prod', version: String(version) };
    await other.mlflow('registered-models/alias', alias);
    await write(other.yaml());
    expect((await cellar('plan', file)).out).toContain(`A user has set the alias prod on ${alias.name} version 1`);
    const refused = await cellar('apply', file);
    expect(refused).toMatchObject({ exitCode: 1, out: '' });
    expect(refused.err).toContain('--adopt-aliases');
    expect((await cellar('apply', file, '--adopt-aliases')).out).toContain(
      `Taken over from users: ${alias.name}@prod (version 1).`,
    );
  });
});

it('Markdown takes nothing that people wrote for its own signs', () => {
  const markdown = planMarkdown({
    changed: true,
    digest: '',
    aliasConflicts: [],
    changes: [{ path: 'a`|b', kind: 'changed', before: null, after: 'x\n# y' }],
    slots: [
      {
        service: 'wine',
        environment: 'int',
        champion: null,
        outcome: 'none',
        reason: 'no_eligible_candidate',
        detail: '<img src=x> | **bold**\n- item',
        challenger: null,
        margin: null,
        notEvaluated: 2,
      },
    ],
  });
  expect(markdown).toContain("| `a'\\|b` |  | `x # y` |");
  expect(markdown).toContain(
    '| wine | INT | nothing | nothing |  | \\<img src=x\\> \\| \\*\\*bold\\*\\* - item 2 candidates have no score yet and would be evaluated first. |',
  );
});
