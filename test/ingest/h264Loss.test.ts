/** Properties of packets → receiver → depacketizer under loss, reordering and duplication, and under hostile bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccessUnit } from '../../daemon/frame.ts';
import { MAX_ACCESS_UNIT } from '../../daemon/ingest/accessUnits.ts';
import { parseRtp, type RtpPacket } from '../../daemon/ingest/rtp.ts';
import { RtpReceiver } from '../../daemon/ingest/rtpReceiver.ts';
import { annexBNals } from '../../daemon/nal/annexB.ts';
import { h264Depacketizer, PPS, packetize, received, rtpBytes, SPROP, SPS } from './rtpPackets.ts';

interface Picture {
  readonly nals: readonly Buffer[];
  readonly key: boolean;
}

interface Stream {
  readonly pictures: readonly Picture[];
  readonly packets: readonly RtpPacket[];
}

/** A slice that tells its picture and place, filled to a size; its content holds emulation prevention. */
function sliceNal(picture: number, place: number, key: boolean, size: number): Buffer {
  const body = Buffer.alloc(size, Buffer.of(0, 0, 3, 0x7f, (picture & 0xff) | 1));
  const header = Buffer.of(key ? 0x65 : 0x41, place === 0 ? 0x88 : 0x44, 0x84);
  return Buffer.concat([
    header,
    Buffer.of(0x80 | (picture >> 7), 0x80 | (picture & 0x7f), 0x80 | place),
    body,
    Buffer.of(0x80),
  ]);
}

const streams: fc.Arbitrary<Stream> = fc
  .record({
    pictures: fc.array(
      fc.record({ slices: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 0, max: 600 }) }),
      {
        minLength: 5,
        maxLength: 40,
      },
    ),
    gop: fc.integer({ min: 2, max: 9 }),
    size: fc.integer({ min: 40, max: 400 }),
    aggregate: fc.boolean(),
    inBand: fc.boolean(),
    markers: fc.boolean(),
    sequence: fc.integer({ min: 0, max: 0xffff }),
    timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
  })
  .map((made) => {
    const pictures = made.pictures.map(({ slices, size }, i): Picture => {
      const key = i % made.gop === 0;
      const nals = Array.from({ length: slices }, (_, place) => sliceNal(i, place, key, size));
      return { key, nals: key ? [SPS, PPS, ...nals] : nals };
    });
    const packets: RtpPacket[] = [];
    for (const [i, { nals }] of pictures.entries()) {
      const sent = made.inBand ? nals : nals.filter((nal) => nal !== SPS && nal !== PPS);
      packets.push(
        ...packetize(sent, {
          timestamp: made.timestamp + i * 6000,
          sequence: made.sequence + packets.length,
          size: made.size,
          aggregate: made.aggregate,
        }).map((packet) => ({ ...packet, marker: packet.marker && made.markers })),
      );
    }
    return { pictures, packets };
  });

function receive(packets: readonly RtpPacket[], options: { reorder: boolean; flush: boolean }) {
  const receiver = new RtpReceiver({
    payloadType: 96,
    clockRate: 90_000,
    now: () => 0,
    reorder: options.reorder,
  });
  const depacketizer = h264Depacketizer(SPROP);
  const units: AccessUnit[] = [];
  for (const [i, packet] of packets.entries()) {
    const parsed = parseRtp(rtpBytes(packet));
    assert.ok(!('invalid' in parsed));
    for (const ready of receiver.push(parsed, i)) units.push(...depacketizer.push(ready));
  }
  for (const ready of receiver.flush(Number.POSITIVE_INFINITY)) units.push(...depacketizer.push(ready));
  if (options.flush) units.push(...depacketizer.flush());
  return { units, depacketizer, receiver };
}

/** Which picture a unit is; fails unless it is that picture whole. */
function pictureOf(unit: AccessUnit, pictures: readonly Picture[]): number {
  const nals = annexBNals(unit.data);
  const first = nals.find((nal) => (nal[0]! & 0x1f) <= 5)!;
  const index = ((first[3]! & 0x7f) << 7) | (first[4]! & 0x7f);
  assert.deepEqual(nals, pictures[index]!.nals);
  assert.equal(unit.key, pictures[index]!.key);
  return index;
}

test('without loss, every picture comes out with the very NAL units that went in', () => {
  fc.assert(
    fc.property(streams, fc.boolean(), ({ pictures, packets }, reorder) => {
      const { units, depacketizer } = receive(packets, { reorder, flush: true });
      assert.deepEqual(
        units.map((unit) => pictureOf(unit, pictures)),
        pictures.map((_, i) => i),
      );
      assert.equal(depacketizer.droppedUnits, 0);
      assert.equal(new Set(units.map(({ video }) => video)).size, 1);
    }),
  );
});

test('over UDP, reordering within 64 packets and duplicates change nothing', () => {
  fc.assert(
    fc.property(
      streams,
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 50, maxLength: 50 }),
      (stream, delays) => {
        const sent = stream.packets
          .flatMap((packet, i) => {
            // The first packet stays the first: what comes before it is taken for old.
            const at = i === 0 ? 0 : i + delays[i % 50]!;
            return delays[i % 50]! % 5 === 0
              ? [
                  { at, packet },
                  { at: at + 3, packet },
                ]
              : [{ at, packet }];
          })
          .sort((a, b) => a.at - b.at)
          .map(({ packet }) => packet);
        const { units, receiver } = receive(sent, { reorder: true, flush: true });
        assert.deepEqual(
          units.map((unit) => pictureOf(unit, stream.pictures)),
          stream.pictures.map((_, i) => i),
        );
        assert.equal(receiver.lost, 0);
      },
    ),
  );
});

test('under loss, reordering and duplication, what comes out can be decoded: begins with a key picture, no gap inside', () => {
  let shown = 0;
  let dropped = 0;
  fc.assert(
    fc.property(
      streams,
      fc.boolean(),
      fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 97, maxLength: 97 }),
      fc.integer({ min: 1, max: 12 }),
      ({ pictures, packets }, reorder, fates, lossPercent) => {
        const sent = packets
          .map((packet, i) => ({ packet, fate: fates[i % 97]!, at: i }))
          .filter(({ fate }) => fate >= lossPercent)
          .flatMap(({ packet, fate, at }) => {
            const late = fate % 10 === 7 ? at + (fate % 9) : at;
            return fate % 10 === 3
              ? [
                  { packet, at: late },
                  { packet, at: late + 2 },
                ]
              : [{ packet, at: late }];
          })
          .sort((a, b) => a.at - b.at)
          .map(({ packet }) => packet);
        const { units, depacketizer } = receive(sent, { reorder, flush: false });
        let previous: number | undefined;
        for (const unit of units) {
          const index = pictureOf(unit, pictures);
          assert.ok(unit.key || index === previous! + 1, `picture ${index} after ${previous}`);
          assert.ok(previous === undefined || index > previous, 'in order');
          previous = index;
        }
        for (let i = 1; i < units.length; i++) assert.ok(units[i]!.mediaTime > units[i - 1]!.mediaTime);
        shown += units.length;
        dropped += depacketizer.droppedUnits;
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(
    shown > 500 && dropped > 500,
    `the property was tried on both: ${shown} shown, ${dropped} dropped`,
  );
});

/** Payloads that look like something: types, FU flags, STAP sizes, start codes, real slices. */
const payloads = fc
  .array(
    fc.oneof(
      fc.constantFrom(SPS, PPS, sliceNal(0, 0, true, 5), sliceNal(1, 0, false, 5)),
      fc
        .constantFrom(
          '7c85',
          '7c05',
          '7c45',
          '7cc5',
          '5c81',
          '5c41',
          '78',
          '18',
          '000001',
          '00000001',
          '0014',
          '06',
          '09f0',
          '',
        )
        .map((text) => Buffer.from(text, 'hex')),
      fc.uint8Array({ maxLength: 8 }).map((random) => Buffer.from(random)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts));

test('the depacketizer never throws, whatever the payloads, and gives out no more than came in and the parameter sets', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          p: payloads,
          t: fc.integer({ min: 0, max: 4 }),
          m: fc.boolean(),
          lost: fc.constantFrom(0, 0, 0, 0, 1, 5),
          restarted: fc.integer({ min: 0, max: 20 }).map((n) => n === 0),
        }),
        { maxLength: 60 },
      ),
      (scripts) => {
        const depacketizer = h264Depacketizer(SPROP);
        let budget = 0;
        let begun = false;
        for (const [i, script] of scripts.entries()) {
          // Per packet: start codes for every few bytes, and what was held before.
          budget += script.p.length * 5 + 8;
          const units = [
            ...depacketizer.push(received(script, i)),
            ...(i === scripts.length - 1 ? depacketizer.flush() : []),
          ];
          assert.ok(units.length <= 16);
          for (const unit of units) {
            const sets = unit.video.parameterSets.reduce((sum, set) => sum + set.length + 4, 0);
            begun ||= unit.key;
            assert.ok(begun, 'a key unit is the first');
            budget -= unit.data.length - (unit.key ? sets : 0);
            assert.ok(unit.data.length <= MAX_ACCESS_UNIT + sets);
            if (unit.key) assert.ok(unit.data.subarray(4).indexOf(unit.video.parameterSets[0]!) === 0);
          }
          assert.ok(budget >= 0, 'no more out than in');
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('a packet cut off at any byte never throws and never makes a picture of another size pass for whole', () => {
  const stream = packetize([SPS, PPS, sliceNal(0, 0, true, 30)], {
    timestamp: 0,
    sequence: 0,
    size: 40,
    aggregate: true,
  });
  for (const [at, packet] of stream.entries()) {
    const whole = rtpBytes(packet);
    for (let length = 0; length < whole.length; length++) {
      const depacketizer = h264Depacketizer();
      for (const [i, other] of stream.entries()) {
        const parsed = parseRtp(i === at ? whole.subarray(0, length) : rtpBytes(other));
        if ('invalid' in parsed) continue;
        for (const unit of depacketizer.push(received({ p: parsed.payload, m: parsed.marker }, i))) {
          assert.ok(unit.key);
          assert.ok(annexBNals(unit.data).length >= 3);
        }
      }
    }
  }
});
