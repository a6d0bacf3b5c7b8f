import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AudioFrame } from '../../daemon/frame.ts';
import { audioCoding } from '../../daemon/ingest/audioCoding.ts';
import { AudioReceiver } from '../../daemon/ingest/audioReceiver.ts';
import { newAudioCounters } from '../../daemon/ingest/counters.ts';
import { parseSdp } from '../../daemon/ingest/sdp.ts';
import { bytes, rtpBytes } from './rtpPackets.ts';
import { senderReport } from './scriptedServer.ts';

const SSRC = 0x1234abcd;

interface Options {
  sdp?: string[];
  reorder?: boolean;
}

/** A receiver of A-law (packets of 20 ms), to which a picture of media time 0 came at time 0. */
function receiver({ sdp = ['m=audio 0 RTP/AVP 8'], reorder = false }: Options = {}) {
  const [media] = parseSdp(sdp.join('\n')).media;
  const coding = media && audioCoding(media);
  assert.ok(coding && 'depacketizer' in coding);
  let now = 0;
  const frames: AudioFrame[] = [];
  const leftOut: string[] = [];
  const counters = newAudioCounters();
  const target = new AudioReceiver({
    coding,
    video: { timeOf: () => undefined, discontinuities: 0 },
    ssrc: undefined,
    reorder,
    counters,
    audioFrame: (frame) => frames.push(frame),
    leftOut: (what) => leftOut.push(what),
    now: () => now,
  });
  target.clock.picture({ mediaTime: 0, receivedAt: 0 });
  return {
    target,
    frames,
    leftOut,
    counters,
    times: () => frames.map(({ mediaTime }) => Math.round(mediaTime * 1000) / 1000),
    /** The packet of this number arrives at the time that it was made. */
    packet(number: number, options: { ssrc?: number; at?: number; payload?: Buffer; type?: number } = {}) {
      now = options.at ?? number * 20;
      target.track.packet(
        rtpBytes({
          payload: options.payload ?? Buffer.alloc(160, number),
          payloadType: options.type ?? coding.format.payloadType,
          sequence: number & 0xffff,
          timestamp: (number * 160) >>> 0,
          ssrc: options.ssrc ?? SSRC,
          marker: true,
        }),
      );
    },
  };
}

describe('AudioReceiver', () => {
  test('frames one behind the other, with the parameters that the SDP gave', () => {
    const { target, packet, frames, times, counters } = receiver();
    for (let i = 1; i <= 4; i++) packet(i);
    assert.deepEqual(times(), [20, 40, 60, 80]);
    const [first] = frames;
    assert.ok(first && first.audio === target.audio);
    assert.deepEqual([first.duration, first.receivedAt, first.data.length, first.data[0]], [20, 20, 160, 1]);
    assert.deepEqual([counters.packets_received, counters.frames_received], [4, 4]);
    assert.equal(target.track.lastPacket, 80);
  });

  test('lost packets leave a gap of their length', () => {
    const { packet, times, counters } = receiver();
    for (const i of [1, 2, 4, 5]) packet(i);
    assert.deepEqual(times(), [20, 40, 80, 100]);
    assert.equal(counters.packets_lost, 1);
  });

  test('UDP: what comes out of order is put in order, what comes twice is once', () => {
    const { packet, times, frames, counters } = receiver({ reorder: true });
    for (const i of [1, 3, 2, 2, 4]) packet(i);
    assert.deepEqual(times(), [20, 40, 60, 80]);
    assert.deepEqual(
      frames.map(({ data }) => data[0]),
      [1, 2, 3, 4],
    );
    assert.deepEqual([counters.packets_reordered, counters.packets_duplicate], [1, 1]);
  });

  test('UDP: at the end of the stream nothing is waited for any more', () => {
    const { target, packet, times } = receiver({ reorder: true });
    packet(1);
    packet(3);
    assert.deepEqual(times(), [20]);
    assert.ok(target.track.deadline !== undefined);
    target.end();
    assert.deepEqual(times(), [20, 60]);
  });

  test('another payload type, another source and rubbish are no sound', () => {
    const { target, packet, times, counters } = receiver();
    packet(1);
    packet(2, { type: 96 });
    packet(2, { ssrc: 7 });
    target.track.packet(bytes('80 08 00'));
    target.track.packet(senderReport(7));
    packet(2);
    assert.deepEqual(times(), [20, 40]);
    assert.equal(counters.rtcp_received, 1);
  });

  test('a source that is replaced goes on in time, though its numbers and timestamps are others', () => {
    const { packet, times } = receiver();
    packet(1);
    packet(2);
    for (const i of [0, 1, 2, 3]) packet(7000 + i, { ssrc: 9, at: 2000 + i * 20 });
    // The first two of another source are not believed yet; silence was from 60 to 2020.
    assert.deepEqual(times(), [20, 40, 2020, 2040, 2060]);
  });

  test('frames from before the first picture are dropped and counted', () => {
    const { target, packet, times, counters } = receiver();
    target.clock.rest();
    packet(1);
    packet(2);
    target.clock.picture({ mediaTime: 40, receivedAt: 60 });
    packet(3);
    assert.deepEqual(times(), [40]);
    assert.equal(counters.frames_dropped, 2);
  });

  test('AAC: the frames of a packet follow one another; what is left out is said once', () => {
    const { packet, times, leftOut, counters } = receiver({
      sdp: ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/8000', 'a=fmtp:97 mode=AAC-hbr;config=1588'],
    });
    packet(0, { payload: bytes('00 20 00 08 00 08 61 62') });
    assert.deepEqual(times(), [0, 128]);
    for (const i of [1, 2]) packet(i, { payload: bytes('00 20 00 08 00 09 61 62') });
    assert.equal(leftOut.length, 1);
    packet(3, { payload: bytes('00') });
    assert.equal(counters.malformed, 1);
  });

  test('a later receiver of the same session counts on', () => {
    const { target, counters, packet } = receiver();
    packet(1, { payload: Buffer.of() });
    assert.equal(target.audio.codec, 'pcm_alaw');
    counters.malformed = 5;
    counters.packets_lost = 3;
    const [media] = parseSdp('m=audio 0 RTP/AVP 8').media;
    const coding = media && audioCoding(media);
    assert.ok(coding && 'depacketizer' in coding);
    const later = new AudioReceiver({
      coding,
      video: { timeOf: () => undefined, discontinuities: 0 },
      ssrc: SSRC,
      reorder: false,
      counters,
      audioFrame: () => {},
      leftOut: () => {},
      now: () => 0,
    });
    for (const sequence of [1, 3])
      later.track.packet(rtpBytes({ payload: Buffer.alloc(160), payloadType: 8, sequence, ssrc: SSRC }));
    assert.deepEqual([counters.malformed, counters.packets_lost, counters.packets_received], [5, 4, 3]);
  });

  test('whatever comes: no throw, and time never runs backwards', () => {
    const packet = fc.record({
      head: fc.constantFrom('', '80 08', '80 88 00 05', '80 c8 00 06', '81 cb 00 01'),
      tail: fc.uint8Array({ maxLength: 60 }),
    });
    fc.assert(
      fc.property(fc.array(packet), fc.boolean(), (packets, reorder) => {
        const { target, frames } = receiver({ reorder });
        for (const { head, tail } of packets) target.track.packet(Buffer.concat([bytes(head), tail]));
        target.end();
        for (const [i, frame] of frames.entries()) {
          const before = frames[i - 1];
          if (before) assert.ok(frame.mediaTime >= before.mediaTime + before.duration - 1e-6);
        }
      }),
    );
  });
});
