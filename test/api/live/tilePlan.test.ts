import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PlanInput, planTile } from '../../../daemon/api/live/tilePlan.ts';
import type { CameraStream } from '../../../daemon/schema.ts';

const stream = (profile: string, more: Partial<CameraStream> = {}): CameraStream => ({
  name: `door_${profile}`,
  profile,
  rtsp_url: 'rtsp://192.0.2.7/',
  state: 'live',
  codec: 'h264',
  width: profile === 'main' ? 1920 : 640,
  height: profile === 'main' ? 1080 : 360,
  fps: 25,
  ...more,
});
const streams = [stream('main'), stream('sub')];
const wish = { stream: 'door_main', formats: ['mp4', 'jpeg'], width: 960, height: 540 } as const;
const plan = (more: Partial<PlanInput> = {}) =>
  planTile({ wish, streams, level: 0, unplayable: () => false, ...more });

describe('a tile’s plan', () => {
  it('is what was asked for', () => {
    assert.deepEqual(plan(), { stream: 'door_main', format: 'mp4', size: {}, reason: 'wished' });
    const jpeg = plan({ wish: { ...wish, formats: ['jpeg'], quality: 60 } });
    assert.deepEqual(jpeg?.size, { width: 960, height: 540, fps: undefined, quality: 60 });
    assert.equal(jpeg?.reason, 'wished');
  });

  it('goes down with the level: small stream, fewer pictures, smaller, worse', () => {
    const plans = [0, 1, 2, 3, 4, 5].map((level) => plan({ level }));
    assert.deepEqual(
      plans.map((one) => [one?.stream, one?.format, one?.size.fps, one?.size.width, one?.size.quality]),
      [
        ['door_main', 'mp4', undefined, undefined, undefined],
        ['door_sub', 'mp4', undefined, undefined, undefined],
        ['door_sub', 'jpeg', 5, 960, undefined],
        ['door_sub', 'jpeg', 2, 960, undefined],
        ['door_sub', 'jpeg', 2, 480, undefined],
        ['door_sub', 'jpeg', 2, 480, 40],
      ],
    );
    assert.deepEqual(
      plans.slice(1).map((one) => one?.reason),
      Array(5).fill('bandwidth'),
    );
  });

  it('asks for no more than was asked for', () => {
    const modest = { ...wish, formats: ['jpeg'] as const, fps: 1, quality: 20, width: 128, height: 80 };
    assert.deepEqual(plan({ wish: modest, level: 5 })?.size, { fps: 1, quality: 20, width: 128, height: 80 });
  });

  it('stays with the stream asked for where the small one is not to be had', () => {
    for (const state of ['stopped', 'gone', 'refused', 'unsupported'] as const)
      assert.equal(
        plan({ level: 1, streams: [stream('main'), stream('sub', { state })] })?.stream,
        'door_main',
      );
    assert.equal(plan({ level: 1, streams: [] })?.stream, 'door_main');
  });

  it('is another format where the browser does not play the codec, and says so', () => {
    const changed = plan({ unplayable: (name) => name === 'door_main' });
    assert.deepEqual([changed?.format, changed?.reason], ['jpeg', 'codec']);
    assert.equal(plan({ wish: { ...wish, formats: ['mp4'] }, unplayable: () => true }), undefined);
  });

  it('passes VP9 and AV1 in MP4, and as Annex B nothing but what is made of NAL units', () => {
    for (const codec of ['vp9', 'av1']) {
      const source = [stream('main', { codec })];
      assert.equal(plan({ streams: source })?.format, 'mp4');
      const piped = plan({ streams: source, wish: { ...wish, formats: ['annexb', 'jpeg'] } });
      assert.deepEqual([piped?.format, piped?.reason], ['jpeg', 'source']);
    }
    for (const codec of ['vp8', 'mpeg4'])
      assert.equal(plan({ streams: [stream('main', { codec })] })?.reason, 'source');
  });

  it('is JPEG where the source cannot be passed through', () => {
    const changed = plan({ streams: [stream('main', { codec: 'mjpeg' })] });
    assert.deepEqual([changed?.format, changed?.reason], ['jpeg', 'source']);
  });

  it('keeps to video where nothing else was asked for', () => {
    const kept = plan({ wish: { ...wish, formats: ['mp4'] }, level: 5 });
    assert.deepEqual([kept?.stream, kept?.format, kept?.reason], ['door_sub', 'mp4', 'bandwidth']);
  });
});
