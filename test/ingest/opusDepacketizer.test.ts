import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { OpusDepacketizer, opusChannels, opusDuration } from '../../daemon/ingest/opusDepacketizer.ts';
import { bytes } from './rtpPackets.ts';
import { unpack } from './sound.ts';

/** RFC 6716 §3.1, table 2, written out: milliseconds of a frame by the configuration. */
const TABLE = [
  ...[10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 40, 60],
  ...[10, 20, 10, 20],
  ...[2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20],
];

describe('Opus in RTP (RFC 7587)', () => {
  test('the duration of every configuration, in one frame and in two, mono and stereo', () => {
    for (const [configuration, frame] of TABLE.entries())
      for (const stereo of [0, 4]) {
        const of = (code: number, ...more: number[]) =>
          opusDuration(Buffer.of((configuration << 3) | stereo | code, ...more));
        assert.deepEqual([of(0), of(1), of(2)], [frame, 2 * frame, 2 * frame]);
      }
  });

  test('the duration where the frames are counted, up to 120 ms', () => {
    for (const [configuration, frame] of TABLE.entries())
      for (let count = 0; count < 64; count++) {
        const duration = opusDuration(Buffer.of((configuration << 3) | 3, 0xc0 | count));
        const right = count > 0 && count * frame <= 120;
        assert.equal(duration, right ? count * frame : undefined);
      }
    assert.equal(opusDuration(bytes('03')), undefined);
    assert.equal(opusDuration(bytes('')), undefined);
  });

  test('a packet is a frame', () => {
    const target = new OpusDepacketizer(2);
    const [frame] = unpack(target, [{ p: 'fc 01 02', t: 960 }]);
    assert.deepEqual(frame, {
      audio: target.audio,
      data: bytes('fc 01 02'),
      timestamp: 960,
      offset: 0,
      duration: 20,
      arrival: 0,
    });
    assert.deepEqual(target.audio, {
      codec: 'opus',
      sampleRate: 48_000,
      channels: 2,
      codecString: 'opus',
      config: undefined,
      codeBits: undefined,
    });
  });

  test('channels: sprop-stereo, else the rtpmap, and 2 where nothing is said', () => {
    const of = (stereo: string | undefined, channels: number | undefined) =>
      opusChannels(new Map(stereo === undefined ? [] : [['sprop-stereo', stereo]]), channels);
    assert.deepEqual(
      [
        of('0', 2),
        of('1', 2),
        of('1', undefined),
        of(undefined, 2),
        of(undefined, 1),
        of(undefined, undefined),
      ],
      [1, 2, 2, 2, 1, 2],
    );
    assert.equal(of('x', 6), 2);
  });

  test('whatever comes: no throw, a duration that is possible, or it is counted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10 }), (random) => {
        const target = new OpusDepacketizer(1);
        const [frame] = unpack(target, [{ p: Buffer.from(random) }]);
        if (frame) assert.ok(frame.duration >= 2.5 && frame.duration <= 120);
        assert.equal(target.malformed, frame || random.length === 0 ? 0 : 1);
      }),
    );
  });
});
