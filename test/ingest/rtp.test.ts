import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { bytes, hex, rtpBytes } from './rtpPackets.ts';

const FIXED = '80 e0 45 9d 67 34 7d 6f 46 6b 00 00';

const CASES: { name: string; packet: string; payload: string }[] = [
  { name: 'plain header', packet: `${FIXED} 3c c1 e7 00`, payload: '3c c1 e7 00' },
  { name: 'no payload', packet: FIXED, payload: '' },
  {
    name: 'two contributing sources',
    packet: `82${FIXED.slice(2)} 00 00 00 01 00 00 00 02 41 9a`,
    payload: '41 9a',
  },
  {
    name: 'header extension of two words, as ONVIF replay sends it (yellowstone takes four bytes for granted)',
    packet: `90${FIXED.slice(2)} ab ac 00 02 01 02 03 04 05 06 07 08 41 9a`,
    payload: '41 9a',
  },
  { name: 'header extension of no words', packet: `90${FIXED.slice(2)} be de 00 00 41 9a`, payload: '41 9a' },
  { name: 'padding of three bytes', packet: `a0${FIXED.slice(2)} 41 9a 00 00 03`, payload: '41 9a' },
  { name: 'padding only', packet: `a0${FIXED.slice(2)} 00 00 00 04`, payload: '' },
  { name: 'padding bit, but a count of 0', packet: `a0${FIXED.slice(2)} 41 9a 00`, payload: '41 9a 00' },
  {
    name: 'contributing source, extension and padding together',
    packet: `b1${FIXED.slice(2)} 00 00 00 01 be de 00 01 aa bb cc dd 65 88 02 02`,
    payload: '65 88',
  },
];

for (const { name, packet, payload } of CASES) {
  test(`parseRtp skips by the stated lengths: ${name}`, () => {
    const parsed = parseRtp(bytes(packet));
    assert.ok(!('invalid' in parsed));
    assert.equal(hex(parsed.payload), payload);
    assert.equal(parsed.marker, true);
    assert.equal(parsed.payloadType, 96);
    assert.equal(parsed.sequence, 0x459d);
    assert.equal(parsed.timestamp, 1731493231);
    assert.equal(parsed.ssrc, 0x466b0000);
  });
}

const INVALID: [name: string, packet: string][] = [
  ['version 1', `40${FIXED.slice(2)}`],
  ['padding longer than the payload', `a0${FIXED.slice(2)} 41 9a 04`],
  ['extension past the end', `90${FIXED.slice(2)} be de 00 02 00 00 00 00`],
  ['extension header cut off', `90${FIXED.slice(2)} be de 00`],
  ['contributing sources past the end', `8f${FIXED.slice(2)} 00 00 00 01`],
];

for (const [name, packet] of INVALID) {
  test(`parseRtp refuses: ${name}`, () => assert.ok('invalid' in parseRtp(bytes(packet))));
}

test('parseRtp refuses every packet cut off inside its header', () => {
  const whole = bytes(`91${FIXED.slice(2)} 00 00 00 01 be de 00 01 aa bb cc dd`);
  for (let length = 0; length < whole.length; length++) {
    assert.ok('invalid' in parseRtp(whole.subarray(0, length)), `${length} bytes`);
  }
  assert.ok(!('invalid' in parseRtp(whole)));
});

test('parseRtp does not copy the payload', () => {
  const packet = rtpBytes({ payload: bytes('41 9a') });
  const parsed = parseRtp(packet);
  assert.ok(!('invalid' in parsed));
  assert.equal(parsed.payload.buffer, packet.buffer);
});

test('parseRtp never throws and never reads outside the packet, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (random) => {
      const packet = Buffer.from(random);
      if (packet.length > 0) packet[0] = 0x80 | (packet[0]! & 0x3f);
      const parsed = parseRtp(packet);
      assert.ok('invalid' in parsed || parsed.payload.length <= packet.length - 12);
    }),
  );
});
