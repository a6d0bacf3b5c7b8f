import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRtcp, parseRtcp, receiverReport, senderReport } from '../../daemon/rtsp/rtcp.ts';
import { bytes, rtpBytes } from '../ingest/rtpPackets.ts';

const SENDER_REPORT = '80 c8 00 06 00 0b 7f d5 12 34 56 78 90 ab cd ef 00 00 d4 50 00 00 00 01 00 00 00 04';
/** "camera", and no zero byte at the end. */
const HANWHA_SDES = '81 ca 00 03 11 22 33 44 01 06 63 61 6d 65 72 61';

const SENDER_REPORT_PARSED = {
  type: 'senderReport',
  ssrc: 753621,
  ntpSeconds: 0x12345678,
  ntpFraction: 0x90abcdef,
  rtpTimestamp: 54352,
  packetCount: 1,
  octetCount: 4,
  reports: [],
};
const SDES_PARSED = { type: 'sourceDescription', sources: [{ ssrc: 0x11223344, cname: 'camera' }] };

const CASES: { name: string; packet: string; parsed: unknown[] }[] = [
  { name: 'a sender report', packet: SENDER_REPORT, parsed: [SENDER_REPORT_PARSED] },
  { name: 'Hanwha QNV-8080R, SDES without terminator', packet: HANWHA_SDES, parsed: [SDES_PARSED] },
  {
    name: 'Hanwha QNV-8080R, sender report and SDES without terminator',
    packet: `${SENDER_REPORT} ${HANWHA_SDES}`,
    parsed: [SENDER_REPORT_PARSED, SDES_PARSED],
  },
  {
    name: 'SDES of two sources, each terminated and padded',
    packet: '82 ca 00 07 00 00 00 01 01 02 61 61 00 00 00 00 00 00 00 02 02 01 7a 01 01 62 00 00 00 00 00 00',
    parsed: [
      {
        type: 'sourceDescription',
        sources: [
          { ssrc: 1, cname: 'aa' },
          { ssrc: 2, cname: 'b' },
        ],
      },
    ],
  },
  {
    name: 'SDES whose item reaches past the end, without that source',
    packet: '81 ca 00 02 11 22 33 44 01 06 63 61',
    parsed: [{ type: 'sourceDescription', sources: [] }],
  },
  {
    name: 'goodbye with a reason',
    packet: '81 cb 00 02 00 0b 7f d5 03 65 6e 64',
    parsed: [{ type: 'goodbye', ssrcs: [753621] }],
  },
  {
    name: 'an application packet between, skipped',
    packet: `80 cc 00 02 00 00 00 01 61 62 63 64 ${SENDER_REPORT}`,
    parsed: [SENDER_REPORT_PARSED],
  },
  {
    name: 'a second packet that is cut off, ignored',
    packet: `${SENDER_REPORT} 81 ca 00 03 11 22 33 44 01 06 63 61 6d`,
    parsed: [SENDER_REPORT_PARSED],
  },
  { name: 'a sender report too short for its fields', packet: '80 c8 00 01 00 0b 7f d5', parsed: [] },
  {
    name: 'a receiver report that claims two blocks and has one',
    packet: '82 c9 00 07 00 00 00 01 00 00 00 02 40 ff ff fe 00 01 00 05 00 00 00 07 00 00 00 08 00 00 00 09',
    parsed: [
      {
        type: 'receiverReport',
        ssrc: 1,
        reports: [
          {
            ssrc: 2,
            fractionLost: 64,
            cumulativeLost: -2,
            extendedHighestSequence: 0x10005,
            jitter: 7,
            lastSenderReport: 8,
            delaySinceLastSenderReport: 9,
          },
        ],
      },
    ],
  },
];

for (const { name, packet, parsed } of CASES) {
  test(`parseRtcp reads ${name}`, () => assert.deepEqual(parseRtcp(bytes(packet)), parsed));
}

test('parseRtcp returns only whole packets of a compound cut off at any byte', () => {
  const whole = bytes(`${SENDER_REPORT} ${HANWHA_SDES}`);
  for (let length = 0; length < whole.length; length++) {
    assert.equal(parseRtcp(whole.subarray(0, length)).length, length < 28 ? 0 : 1, `${length} bytes`);
  }
});

test('parseRtcp never throws and stays bounded, whatever the bytes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 205 }),
      fc.integer({ min: 0, max: 31 }),
      fc.uint8Array({ maxLength: 96 }),
      (type, count, body) => {
        const head = Buffer.of(0x80 | count, type, 0, body.length >> 2);
        assert.ok(parseRtcp(Buffer.concat([head, body])).length <= 1 + body.length / 4);
      },
    ),
  );
});

test('isRtcp tells RTCP on an RTP channel from RTP', () => {
  assert.equal(isRtcp(bytes(SENDER_REPORT)), true);
  assert.equal(isRtcp(bytes('80 cc 00 00')), true);
  assert.equal(isRtcp(bytes('80 c7 00 00')), false);
  assert.equal(isRtcp(bytes('80 cd 00 00')), false);
  assert.equal(isRtcp(rtpBytes({ payload: bytes('41'), marker: true })), false);
  assert.equal(isRtcp(bytes('80')), false);
});

test('receiverReport writes RR and SDES that read back the same', () => {
  const report = {
    ssrc: 0xfedcba98,
    fractionLost: 12,
    cumulativeLost: 345,
    extendedHighestSequence: 0x2fffe,
    jitter: 77,
    lastSenderReport: 0x567890ab,
    delaySinceLastSenderReport: 65536,
  };
  const packet = receiverReport({ ssrc: 0xaabbccdd, cname: 'walleye', report });
  assert.equal(packet.length % 4, 0);
  assert.deepEqual(parseRtcp(packet), [
    { type: 'receiverReport', ssrc: 0xaabbccdd, reports: [report] },
    { type: 'sourceDescription', sources: [{ ssrc: 0xaabbccdd, cname: 'walleye' }] },
  ]);
});

test('receiverReport before the first packet is an empty report, with names of every length', () => {
  for (let length = 0; length <= 300; length += 1) {
    const cname = 'x'.repeat(length);
    const packet = receiverReport({ ssrc: 1, cname, report: undefined });
    assert.deepEqual(parseRtcp(packet), [
      { type: 'receiverReport', ssrc: 1, reports: [] },
      { type: 'sourceDescription', sources: [{ ssrc: 1, cname: cname.slice(0, 255) }] },
    ]);
    assert.equal(packet.at(-1), 0, 'the chunk is terminated');
  }
});

test('senderReport: SR and SDES, in multiples of four bytes; at the end with BYE; our own reader takes them', () => {
  for (const goodbye of [false, true])
    for (const cname of ['', 'a', 'walleye', 'x'.repeat(300)]) {
      const report = senderReport({
        ...{
          ssrc: 0xfedcba98,
          cname,
          rtpTimestamp: 0xfffffff0,
          packetCount: 2 ** 32 + 5,
          octetCount: 7,
          goodbye,
        },
        unixTime: 1_700_000_000_500,
      });
      assert.equal(report.length % 4, 0);
      const [first, second, third] = parseRtcp(report);
      assert.deepEqual(first, {
        type: 'senderReport',
        ssrc: 0xfedcba98,
        ntpSeconds: 1_700_000_000 + 2_208_988_800,
        ntpFraction: 2 ** 31,
        rtpTimestamp: 0xfffffff0,
        packetCount: 5,
        octetCount: 7,
        reports: [],
      });
      assert.ok(second?.type === 'sourceDescription');
      assert.equal(second.sources[0]?.cname, cname.slice(0, 255));
      assert.deepEqual(third, goodbye ? { type: 'goodbye', ssrcs: [0xfedcba98] } : undefined);
    }
});
