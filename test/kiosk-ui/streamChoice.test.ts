import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CameraStream, StreamState } from '../../daemon/schema.ts';
import { chooseStream, type StreamWish } from '../../kiosk-ui/wall/streamChoice.ts';

function stream(profile: string, width: number | null, height: number | null, state: StreamState = 'idle') {
  return {
    name: `yard_${profile}`,
    profile,
    rtsp_url: 'rtsp://x',
    state,
    codec: null,
    width,
    height,
    fps: null,
  };
}

function choose(streams: CameraStream[], wish: Partial<StreamWish>, failedLately: string[] = []) {
  const whole: StreamWish = { width: 640, height: 360, fit: 'contain', fullScreen: false, ...wish };
  return chooseStream(
    streams,
    whole,
    ({ state }) => state,
    (name) => failedLately.includes(name),
  )?.profile;
}

const main = stream('main', 1920, 1080);
const sub = stream('sub', 640, 360);
const third = stream('third', 1280, 720);
const screen = { width: 1920, height: 1080, fullScreen: true };

describe('chooseStream', () => {
  it('takes the sub stream for a small tile, whatever the order of the profiles', () => {
    assert.equal(choose([main, sub], {}), 'sub');
    assert.equal(choose([sub, main], { width: 320, height: 180 }), 'sub');
  });

  it('takes the smallest stream that is enlarged by no more than a quarter', () => {
    assert.equal(choose([main, sub, third], { width: 800, height: 450 }), 'sub');
    assert.equal(choose([main, sub, third], { width: 816, height: 459 }), 'third');
  });

  it('takes the largest where none is large enough', () => {
    assert.equal(choose([main, sub], { width: 3840, height: 2160 }), 'main');
  });

  it('looks at the side that limits a picture shown whole, at the other when it fills the tile', () => {
    assert.equal(choose([main, sub], { width: 640, height: 1080 }), 'sub');
    assert.equal(choose([main, sub], { width: 640, height: 1080, fit: 'cover' }), 'main');
  });

  it('takes the main stream in full screen, even if the sub stream were large enough', () => {
    assert.equal(choose([main, sub], screen), 'main');
    assert.equal(choose([stream('sub', 1920, 1080), stream('main', 3840, 2160)], screen), 'main');
  });

  it('goes by the profile’s name while sizes are unknown', () => {
    const unknown = [stream('main', null, null), stream('sub', null, null)];
    assert.equal(choose(unknown, {}), 'sub');
    assert.equal(choose(unknown, screen), 'main');
  });

  it('takes the first profile for the main stream where no name tells', () => {
    const unknown = [stream('MediaProfile000', null, null), stream('MediaProfile001', null, null)];
    assert.equal(choose(unknown, {}), 'MediaProfile001');
    assert.equal(choose(unknown, screen), 'MediaProfile000');
  });

  it('takes the unknown main stream for a tile that the known sub stream is too small for', () => {
    assert.equal(choose([stream('main', null, null), sub], { width: 1920, height: 1080 }), 'main');
  });

  it('shows the only stream, of unknown size, in a tile', () => {
    assert.equal(choose([stream('main', null, null)], {}), 'main');
  });

  it('never opens a stream that was stopped', () => {
    assert.equal(choose([main, stream('sub', 640, 360, 'stopped')], {}), 'main');
    assert.equal(choose([stream('sub', 640, 360, 'stopped')], {}), undefined);
  });

  it('turns from a stream that fails to one of the same camera that is live', () => {
    for (const state of ['refused', 'gone', 'unsupported'] as const) {
      const failing = stream('sub', 640, 360, state);
      assert.equal(choose([{ ...main, state: 'live' }, failing], {}), 'main', state);
    }
  });

  it('stays with a stream that fails while the other is not live', () => {
    for (const state of ['refused', 'gone'] as const) {
      assert.equal(choose([main, stream('sub', 640, 360, state)], {}), 'sub', state);
    }
  });

  it('tries a resting stream when the wanted one has a codec that cannot be decoded', () => {
    assert.equal(choose([main, stream('sub', 640, 360, 'unsupported')], {}), 'main');
  });

  it('does not go back at once to a stream that failed lately while another plays', () => {
    assert.equal(choose([{ ...main, state: 'live' }, sub], {}, ['yard_sub']), 'main');
    assert.equal(choose([main, sub], {}, ['yard_sub']), 'sub');
  });

  it('finds nothing for a camera without streams', () => {
    assert.equal(choose([], {}), undefined);
  });
});
