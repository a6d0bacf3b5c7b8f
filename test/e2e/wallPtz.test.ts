import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser, tilesOf } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

/** From the drag on the picture to the motors: page, daemon, ONVIF, camera. */
describe('moving a camera on the wall', { skip: noBrowser, timeout: 180_000 }, () => {
  let cameras: VirtualCameras;
  let dome: VirtualCamera;
  let daemon: Daemon;
  let browser: Browser;

  const ptz = () => dome.ptz!;
  const calls = () => ptz().calls.map(({ call }) => call);

  before(async () => {
    cameras = await startVirtualCameras({
      cameras: [
        { name: 'Dome', ptz: true, auth: 'digest', password: 'secret', port: 0, seconds: 8 },
        { name: 'Door', port: 0, seconds: 8 },
      ],
    });
    dome = cameras.cameras[0]!;
    daemon = await startDaemon();
    const login = { username: 'admin', password: 'secret' };
    await daemon.api('POST', '/api/cameras', { id: 'dome', name: 'Dome', address: dome.onvifUrl, ...login });
    await daemon.api('POST', '/api/cameras', {
      id: 'door',
      name: 'Door',
      address: cameras.cameras[1]!.onvifUrl,
    });
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
  });

  /** Full screen of the first tile, once its buttons are there. */
  async function opened(viewport: { width: number; height: number }, touch: boolean): Promise<Page> {
    const context = await browser.newContext({ viewport, hasTouch: touch, isMobile: touch });
    const page = await context.newPage();
    await page.goto(daemon.url);
    await until('two live tiles', async () => {
      const seen = await tilesOf(page);
      return seen.length === 2 && seen.every(({ kind }) => kind === 'live');
    });
    await page.keyboard.press('1');
    await until('full screen', async () =>
      (await tilesOf(page)).some(({ full, name }) => full && name === 'Dome'),
    );
    await page.locator('.ptz').waitFor();
    return page;
  }

  it('by the mouse: it moves while it is dragged, and stops on release', async () => {
    const page = await opened({ width: 1280, height: 720 }, false);
    await page.mouse.move(640, 360);
    await page.mouse.down();
    await page.mouse.move(900, 260, { steps: 4 });
    await until('the camera to move', () => ptz().moving);
    const move = ptz().calls.findLast(({ call }) => call === 'ContinuousMove');
    assert.ok((move?.pan ?? 0) > 0 && (move?.tilt ?? 0) > 0, JSON.stringify(move));
    await page.mouse.up();
    await until('the stop', () => !ptz().moving && calls().at(-1) === 'Stop');
    assert.ok(
      (await tilesOf(page)).some(({ full }) => full),
      'a drag does not leave full screen',
    );
    await page.context().close();
  });

  it('stops when the page is gone in the middle of it', async () => {
    const before = calls().length;
    const page = await opened({ width: 1280, height: 720 }, false);
    await page.mouse.move(640, 360);
    await page.mouse.down();
    await page.mouse.move(300, 360, { steps: 4 });
    await until('the camera to move', () => ptz().moving);
    await page.context().close();
    await until('the stop', () => !ptz().moving && calls().at(-1) === 'Stop');
    assert.ok(calls().slice(before).includes('ContinuousMove'));
  });

  it('by a finger on a phone, once it was told not to swipe', async () => {
    const page = await opened({ width: 390, height: 844 }, true);
    const session = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x = 0, y = 0) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
    const before = calls().length;
    await page.locator('.ptz button.main').tap();
    await page.locator('.ptz.on').waitFor();
    await touch('touchStart', 195, 420);
    for (const x of [180, 150, 110, 80]) await touch('touchMove', x, 420);
    await until('the camera to move', () => ptz().moving);
    const move = ptz().calls.findLast(({ call }) => call === 'ContinuousMove');
    assert.ok((move?.pan ?? 0) < 0, JSON.stringify(move));
    await touch('touchEnd');
    await until('the stop', () => !ptz().moving && calls().at(-1) === 'Stop');
    assert.ok(calls().slice(before).includes('ContinuousMove'));
    await page.context().close();
  });

  it('has nothing to move on a camera that cannot', async () => {
    const page = await opened({ width: 1280, height: 720 }, false);
    await page.keyboard.press('ArrowRight');
    await until('the other camera', async () =>
      (await tilesOf(page)).some(({ full, name }) => full && name === 'Door'),
    );
    await until('no buttons', async () => (await page.locator('.ptz').count()) === 0);
    await page.context().close();
  });
});
