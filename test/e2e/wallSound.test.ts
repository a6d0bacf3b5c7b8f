/** Listening to a camera of the wall: on a page elsewhere, on a phone, and on the box's own screen. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type GstAudioServer, startGstAudioServer } from '../ingest/gstAudioServer.ts';
import { gstServerMissing } from '../peers/gstRtspServer.ts';
import { launchBrowser, noBrowser } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

const HOST = 'box.test';
const tone =
  'audiotestsrc is-live=true freq=660 volume=0.5 samplesperbuffer=160 ! audio/x-raw,rate=48000,channels=1';
const missing = noBrowser || (await gstServerMissing()) || false;

describe('sound on the wall', { skip: missing, timeout: 300_000 }, () => {
  let server: GstAudioServer;
  let daemon: Daemon;
  let browser: Browser;
  let page: Page;
  const asked: string[] = [];

  before(async () => {
    server = await startGstAudioServer({
      door: `${tone} ! opusenc frame-size=20 ! rtpopuspay name=pay1 pt=97`,
      desk: `${tone} ! voaacenc ! rtpmp4gpay name=pay1 pt=97`,
      yard: '',
    });
    daemon = await startDaemon({ env: { WALLEYE_ALLOWED_HOSTS: HOST } });
    for (const id of ['door', 'desk', 'yard']) {
      const streams = [{ profile: 'main', rtsp_url: server.url(id) }];
      await daemon.api('POST', '/api/cameras', { id, name: id, streams });
    }
    browser = await launchBrowser([`--host-resolver-rules=MAP ${HOST} 127.0.0.1`]);
  });
  afterEach(() => page?.close());
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await server?.close();
  });

  async function open(host: string, width = 1280, height = 720): Promise<void> {
    page = await browser.newPage({ viewport: { width, height } });
    asked.splice(0);
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`http://${host}:${daemon.port}/`);
    await until(
      'three live tiles',
      async () => (await page.locator('.tile[data-kind="live"]').count()) === 3,
      60_000,
    );
  }
  const buttons = () => page.locator('button.sound');
  /** The level that the button shows, of the one that is on. */
  const level = () =>
    until('a level', async () => {
      const style = await page.locator('button.sound.on').getAttribute('style', { timeout: 60_000 });
      return Number(/--level: ([\d.]+)/.exec(style ?? '')?.[1]);
    });

  for (const [what, width, height] of [
    ['a page elsewhere', 1280, 720],
    ['a phone', 390, 844],
  ] as const)
    it(`on ${what}: a button on cameras with a microphone, one of them heard at a time`, async () => {
      await open(HOST, width, height);
      await until('two buttons', async () => (await buttons().count()) === 2);
      assert.equal(
        asked.filter((path) => /sound|listening/.test(path)).length,
        0,
        'nothing is loaded for it',
      );
      const { width: wide = 0, height: high = 0 } = (await buttons().first().boundingBox()) ?? {};
      assert.ok(wide >= 44 && high >= 44, 'large enough for a finger');
      await buttons().nth(0).click();
      assert.ok((await level()) > 0.3);
      await buttons().nth(1).click();
      await until('the other', async () =>
        /\bon\b/.test((await buttons().nth(1).getAttribute('class')) ?? ''),
      );
      assert.equal(await page.locator('button.sound[aria-pressed="true"]').count(), 1);
      assert.equal(await page.locator('.tile.full').count(), 0, 'the button is not the tile');
      await buttons().nth(1).click();
      await until(
        'silence',
        async () => (await page.locator('button.sound[aria-pressed="true"]').count()) === 0,
      );
    });

  it('on the box’s own screen: in full screen, while somebody is at it', async () => {
    await open('127.0.0.1');
    assert.equal(await buttons().count(), 0);
    assert.equal(asked.filter((path) => /sound|listening|liveSocket/.test(path)).length, 0);
    await page.locator('.tile[data-position="0"]').dblclick();
    await page.mouse.move(300, 300);
    await buttons().click();
    assert.ok((await level()) > 0.3);
    await page.keyboard.press('Escape');
    await until('the small tile again', async () => (await page.locator('.tile.full').count()) === 0);
    assert.equal(await buttons().count(), 1, 'who is heard can be silenced');
    await buttons().click();
    await until('silence', async () => (await buttons().count()) === 0);
  });
});
