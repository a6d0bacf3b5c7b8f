/** A range of recordings as Chromium's own `<video src>` plays it: jumps, the gap, its end. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { GAP, type RecordedServer, SECONDS, START, startRecordedServer } from '../api/recordedServer.ts';
import { noFfprobe } from '../mp4/clips.ts';
import { launchBrowser, noBrowser } from './browser.ts';

interface Loaded {
  error: string;
  duration: number;
  width: number;
}

/** In the page's own language: opens the address and waits until it can be played. */
const LOAD = `async (url) => {
  const video = document.createElement('video');
  video.muted = true;
  video.src = url;
  document.body.append(video);
  window.video = video;
  await new Promise((resolve) => {
    video.addEventListener('canplay', resolve, { once: true });
    video.addEventListener('error', resolve, { once: true });
  });
  return { error: video.error?.message ?? '', duration: video.duration, width: video.videoWidth };
}`;
/** Jumps, and tells the time of the picture that is shown then. */
const JUMP = `async (time) => {
  const { video } = window;
  const shown = new Promise((resolve) => video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime)));
  video.currentTime = time;
  return shown;
}`;

describe('Chromium plays a range of recordings', { skip: noBrowser || noFfprobe, timeout: 300_000 }, () => {
  let server: RecordedServer;
  let browser: Browser;
  let page: Page;
  before(async () => {
    server = await startRecordedServer();
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.goto(`${server.url}/api/health`);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  for (const camera of ['door', 'yard']) {
    it(`of ${camera}: it knows how long it is, and jumps anywhere`, async () => {
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.headers().range ?? ''));
      const from = START / 1000 + 1.5;
      const path = `/api/recordings/cameras/${camera}/media.mp4?from=${from}&to=${from + 60}`;
      const head = await fetch(server.url + path, { method: 'HEAD' });
      const zero = Number(head.headers.get('x-walleye-from'));
      const length = Number(head.headers.get('x-walleye-to')) - zero;
      const loaded = await page.evaluate<Loaded>(`(${LOAD})(${JSON.stringify(path)})`);
      assert.equal(loaded.error, '');
      assert.equal(loaded.width, 320);
      assert.ok(Math.abs(loaded.duration - length) < 0.2, `${loaded.duration} s, not ${length} s`);
      const behind = SECONDS + GAP + START / 1000 - zero;
      for (const time of [3.02, behind + 4.1, 0.5, behind + 1.3, 4.33]) {
        const shown = await page.evaluate<number>(`(${JUMP})(${time})`);
        // Chromium takes the picture after, now and then.
        assert.ok(Math.abs(shown - time) < 0.13, `a picture of ${shown} s at ${time} s`);
      }
      assert.ok(asked.some((range) => range !== ''));
      await page.evaluate('window.video.remove()');
    });
  }
});
