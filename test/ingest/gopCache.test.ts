import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessUnit, VideoParameters } from '../../daemon/frame.ts';
import { GopCache } from '../../daemon/ingest/gopCache.ts';

const video: VideoParameters = {
  codec: 'h264',
  width: 640,
  height: 360,
  fps: undefined,
  codecString: 'avc1.42C01E',
  parameterSets: [],
};

function unit(mediaTime: number, key = false, size = 10): AccessUnit {
  return { video, data: Buffer.alloc(size), key, mediaTime, receivedAt: mediaTime };
}

function times(cache: GopCache): number[] {
  return cache.units().map(({ mediaTime }) => mediaTime);
}

test('GopCache is empty before the first key unit', () => {
  const cache = new GopCache();
  cache.push(unit(1));
  assert.deepEqual(times(cache), []);
  assert.equal(cache.bytes, 0);
});

test('GopCache holds the latest key unit first and all that followed', () => {
  const cache = new GopCache();
  for (const [time, key] of [
    [1, true],
    [2, false],
    [3, true],
    [4, false],
    [5, false],
  ] as const)
    cache.push(unit(time, key));
  assert.deepEqual(times(cache), [3, 4, 5]);
  assert.equal(cache.bytes, 30);
});

test('GopCache: what units() gave does not change afterwards', () => {
  const cache = new GopCache();
  cache.push(unit(1, true));
  const units = cache.units();
  cache.push(unit(2));
  assert.equal(units.length, 1);
});

test('GopCache is empty after clear, until the next key unit', () => {
  const cache = new GopCache();
  cache.push(unit(1, true));
  cache.clear();
  cache.push(unit(2));
  assert.deepEqual(times(cache), []);
  cache.push(unit(3, true));
  assert.deepEqual(times(cache), [3]);
});

test('a group that outgrows the byte limit (TP-Link smart coding) leaves the cache empty until the next key unit', () => {
  const cache = new GopCache({ bytes: 100 });
  cache.push(unit(0, true, 60));
  cache.push(unit(1, false, 40));
  assert.equal(cache.bytes, 100);
  cache.push(unit(2, false, 1));
  cache.push(unit(3, false, 1));
  assert.deepEqual(times(cache), []);
  assert.equal(cache.bytes, 0);
  assert.equal(cache.overflows, 1);
  cache.push(unit(4, true, 60));
  assert.deepEqual(times(cache), [4]);
});

test('a group that outgrows the unit limit leaves the cache empty until the next key unit', () => {
  const cache = new GopCache({ units: 3 });
  for (let i = 0; i < 5; i++) cache.push(unit(i, i === 0));
  assert.deepEqual(times(cache), []);
});

test('GopCache holds 600 units by default and not one more', () => {
  const cache = new GopCache();
  for (let i = 0; i < 600; i++) cache.push(unit(i, i === 0));
  assert.equal(cache.units().length, 600);
  cache.push(unit(600));
  assert.equal(cache.units().length, 0);
});

test('a single key unit beyond the byte limit is not held', () => {
  const cache = new GopCache({ bytes: 100 });
  cache.push(unit(0, true, 101));
  assert.deepEqual(times(cache), []);
});
