import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { findChromium } from './chromium.ts';

export interface Visitor {
  readonly page: Page;
  /** What the page said on its console, failed at, or asked of another server. Should stay empty. */
  readonly complaints: readonly string[];
}

export interface TestBrowser {
  /** A new reader with empty storage, looking at `url`. Windows close by themselves after the test. */
  open(url: string, options?: BrowserContextOptions): Promise<Visitor>;
}

/** A real Chromium: the one that CHROMIUM names, or the first one on the PATH. */
export function withBrowser(): TestBrowser {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  });
  afterEach(() => Promise.all(contexts.splice(0).map((context) => context.close())));
  afterAll(() => browser?.close());
  return {
    async open(url, options = {}) {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      contexts.push(context);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (said) => complaints.push(`${said.type()}: ${said.text()}`));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(`asked ${request.url()}`);
      });
      await page.goto(url, { waitUntil: 'networkidle' });
      return { page, complaints };
    },
  };
}

/** WCAG 2.2 A and AA, and the habits that axe knows; or some of its rules only. */
export async function expectAccessible(page: Page, rules: readonly string[] = []): Promise<void> {
  // Evaluated by the browser's debugger, so the page's content-security policy holds meanwhile.
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(axe.source);
  const options = { resultTypes: ['violations'], ...(rules.length > 0 && { runOnly: rules }) };
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(options)})`);
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

/** Wide content scrolls inside itself; the page never scrolls sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
}

const widths = [1440, 390];
const colorSchemes = ['light', 'dark'] as const;

/**
 * Looks at an open page on a desk and on a telephone, light and dark: it is accessible, as wide as its window, and
 * has nothing to complain of. Its pictures are kept under `name`.
 */
export async function expectEveryLook({ page, complaints }: Visitor, name: string): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 860 });
    for (const colorScheme of colorSchemes) {
      await page.emulateMedia({ colorScheme });
      // Colours are all that differs between light and dark.
      await expectAccessible(page, colorScheme === 'light' ? [] : ['color-contrast']);
      await keepPicture(page, `${name}-${width}-${colorScheme}`);
    }
    await expectNoSidewaysScroll(page);
  }
  expect(complaints).toEqual([]);
}

/** Pictures for a person's eye, when CELLAR_SHOTS names a folder for them. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env['CELLAR_SHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Waits until the content says `words`. */
export const seeText = (page: Page, words: string) =>
  expect.poll(() => page.locator('main').textContent(), { timeout: 20_000 }).toContain(words);
