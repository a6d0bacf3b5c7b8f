/** What the packetizer sends, read by our own depacketizer: RFC 6184 and RFC 7798 there and back. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { h264Coding } from '../../daemon/ingest/h264Coding.ts';
import { h265Coding } from '../../daemon/ingest/h265Coding.ts';
import { NalDepacketizer } from '../../daemon/ingest/nalDepacketizer.ts';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { annexBNals } from '../../daemon/nal/annexB.ts';
import { MAX_PAYLOAD } from '../../daemon/restream/video/maxPayload.ts';
import { type NalEncoding, nalPayloads } from '../../daemon/restream/video/nalPacketizer.ts';
import { RtpWriter } from '../../daemon/rtsp/rtpWriter.ts';
import { bytes, PPS, SPS } from '../ingest/rtpPackets.ts';

/** A set of x265, 320×240, and slices of its pictures. */
const H265_SETS = [
  bytes('40 01 0c 01 ff ff 01 60 00 00 03 00 90 00 00 03 00 00 03 00 3c 95 98 09'),
  bytes(
    '42 01 01 01 60 00 00 03 00 90 00 00 03 00 00 03 00 3c a0 0a 08 0f 16 59 59 a4 93 2b 9a 80 80 00 00 03 00 80 00 00 0f 04',
  ),
  bytes('44 01 c1 72 b4 62 40'),
];
const KIND = {
  H264: {
    coding: h264Coding,
    fu: 28,
    typeOf: (nal: Buffer) => nal[0]! & 0x1f,
    sets: [SPS, PPS],
    slice: (key: boolean, rest: Buffer) =>
      Buffer.concat([Buffer.from(key ? [0x65, 0x88, 0x84] : [0x41, 0x9a, 0x24]), rest]),
  },
  H265: {
    coding: h265Coding,
    fu: 49,
    typeOf: (nal: Buffer) => (nal[0]! >> 1) & 0x3f,
    sets: H265_SETS,
    slice: (key: boolean, rest: Buffer) =>
      Buffer.concat([Buffer.from(key ? [0x26, 0x01, 0xaf] : [0x02, 0x01, 0xd0]), rest]),
  },
};
const SOURCE = { cname: 'test', payloadType: 96, clockRate: 90_000 };
/** No start code in it, and no zero at its end. */
const filling = (size: number) => Buffer.alloc(size, 0xa5);

/** Packets of pictures, as parsed RTP, and what the depacketizer makes of them. */
function send(encoding: NalEncoding, pictures: readonly (readonly Buffer[])[], most = MAX_PAYLOAD) {
  const writer = new RtpWriter({ ...SOURCE, random: Buffer.from('0102030400000000fff0', 'hex') });
  const packets = pictures.flatMap((nals, picture) => {
    const payloads = nals.flatMap((nal) => nalPayloads(encoding, nal, most));
    return payloads.map((payload, i) =>
      writer.packet(payload, writer.timestamp(picture * 40), i === payloads.length - 1),
    );
  });
  const depacketizer = new NalDepacketizer({
    coding: KIND[encoding].coding,
    clockRate: 90_000,
    fmtp: new Map(),
  });
  const parsed = packets.map((packet) => {
    const rtp = parseRtp(packet);
    assert.ok(!('invalid' in rtp));
    return rtp;
  });
  const units = parsed.flatMap((rtp, i) =>
    depacketizer.push({ ...rtp, arrival: i, lost: 0, restarted: false }),
  );
  return { parsed, units, counters: depacketizer.counters };
}

for (const encoding of ['H264', 'H265'] as const) {
  const { sets, slice, fu, typeOf } = KIND[encoding];
  describe(`${encoding} there and back`, () => {
    test('pictures of any sizes, in packets of any size, come out as they went in', () => {
      const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 1 }), {
        minLength: 1,
        maxLength: 12,
      });
      fc.assert(
        fc.property(sizes, fc.integer({ min: 64, max: 1_500 }), (all, most) => {
          const pictures = all.map((one, i) => {
            const slices = one.map((size) => slice(i === 0, filling(size)));
            return i === 0 ? [...sets, ...slices] : slices;
          });
          const { parsed, units, counters } = send(encoding, pictures, most);
          assert.ok(parsed.every(({ payload }) => payload.length <= most));
          assert.deepEqual(
            units.map(({ data }) => annexBNals(data)),
            pictures,
          );
          assert.deepEqual(
            units.map(({ key }) => key),
            pictures.map((_, i) => i === 0),
          );
          assert.deepEqual(
            units.map(({ mediaTime }) => Math.round(mediaTime)),
            pictures.map((_, i) => i * 40),
          );
          assert.equal(counters.droppedUnits, 0);
        }),
        { numRuns: 150 },
      );
    });

    test('what fits is sent alone, one byte more in two fragments, of which none is first and last', () => {
      const alone = slice(true, filling(MAX_PAYLOAD - 3));
      assert.deepEqual(
        nalPayloads(encoding, alone).map(({ head, body }) => [head.length, body.length]),
        [[0, MAX_PAYLOAD]],
      );
      const two = nalPayloads(encoding, slice(true, filling(MAX_PAYLOAD - 2)));
      assert.equal(two.length, 2);
      assert.deepEqual(
        two.map(({ head }) => typeOf(head)),
        [fu, fu],
      );
      assert.deepEqual(
        two.map(({ head }) => head.at(-1)! & 0xc0),
        [0x80, 0x40],
      );
    });

    test('the marker stands on the last packet of a picture, and sequence numbers pass 65535', () => {
      const { parsed } = send(encoding, [
        [...sets, slice(true, filling(30_000))],
        [slice(false, filling(10))],
      ]);
      const marked = parsed.flatMap(({ marker }, i) => (marker ? [i] : []));
      assert.deepEqual(marked, [parsed.length - 2, parsed.length - 1]);
      assert.deepEqual(
        parsed.map(({ sequence }) => sequence),
        parsed.map((_, i) => (0xfff0 + i) & 0xffff),
      );
      assert.ok(parsed.at(-1)!.sequence < 0xfff0);
    });

    test('a NAL unit without anything behind its header is left out', () => {
      for (const nal of ['', '65', ...(encoding === 'H265' ? ['2601'] : [])])
        assert.deepEqual(nalPayloads(encoding, bytes(nal)), []);
    });
  });
}

test('timestamps: 90 kHz from a random beginning, modulo 2³²', () => {
  const writer = new RtpWriter({ ...SOURCE, random: Buffer.from('01020304fffffff00000', 'hex') });
  assert.equal(writer.timestamp(0), 0xfffffff0);
  assert.equal(writer.timestamp(1), 0xfffffff0 + 90 - 2 ** 32);
  assert.equal(writer.timestamp(40) - writer.timestamp(1), 39 * 90);
  assert.ok(writer.timestamp(1e12) < 2 ** 32);
});

test('SSRC, sequence and timestamps begin anywhere', () => {
  const writers = Array.from({ length: 8 }, () => new RtpWriter(SOURCE));
  for (const of of [
    (one: RtpWriter) => one.ssrc,
    (one: RtpWriter) => one.sequence,
    (one: RtpWriter) => one.timestamp(0),
  ])
    assert.ok(new Set(writers.map(of)).size > 1);
});
