import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Alarm, AlarmList, AlarmRules } from '../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser, tilesOf } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

const NAMES = ['Front door', 'Car park', 'Roof', 'Yard'];

/** The wall and the real daemon together: what operators and programs do. */
describe('alarms and settings on the wall', { skip: noBrowser, timeout: 180_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let browser: Browser;
  let page: Page;

  const full = async () => (await tilesOf(page)).find((tile) => tile.full)?.name ?? '';
  const fullIs = (name: string) => until(`“${name}” in full screen`, async () => (await full()) === name);
  const raise = (camera: string, more: object = {}) =>
    daemon.api<Alarm>('POST', '/api/alarms', { camera, topic: 'person', hold_seconds: 3600, ...more });

  before(async () => {
    cameras = await startVirtualCameras({ cameras: NAMES.map((name) => ({ name })) });
    daemon = await startDaemon();
    for (const [i, camera] of cameras.cameras.entries()) {
      await daemon.api('POST', '/api/cameras', {
        id: `cam${i + 1}`,
        name: camera.name,
        streams: [{ profile: 'sub', rtsp_url: camera.rtspUrl('sub'), keep_warm: false }],
      });
    }
    const half = { y: 0, width: 0.5, height: 1 };
    await daemon.api('PUT', '/api/layouts/two', {
      tiles: [
        { x: 0, ...half, cameras: ['cam1'] },
        { x: 0.5, ...half, cameras: ['cam2'] },
      ],
    });
    await daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'two', dwell_seconds: 3600 }] });
    const rules: AlarmRules = { enabled: true, rules: [], minimum_focus_seconds: 0, quiet_seconds: 0 };
    await daemon.api('PUT', '/api/alarm-rules', rules);
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 360 } });
    await page.goto(daemon.url);
    await until('two live tiles', async () => {
      const seen = await tilesOf(page);
      return seen.length === 2 && seen.every(({ kind }) => kind === 'live');
    });
  });

  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
  });

  it('pops a camera that is not on the layout full screen, plays it, and returns when it is acknowledged', async () => {
    await raise('cam3', { action: 'full_screen', message: 'Somebody on the roof' });
    await fullIs('Roof');
    await until('its picture', async () =>
      (await tilesOf(page)).some(({ full, kind }) => full && kind === 'live'),
    );
    assert.equal(await page.locator('.full .alarm').textContent(), 'Somebody on the roof');
    await page.locator('.full .alarm').click();
    await fullIs('');
    const { active } = await daemon.api<AlarmList>('GET', '/api/alarms');
    assert.deepEqual(
      active.filter(({ acknowledged }) => !acknowledged),
      [],
    );
    await until('two tiles', async () => (await tilesOf(page)).length === 2);
  });

  it('marks a camera where the alarm asks for no more', async () => {
    const { id } = await raise('cam2', { action: 'highlight' });
    await until('the mark', async () => (await page.locator('.alarmed').count()) === 1);
    assert.equal(await full(), '');
    await daemon.api('DELETE', `/api/alarms/${id}`);
    await until('no mark', async () => (await page.locator('.alarmed').count()) === 0);
  });

  it('speaks another language and shows or hides names and clock as soon as that is set', async () => {
    await daemon.api('PATCH', '/api/settings', {
      language: 'zh-TW',
      wall_clock: true,
      time_zone: 'Asia/Taipei',
    });
    await until('the clock', async () =>
      /^\d\d:\d\d$/.test((await page.locator('.strip time').textContent()) ?? ''),
    );
    await until('Chinese', async () => (await page.evaluate('document.documentElement.lang')) === 'zh-TW');
    await daemon.api('PATCH', '/api/settings', { language: 'en', wall_clock: false, wall_names: false });
    await until('no names', async () => (await page.locator('.label span').count()) === 0);
    await until('no clock', async () => (await page.locator('.strip').count()) === 0);
  });
});
