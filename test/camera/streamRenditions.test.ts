import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import pino from 'pino';
import { StreamRenditions } from '../../daemon/camera/streamRenditions.ts';
import { type FfmpegBinary, findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { bare, software } from '../decode/fakes.ts';

const LINGER = 5_000;
const size = { width: 640, height: 360 };
let ffmpeg: FfmpegBinary;

before(async () => {
  ffmpeg = await findFfmpeg({});
});

describe('the renditions of a stream', () => {
  /** Nothing is fed, so no decoder starts. */
  const make = () =>
    new StreamRenditions({
      tools: () => ({ ffmpeg, decoder: software, sandbox: bare }),
      gop: () => [],
      sourceFps: () => 15,
      log: pino({ level: 'silent' }),
      changed: () => {},
    });
  const lease = (renditions: StreamRenditions) => renditions.lease(size, () => true);

  it('are shared, and closed a while after the last viewer has left', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const renditions = make();
    const [one, other] = [lease(renditions), lease(renditions)];
    assert.equal(one.rendition, other.rendition);
    one.release();
    one.release();
    t.mock.timers.tick(LINGER * 2);
    assert.equal(renditions.size, 1);
    other.release();
    t.mock.timers.tick(LINGER - 1);
    assert.equal(renditions.size, 1);
    const again = lease(renditions);
    assert.equal(again.rendition, one.rendition, 'a page that was loaded anew');
    t.mock.timers.tick(LINGER);
    assert.equal(renditions.size, 1);
    again.release();
    t.mock.timers.tick(LINGER);
    assert.equal(renditions.size, 0);
  });

  it('of a stream that was stopped do not end those of its next start, although their viewers leave later', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const renditions = make();
    const before = lease(renditions);
    renditions.close();
    const after = lease(renditions);
    // The response has ended.
    before.release();
    t.mock.timers.tick(LINGER);
    assert.equal(renditions.size, 1);
    assert.deepEqual(renditions.all, [after.rendition]);
    renditions.close();
  });
});
