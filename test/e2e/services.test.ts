import { beforeAll, describe, expect, it } from 'vitest';
import { withServer } from '../support/app.ts';
import { expectEveryLook, seeText, withBrowser } from '../support/browser.ts';
import { aService, type Logged, onDatabase, type TestService, withoutPython } from '../support/environments.ts';

const browser = withBrowser();
const server = withServer('sqlite', withoutPython);
let wine: TestService;
let challenger: Logged;
let refused: Logged;

beforeAll(async () => {
  wine = await aService(server);
  const guards = '    guards: { minImprovement: 0.02, noWorse: { accuracy: 0 } }\n    brakes: { maxSwapsPerDay: 20 }';
  await wine.apply({ service: guards, int: 'AImodel: "<=2.0", MLmodel: "=1.0"' });
  await wine.log({ accuracy: 0.9333 });
  await wine.select('int');
  await wine.select('prod');
  await wine.log({ accuracy: 0.9555 });
  await wine.select('int');
  await wine.select('prod');
  challenger = await wine.log({ accuracy: 0.9556 });
  refused = await wine.log({ accuracy: 0.9778, code: '2.0' });
  await wine.log({ name: 'MLmodel', accuracy: 0.91, register: false });
  await wine.select('int');
  await wine.select('prod');
  await wine.act('prod', 'rollback', { reason: 'complaints about Barolo' });
  await wine.call('POST', `${wine.place('int')}/pause`, { reason: 'harvest' });
});

const decisionOf = async (environment: string, kind: string): Promise<string> =>
  (await wine.decisions(environment)).find((decision) => decision.kind === kind).id;

describe('a service', () => {
  it('shows its champions side by side, what they admit, who could replace them, and all decisions', async () => {
    const visitor = await browser.open(`${server.url}/services/${wine.service}`);
    const { page } = visitor;
    for (const words of [
      `${wine.model('AImodel')} v${refused.version}`,
      'up to and including 2.0',
      'exactly 1.0',
      'paused until resumed, by anonymous: harvest',
      'complaints about Barolo',
      'chain intact',
      'no-python-here',
      'not eligible',
    ])
      await seeText(page, words);
    await expectEveryLook(visitor, 'service-int');
  });

  it('tells of a candidate why it is not the champion', async () => {
    const visitor = await browser.open(`${server.url}/services/${wine.service}`);
    const { page } = visitor;
    await page.getByRole('navigation', { name: 'Environments' }).getByRole('link', { name: 'PROD' }).click();
    expect(new URL(page.url()).searchParams.get('tab')).toBe('prod');
    const candidates = page.getByRole('region', { name: 'Candidates' });
    const rowOf = ({ version }: Logged) =>
      candidates.getByRole('row', { name: new RegExp(`^${wine.model('AImodel')} v${version}\\b`) });
    await rowOf(refused).getByText('outside the allowance').waitFor();
    await rowOf(refused)
      .getByText(`${wine.model('AImodel')} 2.0 is outside <=1.0.`)
      .waitFor();
    await expectEveryLook(visitor, 'service-prod');
    await page.goBack();
    await rowOf(refused).getByText('champion').waitFor();
  });

  it('that nobody configured is said to be missing', async () => {
    const { page } = await browser.open(`${server.url}/services/beer`);
    await page.getByRole('alert').getByText(/beer/).waitFor();
  });
});

describe('a decision', () => {
  it('shows every candidate with its guards, the policy, the evidence and its record', async () => {
    const kept = (await wine.decisions('prod')).find(({ outcome }) => outcome === 'kept').id;
    const visitor = await browser.open(`${server.url}/decisions/${kept}`);
    const { page } = visitor;
    for (const words of [
      'fails minImprovement',
      '+0.0001, at least 0.02 wanted',
      'guard failed',
      'accuracy at most 0 worse',
    ])
      await seeText(page, words);
    await expectEveryLook(visitor, 'decision');
    await page.getByRole('button', { name: 'Decide again' }).click();
    await page.getByText('The same result, to the byte.').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the record' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${kept}.json`);
  });

  it('is found by its service and environment, by its champion and by its id', async () => {
    const { id, after } = (await wine.decisions('prod')).find(({ kind }) => kind === 'rollback');
    const { page } = await browser.open(server.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    for (const text of [`${wine.service} prod`, `${after.registeredModel} v${after.version}`, id.slice(0, 12)]) {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /^Search/ }).fill(text);
      await page.getByRole('option', { name: new RegExp(`on PROD.*${id}`) }).click();
      await page.getByRole('heading', { level: 1, name: /^Decision \d+ of .* on PROD/ }).waitFor();
    }
  });

  it('by hand shows what was done and why', async () => {
    const visitor = await browser.open(`${server.url}/decisions/${await decisionOf('prod', 'rollback')}`);
    await seeText(visitor.page, 'complaints about Barolo');
    await expectEveryLook(visitor, 'decision-rollback');
    await visitor.page.getByRole('link', { name: wine.service, exact: true }).click();
    await visitor.page.getByRole('heading', { level: 1, name: wine.service }).waitFor();
  });
});

describe('the decisions that considered', () => {
  it('a run are on its page', async () => {
    const visitor = await browser.open(`${server.url}/runs/${challenger.runId}?tab=decisions`);
    await seeText(visitor.page, 'guard failed');
    await seeText(visitor.page, 'minimum improvement');
    await expectEveryLook(visitor, 'run-decisions');
    await visitor.page
      .getByRole('link', { name: `${wine.service} on PROD` })
      .first()
      .click();
    await visitor.page.getByRole('heading', { level: 1, name: wine.service }).waitFor();
  });

  it('a version are on its page, with what it is the champion of', async () => {
    const { page } = await browser.open(`${server.url}/models/${wine.model('AImodel')}/versions/${refused.version}`);
    await seeText(page, `Champion of ${wine.service} on INT`);
    await seeText(page, 'outside the allowance');
  });
});

// Last: it spoils the chain.
it('says which record of a chain was changed', async () => {
  const id = await decisionOf('prod', 'rollback');
  await onDatabase(server, `update decisions set record = replace(record, 'Barolo', 'Barbera') where decision_id = ?`, [
    id,
  ]);
  const { page } = await browser.open(`${server.url}/services/${wine.service}`);
  await seeText(page, 'chain broken');
  await seeText(page, 'its text does not have its digest');
});
