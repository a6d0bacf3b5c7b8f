import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, noBrowser } from '../../e2e/browser.ts';
import { until } from '../../e2e/until.ts';
import { type Clip, makeClip } from '../clip.ts';
import { LiveServer } from '../liveServer.ts';
import { openPlayer, type PlayerPageOptions, paintedSince, pictureOf, stampOnScreen } from './playerPage.ts';

/** Pages whose browser has not what Chromium has. */
const NO_MSE = 'delete globalThis.MediaSource; delete globalThis.ManagedMediaSource;';
const NO_WEBCODECS = 'delete globalThis.VideoDecoder;';
const NO_H264 = `MediaSource.isTypeSupported = (type) => {
  (globalThis.askedTypes ??= []).push(type);
  return !type.includes('avc1');
};`;

describe('one tile in Chromium', { skip: noBrowser, timeout: 240_000 }, () => {
  let clip: Clip;
  let server: LiveServer;
  let browser: Browser;
  let page: Page;

  before(async () => {
    clip = await makeClip();
    const yard = await makeClip({ hue: 120 });
    server = await new LiveServer({ streams: { door: clip, yard } }).start();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A page with a picture on the screen. */
  const open = async (options: Partial<PlayerPageOptions> = {}) => {
    await page?.close();
    page = await openPlayer(browser, server, { stream: 'door', ...options });
    await until('a picture', async () => (await pictureOf(page)).age !== undefined);
    return pictureOf(page);
  };
  /** Takes screenshots until the picture is the wanted one; each must show a stamp. */
  const watchChange = async (wanted: (seen: Awaited<ReturnType<typeof pictureOf>>) => boolean) => {
    const end = performance.now() + 15_000;
    let shots = 0;
    for (let after = 0; after < 4; ) {
      assert.ok(performance.now() < end, 'it never changed');
      assert.notEqual(await stampOnScreen(page), undefined, `screenshot ${shots} is without a picture`);
      shots++;
      if (wanted(await pictureOf(page))) after++;
    }
    return shots;
  };
  const change = (wish: object) => page.evaluate(`picture.change({ ...wish, ...${JSON.stringify(wish)} })`);

  it('changes streams, formats and both without a black gap', async (t) => {
    await open();
    // Long enough for a screenshot of whatever is there in the meantime.
    server.hesitation = 700;
    let shots = 0;
    for (const [stream, formats] of [
      ['yard', ['mp4', 'jpeg']],
      ['door', ['jpeg']],
      ['yard', ['annexb', 'jpeg']],
      ['door', ['mp4', 'jpeg']],
    ] as const) {
      await change({ stream, formats });
      shots += await watchChange((seen) => seen.stream === stream && seen.format === formats[0]);
    }
    t.diagnostic(`${shots} screenshots`);
    await until('the old elements to go', async () => (await pictureOf(page)).elements.length === 1);
  });

  it('goes on without a black gap when the box begins all tiles anew', async () => {
    await until('many pictures', async () => (await pictureOf(page)).counts.painted > 30);
    server.peer!.restart();
    await watchChange(({ counts }) => counts.painted < 30);
    server.hesitation = 0;
  });

  it('falls to JPEG where the browser does not play the camera’s codec', async () => {
    const { format, reason, elements } = await open({ before: NO_H264 });
    assert.deepEqual([format, reason, elements], ['jpeg', 'codec', ['CANVAS']]);
    assert.notEqual(await stampOnScreen(page), undefined);
    const [said] = server.peer!.heard.filter(({ type }) => type === 'unsupported');
    assert.deepEqual(said, { type: 'unsupported', tile: 0, codec: clip.codec });
    assert.deepEqual(await page.evaluate('askedTypes'), [`video/mp4; codecs="${clip.codec}"`]);
  });

  it('plays by WebCodecs where there is no MSE, and JPEGs where there is neither', async () => {
    assert.equal((await open({ before: NO_MSE })).format, 'annexb');
    const index = (await paintedSince(page)).length;
    await sleep(2_000);
    const painted = (await paintedSince(page)).length - index;
    assert.ok(painted > 0.9 * 2 * clip.fps, `${painted} in two seconds`);
    assert.equal((await open({ before: NO_MSE + NO_WEBCODECS })).format, 'jpeg');
  });

  it('takes the formats of the page’s address', async () => {
    assert.equal((await open({ query: '/?formats=jpeg' })).format, 'jpeg');
  });

  it('shows the newest JPEG when decoding is slower than the camera', async () => {
    // Two a second, at fifteen a second.
    const slow = `{
      const decode = createImageBitmap;
      globalThis.createImageBitmap = (...args) =>
        new Promise((resolve) => setTimeout(resolve, 500)).then(() => decode(...args));
    }`;
    await open({ before: slow, formats: ['jpeg'] });
    await sleep(3_000);
    const { counts, age } = await pictureOf(page);
    assert.ok(counts.dropped > 3 * counts.painted, JSON.stringify(counts));
    assert.ok(age! < 1_300, `${age}`);
  });

  it('plays by ManagedMediaSource where there is nothing else', async () => {
    // As on iPhones: attached by `srcObject`, which Chromium takes no source by.
    const managed = `{
      globalThis.ManagedMediaSource = MediaSource;
      delete globalThis.MediaSource;
      Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
        get() { return this.given ?? null; },
        set(source) {
          this.given = source;
          if (source && this.disableRemotePlayback) this.src = URL.createObjectURL(source);
        },
      });
    }`;
    assert.equal((await open({ before: managed })).format, 'mp4');
    assert.equal(await page.evaluate('picture.host.firstChild.given instanceof ManagedMediaSource'), true);
  });

  it('knows what is painted where the browser does not tell', async () => {
    const mute = `delete HTMLVideoElement.prototype.requestVideoFrameCallback;
      delete HTMLVideoElement.prototype.cancelVideoFrameCallback;`;
    await open({ before: mute });
    await sleep(3_000);
    const { age, rate, counts } = await pictureOf(page);
    assert.ok(age! < 1_000, `${age}`);
    assert.ok(rate > 0.7 * clip.fps && rate < 1.3 * clip.fps, `${rate}`);
    assert.ok(counts.painted > 20);
  });

  it('goes on when the browser’s buffer is full', async () => {
    const full = `{
      const append = SourceBuffer.prototype.appendBuffer;
      globalThis.refusals = 0;
      let calls = 0;
      SourceBuffer.prototype.appendBuffer = function (data) {
        // Once, then again and again: removing what was played does not help.
        const refuse = ++calls === 30 || (calls > 60 && calls < 70);
        if (!refuse) return append.call(this, data);
        refusals++;
        throw new DOMException('full', 'QuotaExceededError');
      };
    }`;
    await open({ before: full });
    await until('the refusals', () => page.evaluate('refusals === 10'));
    const index = (await paintedSince(page)).length;
    await until('a second of pictures', async () => (await paintedSince(page, index)).length > 15);
    const { format, elements, age } = await pictureOf(page);
    assert.deepEqual([format, elements], ['mp4', ['VIDEO']]);
    assert.ok(age! < 1_000, `${age}`);
  });

  it('gives a format up that fails again and again', async () => {
    const broken = `SourceBuffer.prototype.appendBuffer = () => {
      throw new DOMException('broken', 'InvalidStateError');
    };`;
    await page.close();
    page = await openPlayer(browser, server, { stream: 'door', before: broken });
    await until('a picture', async () => (await pictureOf(page)).age !== undefined);
    const { format, reason } = await pictureOf(page);
    assert.deepEqual([format, reason], ['jpeg', 'codec']);
  });

  it('keeps the old picture, whose age grows, and comes back when the server does', async (t) => {
    await open();
    await server.die();
    await sleep(2_500);
    const away = await pictureOf(page);
    assert.ok(away.age! > 2_000, `${away.age}`);
    assert.notEqual(await stampOnScreen(page), undefined, 'the last picture is gone');
    assert.equal(await page.evaluate('socket.connection.open'), false);
    server.clockAhead = 3_600_000;
    const begin = performance.now();
    await server.start();
    await until('a live picture', async () => (await pictureOf(page)).age! < 500);
    t.diagnostic(`back after ${(performance.now() - begin).toFixed(0)} ms`);
    await until('one element', async () => (await pictureOf(page)).elements.length === 1);
    server.clockAhead = 0;
  });

  it('asks for nothing while the tab is hidden, and begins anew afterwards', async () => {
    await open();
    const hide = (hidden: boolean) =>
      page.evaluate(`{
        Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        Object.defineProperty(document, 'visibilityState', {
          value: '${hidden ? 'hidden' : 'visible'}', configurable: true,
        });
        document.dispatchEvent(new Event('visibilitychange'));
      }`);
    await hide(true);
    await until('the pause', () => server.peer!.paused);
    await sleep(200);
    const { sent } = server.peer!;
    await sleep(1_000);
    assert.equal(server.peer!.sent, sent, 'pictures were sent to a hidden tab');
    const index = (await paintedSince(page)).length;
    await hide(false);
    const back = await until('a picture', async () => (await paintedSince(page, index))[0]);
    assert.ok(back.age < 1_000, `${back.age}`);
    await watchChange(() => true);
  });

  it('leaves nothing behind when it is closed', async () => {
    await page.evaluate('picture.close()');
    await until('the end of the tile', () => server.peer!.heard.some(({ type }) => type === 'close'));
    assert.equal(await page.evaluate('document.querySelectorAll("video, canvas").length'), 0);
    await page.evaluate('socket.close()');
    await until('the end of the socket', () => server.peer!.closed);
  });

  it('closes a socket that is still connecting, and never opens two', async () => {
    const sockets = server.peers.length;
    await page.evaluate(`(async () => {
      const { LiveSocket } = await import('/kiosk-ui/player/liveSocket.ts');
      for (let i = 0; i < 10; i++) new LiveSocket().close();
      globalThis.one = new LiveSocket();
      for (let i = 0; i < 10; i++) dispatchEvent(new Event('online'));
    })()`);
    await until('the one socket', () => page.evaluate('one.connection.open'));
    await sleep(500);
    assert.equal(server.peers.slice(sockets).filter(({ closed }) => !closed).length, 1);
  });
});
