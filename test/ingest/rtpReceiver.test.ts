import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RtpPacket } from '../../daemon/ingest/rtp.ts';
import { type ReceivedPacket, RtpReceiver } from '../../daemon/ingest/rtpReceiver.ts';
import type { SenderReport } from '../../daemon/rtsp/rtcp.ts';

function packet(sequence: number, fields: Partial<RtpPacket> = {}): RtpPacket {
  return {
    marker: false,
    payloadType: 96,
    sequence: sequence & 0xffff,
    timestamp: 0,
    ssrc: 1,
    payload: Buffer.alloc(1),
    ...fields,
  };
}

function receiver(
  options: { reorder?: boolean; ssrc?: number; clockRate?: number; now?: () => number } = {},
) {
  return new RtpReceiver({ payloadType: 96, clockRate: 90_000, reorder: false, now: () => 0, ...options });
}

/** Sequence numbers that came out, with what was missing before them in front: `2!5` = 2 missing, then 5. */
function shown(packets: ReceivedPacket[]): string[] {
  return packets.map(
    ({ lost, restarted, sequence }) => `${restarted ? 'R' : ''}${lost > 0 ? `${lost}!` : ''}${sequence}`,
  );
}

function run(target: RtpReceiver, sequences: readonly number[], step = 1): string[] {
  return sequences.flatMap((sequence, i) => shown(target.push(packet(sequence), i * step)));
}

const TCP: { name: string; sequences: number[]; out: string[]; lost: number; duplicate: number }[] = [
  { name: 'in order', sequences: [7, 8, 9], out: ['7', '8', '9'], lost: 0, duplicate: 0 },
  {
    name: 'wraps',
    sequences: [65534, 65535, 0, 1],
    out: ['65534', '65535', '0', '1'],
    lost: 0,
    duplicate: 0,
  },
  {
    name: 'loss inside TCP (the server dropped)',
    sequences: [1, 2, 5],
    out: ['1', '2', '2!5'],
    lost: 2,
    duplicate: 0,
  },
  { name: 'loss across the wrap', sequences: [65534, 2], out: ['65534', '3!2'], lost: 3, duplicate: 0 },
  { name: 'duplicates', sequences: [1, 2, 2, 1, 3], out: ['1', '2', '3'], lost: 0, duplicate: 2 },
  { name: 'old ones', sequences: [10, 20, 15, 21], out: ['10', '9!20', '21'], lost: 9, duplicate: 1 },
];

for (const { name, sequences, out, lost, duplicate } of TCP) {
  test(`over TCP, RtpReceiver waits for nothing: ${name}`, () => {
    const target = receiver();
    assert.deepEqual(run(target, sequences), out);
    assert.equal(target.lost, lost);
    assert.equal(target.duplicate, duplicate);
    assert.equal(target.received, out.length);
    assert.equal(target.deadline, undefined);
  });
}

const UDP: { name: string; sequences: number[]; out: string[]; reordered: number }[] = [
  { name: 'two swapped', sequences: [1, 3, 2, 4], out: ['1', '2', '3', '4'], reordered: 1 },
  { name: 'three late', sequences: [1, 5, 4, 3, 2], out: ['1', '2', '3', '4', '5'], reordered: 3 },
  {
    name: 'swapped at the wrap',
    sequences: [65534, 0, 65535, 1],
    out: ['65534', '65535', '0', '1'],
    reordered: 1,
  },
  { name: 'duplicates of what waits', sequences: [1, 3, 3, 2], out: ['1', '2', '3'], reordered: 1 },
  {
    name: 'missing, 64 later ones came',
    sequences: [1, ...range(3, 67)],
    out: ['1', '1!3', ...range(4, 67).map(String)],
    reordered: 0,
  },
];

for (const { name, sequences, out, reordered } of UDP) {
  test(`over UDP, RtpReceiver puts packets in order: ${name}`, () => {
    const target = receiver({ reorder: true });
    assert.deepEqual(run(target, sequences), out);
    assert.equal(target.reordered, reordered);
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

test('over UDP, a missing packet is waited for 100 ms, then given up, and later dropped when it comes', () => {
  const target = receiver({ reorder: true });
  target.push(packet(1), 0);
  assert.deepEqual(target.push(packet(3), 10), []);
  assert.equal(target.deadline, 110);
  assert.deepEqual(target.flush(109), []);
  assert.deepEqual(shown(target.flush(110)), ['1!3']);
  assert.equal(target.deadline, undefined);
  assert.deepEqual(target.push(packet(2), 111), []);
  assert.equal(target.duplicate, 1);
  assert.equal(target.lost, 1);
});

test('over UDP, of packets that are read late all that came is used: only a flush gives up', () => {
  const target = receiver({ reorder: true });
  target.push(packet(1), 0);
  target.push(packet(3), 10);
  // The process was busy; what came meanwhile is read in one go, and the missing one stands behind another.
  assert.deepEqual(target.push(packet(4), 200), []);
  assert.deepEqual(shown(target.push(packet(2), 200)), ['2', '3', '4']);
  assert.deepEqual(target.flush(200), []);
  assert.equal(target.lost, 0);
});

test('over UDP, flush at the end of the stream sends all that waits', () => {
  const target = receiver({ reorder: true });
  target.push(packet(1), 0);
  target.push(packet(3), 10);
  target.push(packet(6), 10);
  assert.deepEqual(shown(target.flush(Number.POSITIVE_INFINITY)), ['1!3', '2!6']);
});

test('Geovision GV-EBD4701: a packet of pt=50 with the number of the IDR packet before it is dropped before it counts', () => {
  for (const reorder of [false, true]) {
    const target = receiver({ reorder });
    assert.deepEqual(shown(target.push(packet(100), 0)), ['100']);
    assert.deepEqual(target.push(packet(100, { payloadType: 50 }), 1), []);
    assert.deepEqual(target.push(packet(101, { payloadType: 50 }), 1), []);
    assert.deepEqual(shown(target.push(packet(101), 2)), ['101']);
    assert.equal(target.wrongPayloadType, 2);
    assert.equal(target.duplicate, 0);
    assert.equal(target.lost, 0);
  }
});

test('Reolink RLC-410 IPC_3816M: of two SSRCs on one channel the first one is kept', () => {
  const target = receiver();
  const out: string[] = [];
  for (let i = 0; i < 200; i++) {
    out.push(...shown(target.push(packet(i, { ssrc: 0xc517011f }), i * 66)));
    out.push(...shown(target.push(packet(9000 + i, { ssrc: 0x5bf73f70 }), i * 66 + 1)));
  }
  assert.deepEqual(out, range(0, 199).map(String));
  assert.equal(target.wrongSsrc, 200);
  assert.equal(target.restarts, 0);
});

test('live555 before 2017.06.04: packets of a dead session, sent first, are dropped when an SSRC was promised', () => {
  const target = receiver({ ssrc: 0xd6d6627 });
  assert.deepEqual(target.push(packet(500, { ssrc: 0xbad }), 0), []);
  assert.deepEqual(target.push(packet(501, { ssrc: 0xbad }), 10), []);
  assert.deepEqual(shown(target.push(packet(7, { ssrc: 0xd6d6627 }), 20)), ['7']);
  assert.equal(target.wrongSsrc, 2);
});

test('a promised SSRC that never comes (rubbish in Transport) is given up after a second, without a restart', () => {
  const target = receiver({ ssrc: 0xd93ff });
  const out = range(0, 20).flatMap((i) => shown(target.push(packet(i, { ssrc: 5 }), i * 100)));
  assert.deepEqual(out, range(11, 20).map(String));
  assert.equal(target.ssrc, 5);
});

test('a new SSRC is followed when the old one is silent for more than a second, marked as a restart', () => {
  const target = receiver();
  target.push(packet(50), 0);
  assert.deepEqual(target.push(packet(900, { ssrc: 2 }), 500), []);
  assert.deepEqual(target.push(packet(901, { ssrc: 2 }), 1000), []);
  assert.deepEqual(shown(target.push(packet(902, { ssrc: 2 }), 1001)), ['R902']);
  assert.deepEqual(shown(target.push(packet(903, { ssrc: 2 }), 1010)), ['903']);
  assert.equal(target.restarts, 1);
  assert.deepEqual(target.push(packet(51), 1020), [], 'the old source is a stranger now');
});

test('a single stray packet of another SSRC in a pause changes nothing (1 fps stream)', () => {
  const target = receiver();
  target.push(packet(1), 0);
  assert.deepEqual(target.push(packet(77, { ssrc: 2 }), 1900), []);
  assert.deepEqual(shown(target.push(packet(2), 2000)), ['2']);
});

test('a numbering that starts anew under the same SSRC is followed, marked as a restart', () => {
  const ahead = receiver();
  assert.deepEqual(run(ahead, [1, 2, 20_000, 20_001, 20_002]), ['1', '2', 'R20001', '20002']);
  const behind = receiver();
  assert.deepEqual(run(behind, [9000, 9001, ...range(1, 18)]), ['9000', '9001', 'R16', '17', '18']);
  assert.equal(behind.lost, 0);
});

test('a single packet with a wild sequence number changes nothing', () => {
  const target = receiver();
  assert.deepEqual(run(target, [1, 2, 20_000, 3, 4]), ['1', '2', '3', '4']);
  assert.equal(target.lost, 0);
});

function senderReport(ssrc: number): SenderReport {
  return {
    type: 'senderReport',
    ssrc,
    ntpSeconds: 0x12345678,
    ntpFraction: 0x90abcdef,
    rtpTimestamp: 0,
    packetCount: 0,
    octetCount: 0,
    reports: [],
  };
}

test('report tells extended sequence, loss since the last report, LSR and DLSR', () => {
  let now = 0;
  const target = receiver({ now: () => now });
  assert.equal(target.report(), undefined);
  target.push(packet(65533, { ssrc: 9 }), 0);
  target.push(packet(65534, { ssrc: 9 }), 0);
  target.push(packet(1, { ssrc: 9 }), 0);
  target.push(packet(2, { ssrc: 9 }), 0);
  target.senderReport(senderReport(9), 1000);
  now = 1500;
  assert.deepEqual(target.report(), {
    ssrc: 9,
    fractionLost: Math.floor((2 * 256) / 6),
    cumulativeLost: 2,
    extendedHighestSequence: 0x10002,
    jitter: 0,
    lastSenderReport: 0x567890ab,
    delaySinceLastSenderReport: 32768,
  });
  target.push(packet(3, { ssrc: 9 }), 0);
  assert.equal(target.report()?.fractionLost, 0);
  assert.equal(target.report()?.cumulativeLost, 2);
});

test('Tapo C320WS: a sender report of an unknown SSRC is ignored', () => {
  const target = receiver();
  target.push(packet(1), 0);
  target.senderReport(senderReport(0xbad), 10);
  assert.equal(target.report()?.lastSenderReport, 0);
});

test('jitter follows RFC 3550: none at a steady pace, D/16 for the first deviation', () => {
  const target = receiver();
  target.push(packet(1, { timestamp: 0 }), 0);
  target.push(packet(2, { timestamp: 6000 }), 1000 / 15);
  assert.ok(target.jitter < 1e-6);
  target.push(packet(3, { timestamp: 12_000 }), 2000 / 15 + 16);
  assert.ok(Math.abs(target.jitter - 1) < 1e-6, `${target.jitter} ms`);
  assert.equal(target.report()?.jitter, 90);
});

test('a clock rate of 0 (META /0) only means no jitter', () => {
  const target = receiver({ clockRate: 0 });
  target.push(packet(1), 0);
  target.push(packet(2, { timestamp: 500 }), 50);
  assert.equal(target.jitter, 0);
  assert.equal(target.report()?.jitter, 0);
});

test('whatever comes, packets leave in order, once, and what is called lost is missing', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.integer({ min: 0, max: 0xffff }),
      fc.array(
        fc.record({
          skip: fc.integer({ min: 0, max: 3 }),
          late: fc.integer({ min: 0, max: 80 }),
          twice: fc.boolean(),
        }),
        { maxLength: 120 },
      ),
      (reorder, first, steps) => {
        const target = receiver({ reorder });
        let number = first;
        const sent = steps
          .flatMap(({ skip, late, twice }, i) => {
            number += skip === 3 ? 2 : 1;
            return [{ number, at: i + late }, ...(twice ? [{ number, at: i + late + 1 }] : [])];
          })
          .sort((a, b) => a.at - b.at);
        const out: ReceivedPacket[] = [];
        for (const [i, { number: sequence }] of sent.entries()) out.push(...target.push(packet(sequence), i));
        out.push(...target.flush(Number.POSITIVE_INFINITY));
        for (let i = 1; i < out.length; i++) {
          assert.equal((out[i]!.sequence - out[i - 1]!.sequence) & 0xffff, out[i]!.lost + 1);
        }
        assert.equal(target.received, out.length);
        assert.equal(target.received + target.duplicate, sent.length);
        assert.equal(
          target.lost,
          out.reduce((sum, { lost }) => sum + lost, 0),
        );
      },
    ),
  );
});
