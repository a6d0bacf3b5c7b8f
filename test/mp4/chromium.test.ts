/** What we write, played by Chromium through Media Source Extensions, as a viewer is sent it: one picture at a time. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { AccessUnit } from '../../daemon/frame.ts';
import { Mp4Audio } from '../../daemon/mp4/audioTrack.ts';
import { mimeType } from '../../daemon/mp4/initSegment.ts';
import { type Mp4Part, Mp4Video } from '../../daemon/mp4/videoTrack.ts';
import { launchBrowser, noBrowser } from '../e2e/browser.ts';
import { PICTURES, pictureClip, receive } from '../ingest/pictures/clips.ts';
import { audioClip, noFfprobe, type VideoClip, videoClip } from './clips.ts';

/** What a `video` element has done with the parts. */
interface Played {
  supported: boolean;
  error: string;
  /** Seconds, begin and end of each range. */
  buffered: [number, number][];
  currentTime: number;
  /** Presentation times that `requestVideoFrameCallback` told, in seconds. */
  shown: number[];
  decoded: number;
}

interface Source {
  readonly mime: string;
  /** Base64. */
  readonly parts: string[];
}

/** In the page's own language: feeds each source its parts, plays until `until` (s) or 20 s have passed. */
const PLAY = `async ({ sources, until }) => {
  if (!sources.every(({ mime }) => MediaSource.isTypeSupported(mime))) return { supported: false };
  const video = document.createElement('video');
  document.body.append(video);
  const media = new MediaSource();
  video.src = URL.createObjectURL(media);
  const event = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
  await event(media, 'sourceopen');
  const shown = [];
  const look = (_, { mediaTime }) => { shown.push(mediaTime); video.requestVideoFrameCallback(look); };
  video.requestVideoFrameCallback(look);
  let error = '';
  const failed = (reason) => { error ||= String(reason) + ' ' + (video.error?.message ?? ''); };
  const feed = async (buffer, parts) => {
    for (const part of parts) {
      buffer.appendBuffer(Uint8Array.from(atob(part), (c) => c.charCodeAt(0)));
      await event(buffer, 'updateend');
    }
  };
  const buffers = sources.map(({ mime }) => media.addSourceBuffer(mime));
  await Promise.all(sources.map(({ parts }, i) => feed(buffers[i], parts))).catch(failed);
  if (video.buffered.length > 0) video.currentTime = video.buffered.start(0);
  video.play().catch(failed);
  for (const begin = performance.now(); video.currentTime < until && performance.now() - begin < 20000; )
    await new Promise((resolve) => setTimeout(resolve, 50));
  const ranges = [];
  for (let i = 0; i < video.buffered.length; i++) ranges.push([video.buffered.start(i), video.buffered.end(i)]);
  if (video.error) failed('video');
  const { totalVideoFrames: decoded } = video.getVideoPlaybackQuality();
  const played = { supported: true, error, buffered: ranges, currentTime: video.currentTime, shown, decoded };
  video.remove();
  return played;
}`;

const source = (parts: readonly Mp4Part[], mime: string | undefined): Source => ({
  mime: mime!,
  parts: parts.map(({ data }) => data.toString('base64')),
});

describe('Chromium plays', { skip: noBrowser || noFfprobe, timeout: 180_000 }, () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  /** Two seconds, one key picture. */
  let clip: VideoClip;

  const play = (sources: Source[], until: number) =>
    page.evaluate<Played>(`(${PLAY})(${JSON.stringify({ sources, until })})`);
  const pack = (units: readonly AccessUnit[], track = new Mp4Video()) =>
    source(
      units.flatMap((unit) => track.push(unit)),
      mimeType(units[0]!.video),
    );
  /** The clip’s pictures, filmed when `shownAt` says (ms). */
  const moved = (shownAt: (ms: number) => number) =>
    clip.units.map((unit) => {
      const mediaTime = shownAt(unit.mediaTime);
      return { ...unit, mediaTime, receivedAt: 5000 + mediaTime };
    });
  const assertPlayed = (played: Played, end: number, pictures = clip.units.length) => {
    assert.deepEqual([played.supported, played.error], [true, '']);
    assert.equal(played.buffered.length, 1, `${JSON.stringify(played.buffered)}`);
    const [[begin, buffered]] = played.buffered as [[number, number]];
    assert.ok(begin < 5.001 && Math.abs(buffered - end) < 0.01, `${begin} to ${buffered}`);
    assert.ok(played.currentTime > end - 0.3, `${played.currentTime}`);
    // The last few are only decoded when more follow.
    assert.ok(played.decoded > pictures - 5, `${played.decoded} pictures`);
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'walleye-mp4-'));
    const coder = ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'baseline', '-g', '1000'];
    clip = await videoClip(folder, 'clip', 'h264', [...coder, '-sc_threshold', '0']);
    browser = await launchBrowser(['--autoplay-policy=no-user-gesture-required', '--mute-audio']);
    page = await browser.newPage();
  });

  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('pictures one by one, and shows them in order', async () => {
    const played = await play([pack(clip.units)], 6.9);
    assertPlayed(played, 7);
    const { shown } = played;
    assert.ok(shown.length > 10, `${shown.length} pictures were seen`);
    assert.ok(shown.every((time, i) => i === 0 || time > shown[i - 1]!));
    assert.ok(shown.at(-1)! > 6.5);
  });

  test('on without a key picture where the camera takes pictures now slower, now faster', async () => {
    // 25 a second; then one in five; then 25 again, one of them late.
    const shownAt = (ms: number) =>
      ms < 800 ? ms : ms < 1200 ? 800 + (ms - 800) * 5 : 1600 + ms - (ms % 200 === 0 ? 0 : 15);
    const end = 5 + (2 * shownAt(1960) - shownAt(1920)) / 1000;
    assertPlayed(await play([pack(moved(shownAt))], end - 0.1), end);
  });

  test('on in the same buffer when the camera was away for a second', async () => {
    const again = clip.units.map((unit) => ({
      ...unit,
      video: { ...unit.video },
      receivedAt: unit.receivedAt + 3000,
    }));
    const [first] = again;
    const units = [...clip.units, ...again.map((unit) => ({ ...unit, video: first!.video }))];
    assertPlayed(await play([pack(units)], 9.8), 10, 2 * clip.units.length);
  });

  for (const codec of ['vp9', 'av1'] as const)
    test(`${codec}, as it is`, async () => {
      const { units } = receive(await pictureClip(folder, codec));
      const timed = units.map((unit) => ({ ...unit, receivedAt: 5000 + unit.mediaTime }));
      assertPlayed(await play([pack(timed)], 6.9), 7, PICTURES);
    });

  test('pictures with sound of which some was lost, without a stop', async () => {
    const frames = await audioClip(folder, 'aac', { sampleRate: 48_000, channels: 2, seconds: 2 });
    const video = new Mp4Video();
    const pictures = pack(clip.units, video);
    const sound = new Mp4Audio({ clock: video.clock });
    const heard = frames.filter(({ mediaTime }) => mediaTime < 700 || mediaTime > 1000);
    const parts = heard.flatMap((frame) => sound.push(frame));
    const played = await play([pictures, source(parts, mimeType(frames[0]!.audio))], 6.9);
    assertPlayed(played, 7);
  });
});
