import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Camera } from '../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser, tilesOf } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

/** What a camera says of itself, over RTSP and ONVIF, as the wall shows it. */
describe('marks of sound and recording on the wall', { skip: noBrowser, timeout: 180_000 }, () => {
  let cameras: VirtualCameras;
  let talker: VirtualCamera;
  let daemon: Daemon;
  let browser: Browser;
  let page: Page;

  const marks = (position: number) =>
    page.evaluate<string[]>(`
      [...document.querySelectorAll('[data-position="${position}"] .marks span')].map((mark) => mark.ariaLabel)
    `);
  const marksAre = (...wanted: string[]) =>
    until(`the marks ${wanted.join()}`, async () => (await marks(0)).join() === wanted.join());
  const job = (state: string) =>
    talker.events?.tell({
      topic: 'tns1:RecordingConfig/JobState',
      operation: 'Changed',
      source: { RecordingJobToken: 'RecJob_1' },
      data: { State: state },
    });

  before(async () => {
    cameras = await startVirtualCameras({
      cameras: [
        { name: 'Talker', audio: true, port: 0, seconds: 8 },
        { name: 'Mute', port: 0, seconds: 8 },
      ],
    });
    talker = cameras.cameras[0]!;
    daemon = await startDaemon();
    for (const camera of cameras.cameras) {
      await daemon.api('POST', '/api/cameras', {
        id: camera.id,
        name: camera.name,
        address: camera.onvifUrl,
        username: camera.username,
        password: camera.password,
      });
    }
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

  it('tell that a camera sends sound as soon as its stream is open', async () => {
    await marksAre('Sound');
    assert.deepEqual(await marks(1), []);
    assert.equal((await daemon.api<Camera>('GET', '/api/cameras/talker')).audio, true);
    assert.equal((await daemon.api<Camera>('GET', '/api/cameras/mute')).audio, false);
  });

  it('tell that a camera records, by its own word, and that it does no more', async () => {
    await until('somebody to listen', () => talker.events?.subscriptions === 1);
    job('Active');
    await marksAre('Recording', 'Sound');
    job('Idle');
    await marksAre('Sound');
    job('Active');
    await marksAre('Recording', 'Sound');
  });

  it('can be switched off one by one, and come back', async () => {
    await daemon.api('PATCH', '/api/settings', { wall_audio_mark: false });
    await marksAre('Recording');
    await daemon.api('PATCH', '/api/settings', { wall_audio_mark: true, wall_recording_mark: false });
    await marksAre('Sound');
    await daemon.api('PATCH', '/api/settings', { wall_recording_mark: true });
    await marksAre('Recording', 'Sound');
  });

  it('are not shown on a picture that does not move', async () => {
    await talker.fault({ stopSending: true });
    await until('no marks', async () => (await marks(0)).length === 0);
    await talker.clearFaults();
    await until('the marks', async () => (await marks(0)).length > 0);
  });
});
