import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameRate } from '../../daemon/ingest/frameRate.ts';

interface Feed {
  count: number;
  /** ms between units by the camera's clock, and by arrival. */
  media: (i: number) => number;
  arrival?: (i: number) => number;
  keyEvery?: number;
}

function measured({ count, media, arrival = media, keyEvery = 15 }: Feed): FrameRate {
  const rate = new FrameRate();
  for (let i = 0; i < count; i++) {
    rate.push({ mediaTime: media(i), receivedAt: 5000 + arrival(i), key: i % keyEvery === 0 });
  }
  return rate;
}

function near(actual: number | undefined, expected: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) < expected * 0.02,
    `${actual}, expected ${expected}`,
  );
}

test('FrameRate has no rate before the third unit', () => {
  assert.equal(measured({ count: 2, media: (i) => i * 66 }).fps, undefined);
  assert.equal(new FrameRate().fps, undefined);
});

test('FrameRate measures a steady 15 fps from the third unit on', () => {
  near(measured({ count: 3, media: (i) => (i * 1000) / 15 }).fps, 15);
  near(measured({ count: 500, media: (i) => (i * 1000) / 15 }).fps, 15);
});

test('FrameRate measures a 1 fps stream (Axis)', () => {
  near(measured({ count: 30, media: (i) => i * 1000 }).fps, 1);
});

test('FrameRate measures a stream of one picture in 20 s', () => {
  near(measured({ count: 5, media: (i) => i * 20_000 }).fps, 0.05);
});

test('FrameRate averages uneven steps (33 and 50 ms)', () => {
  near(measured({ count: 100, media: (i) => Math.floor(i / 2) * 83 + (i % 2) * 33 }).fps, 2000 / 83);
});

test('FrameRate goes by media time in a burst from before PLAY', () => {
  near(measured({ count: 40, media: (i) => i * 100, arrival: (i) => Math.max(0, i - 30) * 100 + i }).fps, 10);
});

test('FrameRate leaves out pauses where pictures were lost', () => {
  near(measured({ count: 60, media: (i) => i * 100 + (i > 30 ? 2000 : 0) }).fps, 10);
});

test('FrameRate goes by arrival when the camera states a wrong clock rate', () => {
  near(measured({ count: 120, media: (i) => i * 10, arrival: (i) => i * 100 }).fps, 10);
});

test('FrameRate follows a change of rate within some seconds', () => {
  near(measured({ count: 400, media: (i) => (i < 100 ? i * 40 : 4000 + (i - 100) * 100) }).fps, 10);
});

test('FrameRate tells the key frame interval in seconds', () => {
  assert.equal(measured({ count: 15, media: (i) => i * 100 }).keyInterval, undefined);
  near(measured({ count: 100, media: (i) => i * 100 }).keyInterval, 1.5);
});

test('FrameRate tells of a missing key frame before it comes (smart coding)', () => {
  near(measured({ count: 200, media: (i) => i * 100, keyEvery: 1000 }).keyInterval, 19.9);
});

test('FrameRate begins anew after reset', () => {
  const rate = measured({ count: 100, media: (i) => i * 100 });
  rate.reset();
  assert.equal(rate.fps, undefined);
  assert.equal(rate.keyInterval, undefined);
});
