/** Every part of the admin page, on a desktop and on a phone, in every language: nothing is cut off, everybody can use it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import type { Camera, UsbCamera } from '../../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../../virtual-camera/index.ts';
import { launchBrowser, noBrowser } from '../browser.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { until } from '../until.ts';
import { axeViolations, overflows } from './checks.ts';

const LANGUAGES = ['en-GB', 'zh-TW', 'zh-CN'];
const SCREENS = {
  desktop: { viewport: { width: 1920, height: 1080 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};
const PAGES = [
  '/admin',
  '/admin/cameras/front-door',
  '/admin/cameras/add',
  '/admin/layouts',
  '/admin/layouts/all',
  '/admin/wall',
  '/admin/recording',
  '/admin/alarms',
  '/admin/people',
  '/admin/system',
  '/admin/nowhere',
  '/playback',
];

/** Stands in for the plug: there is no such camera in a machine of tests. */
const PLUGGED: UsbCamera = {
  name: 'HD Pro Webcam C920 with a long name',
  url: 'v4l2:///dev/video9',
  camera: null,
};
async function plugIn(context: BrowserContext): Promise<void> {
  await context.route('**/api/usb-cameras', (route) => route.fulfill({ json: { cameras: [PLUGGED] } }));
}

describe('the admin page', { skip: noBrowser, timeout: 300_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let browser: Browser;
  before(async () => {
    cameras = await startVirtualCameras({
      cameras: [
        { id: 'front-door', name: 'Front door' },
        { id: 'car-park', name: 'Car park of the administration building, north side' },
      ],
    });
    daemon = await startDaemon();
    for (const { id, name, onvifUrl } of cameras.cameras)
      await daemon.api('POST', '/api/cameras', { id, name, address: onvifUrl });
    const tiles = [{ x: 0, y: 0, width: 0.5, height: 1, cameras: ['front-door', 'car-park'] }];
    await daemon.api('PUT', '/api/layouts/all', { tiles });
    await daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'all', dwell_seconds: 10 }] });
    await daemon.api('PATCH', '/api/settings', { setup_done: true });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
  });

  for (const [screen, options] of Object.entries(SCREENS)) {
    for (const locale of LANGUAGES) {
      it(`on a ${screen}, ${locale}: no text is cut off, no serious accessibility fault`, async () => {
        const context = await browser.newContext({ ...options, locale });
        await plugIn(context);
        const page = await context.newPage();
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(error.message));
        page.on('console', (message) => {
          if (message.text().includes('Content Security Policy')) errors.push(message.text());
        });
        const faults: Record<string, unknown> = {};
        for (const path of PAGES) {
          await page.goto(daemon.url + path);
          await page.locator('h1').first().waitFor();
          await page.locator('.waiting').waitFor({ state: 'detached' });
          const found = { overflows: await overflows(page), axe: await axeViolations(page) };
          if (found.overflows.length > 0 || found.axe.length > 0) faults[path] = found;
        }
        assert.deepEqual(faults, {});
        assert.deepEqual(errors, []);
        assert.equal(await page.evaluate('document.documentElement.lang'), locale.replace('-GB', ''));
        await context.close();
      });
    }
  }

  it('in the dark: no serious accessibility fault either', async () => {
    const page = await browser.newPage({ colorScheme: 'dark', locale: 'en-GB' });
    for (const path of PAGES) {
      await page.goto(daemon.url + path);
      await page.locator('h1').first().waitFor();
      assert.deepEqual(await axeViolations(page), [], path);
    }
    await page.close();
  });

  it('a camera at the USB of the box joins by a tap', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    await plugIn(context);
    const page = await context.newPage();
    await page.goto(`${daemon.url}/admin/cameras/add`);
    await page.getByRole('button', { name: `Add ${PLUGGED.name}` }).click();
    const joined = await until('it has joined', async () => {
      const { cameras } = await daemon.api<{ cameras: Camera[] }>('GET', '/api/cameras');
      return cameras.find(({ name }) => name === PLUGGED.name);
    });
    assert.deepEqual(
      joined.streams.map(({ rtsp_url }) => rtsp_url),
      [PLUGGED.url],
    );
    await daemon.api('DELETE', `/api/cameras/${joined.id}`);
    await context.close();
  });

  it('says so when the daemon goes away, and goes on when it is back', async () => {
    const page = await browser.newPage({ locale: 'en-GB' });
    await page.goto(`${daemon.url}/admin`);
    await page.getByRole('heading', { name: 'Cameras', level: 1 }).waitFor();
    const { port, stateDir } = daemon;
    await daemon.kill();
    await page.getByText('Walleye does not answer').waitFor();
    daemon = await startDaemon({ port, stateDir });
    await page.getByText('Walleye does not answer').waitFor({ state: 'detached' });
    await page.close();
  });
});
