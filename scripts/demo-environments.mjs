// The second half of the demo: a service in two environments that choose their model by rule, told by the commands that
// anybody would type.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KnownFailure } from './known-failure.mjs';
import { say, step } from './progress.mjs';
import { run } from './run.mjs';

const servedMs = 60_000;

/**
 * @typedef {{
 *   root: string, example: string, python: string, url: string, dataDir: string, environment: NodeJS.ProcessEnv,
 *   script: (name: string, ...args: string[]) => Promise<string>,
 * }} Scene
 */

/**
 * Tells the story, or what came of it where the same data had it told before.
 * @param {Scene} scene
 */
export async function tellEnvironments({ root, example, python, url, dataDir, environment, script }) {
  const folder = path.join(dataDir, 'demo-environments');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'cellar.yaml');
  const env = { ...environment, CELLAR_SERVER: url, COLUMNS: '120' };
  const cellar = (/** @type {string[]} */ ...words) =>
    run(process.execPath, [path.join(root, 'bin', 'cellar'), ...words], { cwd: folder, env });
  /** Runs a command and shows it with what it prints. @param {string[]} words */
  const show = async (...words) => {
    print(`\n$ cellar ${words.map(quoted).join(' ')}`);
    const said = await step(`cellar ${words[0]}`, () => cellar(...words));
    print(said.trimEnd());
  };
  const train = (/** @type {string} */ what, /** @type {string[]} */ ...words) =>
    step(`Training ${what}: python examples/wine/${words.join(' ')}`, () =>
      script(/** @type {string} */ (words[0]), ...words.slice(1)),
    );
  const write = (/** @type {string} */ text) => writeFileSync(file, text);
  const ask = (/** @type {string} */ environmentName) => askChampion({ url, folder, environmentName });
  const askBoth = async () => {
    print('');
    for (const name of ['int', 'prod']) print(await ask(name));
  };

  if (await wasTold(url)) {
    print('\nThe story of the environments was told on this data before. What they serve:');
    await show('status', 'wine');
    await askBoth();
    return;
  }

  chapter('INT and PROD choose their models by rule');
  await run(python, [path.join(example, 'split.py'), folder], { cwd: example, env: environment });
  await show('holdout', 'put', 'wine-holdout', 'holdout.csv', '--target', 'class');
  await train('AImodel 1.0', 'aimodel.py');
  const first = readFileSync(path.join(example, 'cellar.yaml'), 'utf8');
  write(first);
  await show('apply', 'cellar.yaml', '--wait');
  await show('select', 'wine', '--env', 'prod');

  chapter('A worse and a better retrained AImodel 1.0: the right one wins');
  await train('a worse one', 'aimodel.py', '--forest', 'worse');
  await train('a better one', 'aimodel.py', '--forest', 'better');
  await show('select', 'wine', '--env', 'prod');
  await show('status', 'wine');

  chapter('AImodel 2.0 is new code: INT admits it, PROD does not move, and says why');
  await train('AImodel 2.0 for INT', 'aimodel2.py', '--env', 'INT');
  await show('select', 'wine', '--env', 'int');
  await show('why', 'AImodel/4');
  await askBoth();

  chapter('It is promoted: PROD moves');
  await show(
    ...['promote', 'wine', '--from', 'int', '--to', 'prod', '--allow', 'AImodel=<=2.0'],
    '--reason',
    'proved on INT',
    '--yes',
  );
  await askBoth();

  chapter('MLmodel 1.0, another algorithm, competes for the slot');
  await train('MLmodel 1.0', 'mlmodel.py');
  const both = first
    .replace('int: { AImodel: "<=2.0" }', 'int: { AImodel: "<=2.0", MLmodel: "*" }')
    .replace('prod: { AImodel: "<=1.0" }', 'prod: { AImodel: "<=2.0", MLmodel: "*" }');
  write(both);
  await show('apply', 'cellar.yaml', '--wait');
  await show('select', 'wine', '--env', 'prod');

  chapter('Another holdout opens an epoch: the champion is scored on it first, then all others');
  await show('holdout', 'put', 'wine-holdout', 'other-holdout.csv', '--target', 'class');
  write(both.replaceAll('wine-holdout@1', 'wine-holdout@2'));
  await show('apply', 'cellar.yaml', '--wait');
  await step('cellar select', () => cellar('select', 'wine', '--env', 'prod'));
  await show('decisions', 'show', await decisionBehind(url));

  chapter('PROD is rolled back');
  await show('rollback', 'wine', '--env', 'prod', '--reason', 'the tasters complain');
  await askBoth();

  chapter('What was decided is on record, and can be proved');
  await show('decisions', 'list', 'wine', '--env', 'prod');
  await show('decisions', 'verify');
  await show('status', 'wine');
}

/** @param {string} url */
async function wasTold(url) {
  const answer = await fetch(`${url}/api/v1/services/wine`);
  if (answer.status === 404) return false;
  const { slots } = /** @type {{ slots: { champion: unknown }[] }} */ (await answer.json());
  return slots.some(({ champion }) => champion !== null);
}

/** @typedef {{ registeredModel: string, version: number, decision: string }} Champion */

/**
 * The decision that made PROD's champion.
 * @param {string} url
 */
async function decisionBehind(url) {
  const answer = await fetch(`${url}/api/v1/services/wine/environments/prod/champion`);
  return /** @type {{ champion: Champion }} */ (await answer.json()).champion.decision;
}

/**
 * Has the champion of an environment predict three rows of the holdout, once what is decided is served.
 * @param {{ url: string, folder: string, environmentName: string }} question
 */
async function askChampion({ url, folder, environmentName }) {
  const rows = readFileSync(path.join(folder, 'holdout.csv'), 'utf8').trim().split('\n').slice(0, 4);
  const body = `${rows.map((row) => row.split(',').slice(0, -1).join(',')).join('\n')}\n`;
  const place = `${url}/api/v1/services/wine/environments/${environmentName}/champion`;
  const deadline = Date.now() + servedMs;
  for (;;) {
    const { champion } = /** @type {{ champion: Champion }} */ (await (await fetch(place)).json());
    const path = `/serve/${environmentName}/wine/invocations`;
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body });
    const model = answer.headers.get('x-cellar-registered-model');
    const version = answer.headers.get('x-cellar-model-version');
    if (answer.ok && model === champion.registeredModel && version === String(champion.version)) {
      const { predictions } = /** @type {{ predictions: unknown[] }} */ (await answer.json());
      const code = answer.headers.get('x-cellar-code-version');
      return `POST ${path} is answered by ${model} ${code}, version ${version}: ${JSON.stringify(predictions)}`;
    }
    if (Date.now() > deadline)
      throw new KnownFailure(`${environmentName} does not serve its champion: ${answer.status} ${await answer.text()}`);
    await delay(200);
  }
}

/** @param {string} title */
const chapter = (title) => {
  say(title);
  print(`\n── ${title} ${'─'.repeat(Math.max(0, 100 - title.length))}`);
};

/** @param {string} word */
const quoted = (word) => (/^[\w@./=-]+$/.test(word) ? word : `'${word}'`);

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}
