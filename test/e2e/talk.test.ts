/** Talking through a camera from a browser elsewhere: Chromium hears a tone, GStreamer's camera says it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { gstServerMissing } from '../peers/gstRtspServer.ts';
import { type GstTalkServer, startGstTalkServer } from '../peers/gstTalkServer.ts';
import { frequencyOf, levelOf } from '../peers/tone.ts';
import { launchBrowser, noBrowser } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

const HOST = 'box.test';
const RATE = 48_000;
const missing = process.env.CI === 'true' ? undefined : await gstServerMissing();

/** Words, not a tone: tone for half a second, nothing for half a second. What hums steadily browsers take out as noise. */
function wav(): Buffer {
  const samples = Int16Array.from({ length: 4 * RATE }, (_, n) =>
    n % RATE < RATE / 2 ? Math.round(9_000 * Math.sin((2 * Math.PI * 600 * n) / RATE)) : 0,
  );
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

describe('talking through a camera', { skip: noBrowser || missing, timeout: 300_000 }, () => {
  let folder: string;
  let camera: GstTalkServer;
  let daemon: Daemon;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'walleye-talk-'));
    await writeFile(join(folder, 'voice.wav'), wav());
    camera = await startGstTalkServer('pcmu');
    daemon = await startDaemon({ env: { WALLEYE_ALLOWED_HOSTS: HOST } });
    await daemon.api('POST', '/api/cameras', {
      ...{ id: 'door', name: 'Front door' },
      streams: [{ profile: 'main', rtsp_url: camera.url, keep_warm: false }],
    });
    await daemon.api('PATCH', '/api/settings', { setup_done: true });
    const origin = `http://${HOST}:${daemon.port}`;
    browser = await launchBrowser([
      '--host-resolver-rules=MAP box.test 127.0.0.1',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${join(folder, 'voice.wav')}`,
      `--unsafely-treat-insecure-origin-as-secure=${origin}`,
    ]);
    page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) errors.push(message.text());
    });
    await page.goto(`${origin}/camera/door`);
  });
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await camera?.close();
    await rm(folder, { recursive: true, force: true });
    assert.deepEqual(errors, []);
  });

  const button = () => page.locator('.talk button');

  it('has a button where the camera has a loudspeaker; who presses it is heard until he presses it again', async () => {
    await button().waitFor({ timeout: 60_000 });
    assert.equal(await button().textContent(), 'Talk');
    await page.mouse.move(600, 300);
    await button().click();
    await page.getByRole('button', { name: 'You are heard. Stop' }).waitFor();
    // A tone of 600 Hz somewhere in what came out there.
    await until('the tone to be heard', () => {
      const heard = camera.heard();
      for (let at = 0; at + 1_600 <= heard.length; at += 800) {
        const piece = heard.subarray(at, at + 1_600);
        if (levelOf(piece) > 500 && Math.abs(frequencyOf(piece, 8_000) - 600) < 6) return true;
      }
      return false;
    });
    await button().click();
    await page.getByRole('button', { name: 'Talk' }).waitFor();
    const { length } = camera.heard();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.ok(camera.heard().length - length < 8_000, 'it is still talking');
  });

  it('says what is wrong: somebody else talks', async () => {
    const other = new WebSocket(`ws://127.0.0.1:${daemon.port}/api/cameras/door/talk`);
    await new Promise((resolve) => other.addEventListener('message', resolve, { once: true }));
    await button().click();
    await page.locator('.talk-error').waitFor();
    assert.match(
      (await page.locator('.talk-error').textContent()) ?? '',
      /Somebody else talks through this camera/,
    );
    other.close();
  });
});
