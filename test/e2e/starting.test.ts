/** From the kiosk's own page to the wall the mark stays where it is: the screen of a box that starts does not go dark in between. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { changed, type Picture, readPng } from '../image/picture.ts';
import { launchBrowser, noBrowser } from './browser.ts';
import { STUB_URL, stubDaemon } from './wallStub.ts';

const KIOSK_PAGE = pathToFileURL(join(import.meta.dirname, '../../image/kiosk/start.html')).href;
let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await launchBrowser();
});
after(() => browser?.close());

/** Where it is, and how it looks. */
async function markOf(page: Page): Promise<{ clip: object; look: Picture }> {
  const clip = await page.locator('svg:has(circle)').first().boundingBox();
  assert.ok(clip && clip.width > 100, JSON.stringify(clip));
  return { clip, look: readPng(await page.screenshot({ clip })) };
}

type Mark = Awaited<ReturnType<typeof markOf>>;

function assertSame(seen: Mark, expected: Mark): void {
  assert.deepEqual(seen.clip, expected.clip);
  const share = changed(seen.look, expected.look);
  assert.ok(share < 0.01, `${(share * 100).toFixed(1)} % of it look different`);
}

for (const viewport of [
  { width: 1920, height: 1080 },
  { width: 1080, height: 1920 },
])
  it(`the mark does not move on a screen of ${viewport.width}×${viewport.height}`, {
    skip: noBrowser,
  }, async (t) => {
    const page = await browser.newPage({ viewport });
    t.after(() => page.close());
    await page.goto(KIOSK_PAGE);
    const first = await markOf(page);

    await stubDaemon(page, []);
    // Neither its programs have come yet …
    await page.route('**/*.js', () => {});
    await page.goto(STUB_URL, { waitUntil: 'commit' });
    await page.locator('.starting').waitFor();
    await page.waitForFunction('document.styleSheets.length > 0');
    assertSame(await markOf(page), first);

    // … nor an answer of the daemon.
    await page.unroute('**/*.js');
    await page.route('**/api/**', () => {});
    await page.goto(STUB_URL);
    await page.locator('.starting p:not(:empty)').waitFor();
    assertSame(await markOf(page), first);
    assert.equal(await page.locator('.starting').count(), 1);
  });
