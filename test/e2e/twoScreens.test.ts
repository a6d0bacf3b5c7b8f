/** Two screens of one box, each with its own wall, as the kiosk opens them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { System, Wall } from '../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser, stampsOf, tilesOf } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

describe('two screens', { skip: noBrowser, timeout: 240_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let browser: Browser;
  const screens: Page[] = [];
  const errors: string[] = [];

  before(async () => {
    cameras = await startVirtualCameras({ cameras: [{ name: 'Left' }, { name: 'Right' }] });
    daemon = await startDaemon();
    for (const [n, id] of ['left', 'right'].entries()) {
      await daemon.api('POST', '/api/cameras', {
        id,
        name: cameras.cameras[n]!.name,
        streams: [{ profile: 'sub', rtsp_url: cameras.cameras[n]!.rtspUrl('sub'), keep_warm: false }],
      });
      const tile = { x: 0, y: 0, width: 1, height: 1, cameras: [id] };
      await daemon.api('PUT', `/api/layouts/${id}`, { tiles: [tile] });
    }
    await daemon.api('PUT', '/api/wall', showing('left'));
    browser = await launchBrowser();
    const token = readFileSync(join(daemon.stateDir, 'tokens/screen'), 'utf8').trim();
    for (const screen of [1, 2]) {
      const context = await browser.newContext({ viewport: { width: 960, height: 540 }, locale: 'en-GB' });
      const page = await context.newPage();
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(`${daemon.url}/screen/${token}?screen=${screen}`);
      screens.push(page);
    }
  });
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
    assert.deepEqual(errors, []);
  });

  const showing = (...layouts: string[]): Wall => ({
    sequence: layouts.map((layout) => ({ layout, dwell_seconds: 3600 })),
  });
  const names = async (screen: number) => (await tilesOf(screens[screen - 1]!)).map(({ name }) => name);
  const shows = (screen: number, name: string) =>
    until(`${name} on screen ${screen}`, async () => (await names(screen)).join() === name);
  const told = async () => (await daemon.api<System>('GET', '/api/system')).screens;

  it('show the same wall until the second has a programme of its own', async () => {
    await shows(1, 'Left');
    await shows(2, 'Left');
    await daemon.api('PUT', '/api/walls/2', showing('right'));
    await shows(2, 'Right');
    await shows(1, 'Left');
  });

  it('both are live, and each has its heartbeat', async () => {
    for (const page of screens) {
      const seen = new Set<number>();
      await until('pictures that change', async () => {
        const [stamp] = await stampsOf(page, await tilesOf(page));
        if (stamp !== undefined) seen.add(stamp);
        return seen.size >= 3;
      });
    }
    await until('both heartbeats', async () => {
      const list = await told();
      const awake = list.filter(({ heartbeat }) => heartbeat !== null && Date.now() / 1000 - heartbeat < 10);
      return awake.map(({ screen, painting }) => `${screen}:${painting}`).join() === '1:1,2:1';
    });
  });

  it('the hours of one make one dark, and it says so', async () => {
    const always = { days: EVERY_DAY, from: '00:00', to: '00:00' };
    await daemon.api('PUT', '/api/walls/2', { ...showing('right'), screen_off: [always] });
    await screens[1]!.locator('main.dark').waitFor();
    await until(
      'the word of the second',
      async () => (await told()).map(({ dark }) => dark).join() === 'false,true',
    );
    assert.deepEqual(await names(1), ['Left']);
  });

  it('a dark one without a page of its own is spoken for by the other, and comes back when its hours end', async () => {
    await screens[1]!.close();
    await until('the silence of the second', async () => {
      const second = (await told())[1];
      return Date.now() / 1000 - (second?.heartbeat ?? 0) > 21;
    });
    assert.deepEqual(
      (await told()).map(({ dark }) => dark),
      [false, true],
    );
    await daemon.api('DELETE', '/api/walls/2');
    await until('the end of the dark', async () => (await told())[1]?.dark === false);
  });
});
