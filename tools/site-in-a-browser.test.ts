import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chooseBrowser, prepareBrowser, thisMachine } from './site/find-browser.ts';
import { listPages } from './site/list-pages.ts';
import { type FolderServer, serveFolder } from './site/serve-folder.ts';

const root = join(import.meta.dirname, '..');
const site = join(root, 'site');
const choice = chooseBrowser(thisMachine());
const skipped = choice.type === 'none' ? ` (SKIPPED: ${choice.reason})` : '';
// On the machines that decide, a missing browser is a failure and no excuse.
const isSkipped = choice.type === 'none' && process.env.CI === undefined;

describe.skipIf(isSkipped)(`the documentation site in a browser${skipped}`, () => {
  let scratch: string;
  let server: FolderServer;
  let context: BrowserContext;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    refuseWithoutFreshSite();
    scratch = mkdtempSync(join(tmpdir(), 'expunge-browser-'));
    const { executablePath, environment } = await prepareBrowser(choice, scratch);
    server = await serveFolder(site);
    context = await chromium.launchPersistentContext(join(scratch, 'profile'), {
      executablePath,
      env: environment,
      headless: true,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    context.setDefaultTimeout(300_000);
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
    page.on('requestfailed', (request) => {
      // A click on a package in the navigation asks for its page twice, and the browser drops the first request.
      const isDropped = request.isNavigationRequest() && request.failure()?.errorText === 'net::ERR_ABORTED';
      if (!isDropped) troubles.push(`failed: ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) troubles.push(`${response.status()}: ${response.url()}`);
    });
    page.on('request', (request) => {
      const isInside = request.url().startsWith(server.address) || request.url().startsWith(pathToFileURL(site).href);
      if (!isInside) troubles.push(`outside: ${request.url()}`);
    });
  });

  beforeEach(async () => {
    troubles = [];
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  afterAll(async () => {
    await context?.close();
    await server?.close();
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  });

  it('opens the start page and leads by clicks to a guide and into the reference', async () => {
    await page.goto(server.address);
    await page.locator('h1', { hasText: /^Expunge$/ }).waitFor();
    await page.getByText('Accepted is not deleted').first().waitFor();

    await page.locator('#tsd-nav-container').getByText('Operating Expunge').click();
    await page.waitForURL('**/docs/operations.html');
    await page.locator('h1', { hasText: /^Operating Expunge$/ }).waitFor();

    const navigation = page.locator('#tsd-nav-container');
    await navigation.getByText('Packages', { exact: true }).click();
    await navigation.getByRole('link', { name: '@expunge/core' }).click();
    await page.waitForURL('**/modules/_expunge_core.html');
    await page.getByText('The contract of Expunge').first().waitFor();
    await page.locator('.col-content').getByRole('link', { name: 'DeletionConnector', exact: true }).first().click();
    await page.waitForURL('**/interfaces/_expunge_core.DeletionConnector.html');
    await page.locator('h1', { hasText: /^Interface DeletionConnector$/ }).waitFor();
    expect(troubles).toEqual([]);
  });

  it.each([
    [
      'a guide, by a word of its text',
      'litigation',
      /docs\/(operations|glossary|privacy|architecture)\.html|index\.html/,
    ],
    [
      'the reference, by a name',
      'createMixpanelConnector',
      /functions\/_expunge_connector-mixpanel\.createMixpanelConnector/,
    ],
  ])('finds %s', async (_what, words, address) => {
    await page.goto(server.address);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('#tsd-search-input').pressSequentially(words);
    const first = page.locator('#tsd-search-results a').first();
    await first.click();
    await page.waitForURL(address);
    expect(troubles).toEqual([]);
  });

  it('has every page in its navigation, and nothing that is not there', async () => {
    await page.goto(server.address);
    await page.locator('#tsd-nav-container a').first().waitFor();
    const links: readonly string[] = await page
      .locator('#tsd-nav-container a')
      .evaluateAll((anchors) => anchors.map((anchor) => (anchor as unknown as { href: string }).href));
    const paths = links.map((link) => decodeURIComponent(link.slice(server.address.length)));
    expect(paths.filter((path) => !existsSync(join(site, path.replace(/#.*/, ''))))).toEqual([]);
    expect(paths).toEqual(expect.arrayContaining(listPages(root).map(({ path }) => pageOf(path))));
    expect(troubles).toEqual([]);
  });

  it('fits a phone: no page is wider than the screen, and the menu opens', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of [
      'index.html',
      'docs/fault-matrix.html',
      'docs/vendors/mixpanel.html',
      'modules/_expunge_core.html',
    ]) {
      await page.goto(`${server.address}${path}`);
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(390);
    }
    await page.locator('#tsd-toolbar-menu-trigger').click();
    await page.locator('#tsd-nav-container').getByText('Privacy').click();
    await page.waitForURL('**/docs/privacy.html');
    expect(troubles).toEqual([]);
  });

  it('works from the disk, without a server', async () => {
    await page.goto(pathToFileURL(join(site, 'index.html')).href);
    await page.locator('#tsd-nav-container').getByText('Glossary').click();
    await page.waitForURL('**/docs/glossary.html');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('#tsd-search-input').pressSequentially('runner');
    await page.locator('#tsd-search-results a').first().waitFor();
    // From the disk, a browser refuses icons out of another file; typedoc's script puts them into the page instead.
    expect(await page.locator('#tsd-search-trigger svg use').getAttribute('href')).toBe('#icon-search');
    expect(troubles.filter((trouble) => !trouble.includes('assets/icons.svg'))).toEqual([]);
  });
});

/** The address of a page inside the site, by its file in this project. */
function pageOf(path: string): string {
  return `${path.replace(/(^|\/)README\.md$/, '$1index').replace(/\.md$/, '')}.html`;
}

/** A site that is older than what it shows would prove nothing. */
function refuseWithoutFreshSite(): void {
  const start = join(site, 'index.html');
  if (!existsSync(start)) throw new Error('The documentation site is not built. Run `pnpm run docs` first.');
  const builtAt = statSync(start).mtimeMs;
  const sources = ['README.md', 'typedoc.json', ...listPages(root).map(({ path }) => path)];
  const newer = sources.find((path) => statSync(join(root, path)).mtimeMs > builtAt);
  if (newer !== undefined)
    throw new Error(`The documentation site is older than ${newer}. Run \`pnpm run docs\` first.`);
}
