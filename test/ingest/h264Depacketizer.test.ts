/** What cameras make of RFC 6184, cases 59–66: each case with the bytes that matter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bytes,
  depacketize,
  hex,
  idr,
  idrSecondSlice,
  nalsOf,
  PPS,
  type Script,
  SPS,
  secondSlice,
  slice,
} from './rtpPackets.ts';

const S = hex(SPS);
const P = hex(PPS);
const I = hex(idr());
const I2 = hex(idrSecondSlice());
const N = hex(slice());
const N2 = hex(secondSlice());
/** A key picture to begin with, so that what follows can be handed on. */
const KEY: Script = { p: idr(), t: 0, m: true };
const KEY_NALS = [S, P, I];

interface Case {
  readonly name: string;
  readonly packets: readonly Script[];
  /** The NAL units of each access unit. */
  readonly units: readonly (readonly string[])[];
  readonly sprop?: string;
  readonly counters?: Partial<Record<string, number>>;
}

const CASES: Case[] = [
  // Plain RFC 6184.
  {
    name: 'a single NAL unit packet with marker is an access unit at once',
    packets: [KEY],
    units: [KEY_NALS],
  },
  {
    name: 'STAP-A of SPS, PPS and IDR',
    packets: [{ p: `78 00 14 ${S} 00 04 ${P} 00 04 ${I}`, m: true }],
    units: [KEY_NALS],
    sprop: '',
  },
  {
    name: 'FU-A of three fragments (accepted although the SDP says packetization-mode=0: Anjvision, Anpviz, case 35)',
    packets: [{ p: '7c 85 88 84' }, { p: '7c 05 33' }, { p: '7c 45 66', m: true }],
    units: [[S, P, '65 88 84 33 66']],
  },
  // 59: fragments without an end.
  {
    name: '59 end of a fragmented NAL unit never sent: flushed by the next timestamp, and that packet still counts',
    packets: [KEY, { p: '5c 81 9a 24', t: 9000 }, { p: `${S}`, t: 18_000 }, { p: idr(), t: 18_000, m: true }],
    units: [KEY_NALS, KEY_NALS],
    counters: { brokenNals: 1, droppedUnits: 1 },
  },
  {
    name: '59 a new start while a fragmented NAL unit is open: the picture is given up, all wait for the next IDR',
    packets: [
      KEY,
      { p: '5c 81 9a 24', t: 9000 },
      { p: '5c 81 9a 25', t: 9000 },
      { p: '5c 41 26', t: 9000, m: true },
      { p: slice(), t: 18_000, m: true },
      { p: idr(), t: 27_000, m: true },
    ],
    units: [KEY_NALS, KEY_NALS],
    counters: { brokenNals: 1, droppedUnits: 2 },
  },
  {
    name: '59 marker set but no end bit: nothing is handed on before the end bit',
    packets: [KEY, { p: '5c 81 9a 24', t: 9000, m: true }, { p: '5c 41 35', t: 9000, m: true }],
    units: [KEY_NALS, ['41 9a 24 35']],
  },
  {
    name: '59 marker set, no end bit, and the next picture begins: the broken one is not shown',
    packets: [KEY, { p: '5c 81 9a 24', t: 9000, m: true }, { p: idr(), t: 18_000, m: true }],
    units: [KEY_NALS, KEY_NALS],
    counters: { brokenNals: 1, droppedUnits: 1 },
  },
  {
    name: '59 a fragment without a start is dropped with its picture',
    packets: [
      KEY,
      { p: '5c 01 9a 24', t: 9000 },
      { p: '5c 41 35', t: 9000, m: true },
      { p: slice(), t: 18_000, m: true },
    ],
    units: [KEY_NALS],
    counters: { brokenNals: 2, droppedUnits: 2 },
  },
  {
    name: '59 a broken picture that no other refers to (nal_ref_idc 0) costs only itself',
    packets: [KEY, { p: '1c 81 9a 24', t: 9000 }, { p: slice(), t: 18_000, m: true }],
    units: [KEY_NALS, [N]],
    counters: { droppedUnits: 1 },
  },
  {
    name: '59 a broken SEI costs no picture (retina skip_end_of_fragment: 7c 86, then a plain slice)',
    packets: [KEY, { p: '7c 86 66 75', t: 9000 }, { p: slice(), t: 18_000, m: true }],
    units: [KEY_NALS, [N]],
    counters: { brokenNals: 1, droppedUnits: 0 },
  },
  {
    name: '59 another NAL unit in the middle of a fragmented one breaks it',
    packets: [
      KEY,
      { p: '5c 81 9a 24', t: 9000 },
      { p: '06 05 01 00 80', t: 9000 },
      { p: '5c 41 35', t: 9000, m: true },
    ],
    units: [KEY_NALS],
    counters: { brokenNals: 2, droppedUnits: 2 },
  },
  {
    name: '59 a timestamp that changes in the middle of a fragmented NAL unit breaks it',
    packets: [KEY, { p: '5c 81 9a 24', t: 9000 }, { p: '5c 41 35', t: 18_000, m: true }],
    units: [KEY_NALS],
    counters: { brokenNals: 2, droppedUnits: 2 },
  },
  {
    name: '59 a marker in the middle of the second slice does not cut the picture',
    packets: [
      KEY,
      { p: slice(), t: 9000 },
      { p: '5c 81 4d 12', t: 9000, m: true },
      { p: '5c 41 36', t: 9000, m: true },
    ],
    units: [KEY_NALS, [N, '41 4d 12 36']],
  },
  // 60
  {
    name: '60 CostarHD: FU-A with start and end bit (3c c1 e7 00 ca fe) is a whole NAL unit',
    packets: [KEY, { p: '3c c1 e7 00 ca fe', t: 9000, m: true }],
    units: [KEY_NALS, ['21 e7 00 ca fe']],
  },
  // 61
  {
    name: '61 Longse CMSEKL800: reserved bit in the FU header (7c a1, 7c 21, 7c 61)',
    packets: [
      KEY,
      { p: '7c a1 9a 24', t: 9000 },
      { p: '7c 21 01', t: 9000 },
      { p: '7c 61 02', t: 9000, m: true },
    ],
    units: [KEY_NALS, ['61 9a 24 01 02']],
  },
  {
    name: '61 Tiandy: NAL unit type changes inside a FU (3c 81, then 3c 47): the first holds',
    packets: [KEY, { p: '3c 81 9a 24', t: 9000 }, { p: '3c 47 61 20', t: 9000, m: true }],
    units: [KEY_NALS, ['21 9a 24 61 20']],
  },
  {
    name: '61 empty fragments (retina#115: 7c 01) are ignored',
    packets: [
      KEY,
      { p: '7c 81 9a 24', t: 9000 },
      { p: '7c 01', t: 9000 },
      { p: '7c 41 35', t: 9000 },
      { p: '7c c6', t: 9000, m: true },
    ],
    units: [KEY_NALS, ['61 9a 24 35']],
  },
  {
    name: '61 an empty first fragment still begins a NAL unit, an empty last one ends it',
    packets: [KEY, { p: '7c 81', t: 9000 }, { p: '7c 01 9a 24', t: 9000 }, { p: '7c 41', t: 9000, m: true }],
    units: [KEY_NALS, ['61 9a 24']],
  },
  // 62: Annex B inside RTP.
  {
    name: '62 V380: Annex B with leading start code in a single NAL unit packet',
    packets: [{ p: `00 00 00 01 ${S} 00 00 00 01 ${P} 00 00 00 01 ${I}`, m: true }],
    units: [KEY_NALS],
    sprop: '',
  },
  {
    name: '62 one "SPS" that holds SPS, PPS and IDR (WebRTC#391), with a zero at the end',
    packets: [{ p: `${S} 00 00 00 01 ${P} 00 00 01 ${I} 00`, m: true }],
    units: [KEY_NALS],
    sprop: '',
  },
  {
    name: '62 Annex B in one entry of a STAP-A',
    packets: [{ p: `78 00 1c ${S} 00 00 00 01 ${P} 00 04 ${I}`, m: true }],
    units: [KEY_NALS],
    sprop: '',
  },
  {
    name: '62 Amatek AR-N3222F: SPS and PPS in one FU (7c 87 4d… / 7c 47 01 00 00 00 01 68 ee 3c 80)',
    packets: [
      { p: '7c 87 4d 00 33 8a 8a 50 28 02 dd 34 40 00 00 fa 00 00 30 d4' },
      { p: '7c 47 01 00 00 00 01 68 ee 3c 80', m: true },
      { p: idr(), t: 1, m: true },
    ],
    units: [['67 4d 00 33 8a 8a 50 28 02 dd 34 40 00 00 fa 00 00 30 d4 01', '68 ee 3c 80', I]],
    sprop: '',
  },
  {
    name: '62 Amatek AR-N3222F: leading start code (1c 80 00 01 67…), trailing start code',
    packets: [
      { p: '1c 80 00 01 67 4d 00 33 8a 8a 50 28 02 dd 34 40 00 00 fa 00' },
      { p: '1c 40 00 30 d4 01 00 00 01 68 ee 3c 80 00 00 00 01', m: true },
      { p: idr(), t: 1, m: true },
    ],
    units: [['67 4d 00 33 8a 8a 50 28 02 dd 34 40 00 00 fa 00 00 30 d4 01', '68 ee 3c 80', I]],
    sprop: '',
  },
  {
    name: '62 two slices in one FU',
    packets: [KEY, { p: '5c 81 9a 24 35 00', t: 9000 }, { p: `5c 41 00 01 ${N2}`, t: 9000, m: true }],
    units: [KEY_NALS, [N, N2]],
  },
  {
    name: '62 slice and filler data in one FU: the filler is left out',
    packets: [KEY, { p: '5c 81 9a 24 35 00 00', t: 9000 }, { p: '5c 41 01 0c ff ff 80', t: 9000, m: true }],
    units: [KEY_NALS, [N]],
  },
  // 63
  {
    name: '63 STAP-A with zero padding: ends at size 0',
    packets: [{ p: `18 00 14 ${S} 00 04 ${P} 00 04 ${I} 00 00 00 00 00 00 00`, m: true }],
    units: [KEY_NALS],
    sprop: '',
  },
  {
    name: '63 STAP-A whose last NAL unit is cut off gives the picture up',
    packets: [KEY, { p: `18 00 04 ${N} 00 09 41 4d 12`, t: 9000, m: true }],
    units: [KEY_NALS],
    counters: { malformed: 1, droppedUnits: 1 },
  },
  // 64: markers and timestamps.
  {
    name: '64 Reolink RLC-822A at the start: marker on SPS, sets with an earlier timestamp than the IDR',
    packets: [
      { p: '67 64 00 33 ac 15 14 a0 a0 2f f9 50', t: 0, m: true },
      { p: '68 ee 3c b0', t: 0 },
      { p: idr(), t: 1, m: true },
    ],
    units: [['67 64 00 33 ac 15 14 a0 a0 2f f9 50', '68 ee 3c b0', I]],
    sprop: '',
  },
  {
    name: '64 Reolink RLC-822A at a GOP boundary: SPS and PPS carry the previous picture’s timestamp',
    packets: [
      KEY,
      { p: slice(), t: 9000, m: true },
      { p: SPS, t: 9000 },
      { p: PPS, t: 9000 },
      { p: idr(), t: 18_000, m: true },
    ],
    units: [KEY_NALS, [N], KEY_NALS],
  },
  {
    name: '64 the same without any marker: the sets end the picture before them',
    packets: [
      { p: idr(), t: 0 },
      { p: slice(), t: 9000 },
      { p: SPS, t: 9000 },
      { p: PPS, t: 9000 },
      { p: idr(), t: 18_000 },
      { p: slice(), t: 27_000 },
    ],
    units: [KEY_NALS, [N], KEY_NALS],
  },
  {
    name: '64 Tapo TC70: markers on SPS and on PPS',
    packets: [
      { p: SPS, m: true },
      { p: PPS, m: true },
      { p: idr(), m: true },
    ],
    units: [KEY_NALS],
    sprop: '',
  },
  {
    name: '64 Ivel LV-IP22IR40DVBL: markers on SPS, PPS and SEI (06 e5 01 a7 80), all of one timestamp',
    packets: [
      { p: '67 4d 00 2a 95 a8 1e 00 89 f9 61 00 00 03 00 01 00 00 03 00 32 84', m: true },
      { p: '68 ee 3c 80', m: true },
      { p: '06 e5 01 a7 80', m: true },
      { p: idr(), m: true },
    ],
    units: [
      [
        '67 4d 00 2a 95 a8 1e 00 89 f9 61 00 00 03 00 01 00 00 03 00 32 84',
        '68 ee 3c 80',
        '06 e5 01 a7 80',
        I,
      ],
    ],
    sprop: '',
  },
  {
    name: '64 FLIR M400: no marker at all, pictures end with their timestamp',
    packets: [
      { p: idr(), t: 0 },
      { p: slice(), t: 9000 },
      { p: slice(1), t: 18_000 },
    ],
    units: [KEY_NALS, [N]],
  },
  {
    name: '64 a delimiter and SEI begin the next picture; the delimiter is left out',
    packets: [
      KEY,
      { p: slice(), t: 9000 },
      { p: '09 f0', t: 9000 },
      { p: '06 05 01 00 80', t: 9000 },
      { p: slice(2), t: 9000, m: true },
    ],
    units: [KEY_NALS, [N], ['06 05 01 00 80', hex(slice(2))]],
  },
  {
    name: '64 marker on filler data or an end of sequence behind the last slice ends the picture; both are left out',
    packets: [
      KEY,
      { p: slice(), t: 9000 },
      { p: '0c ff ff 80', t: 9000, m: true },
      { p: slice(2), t: 18_000 },
      { p: '0a', t: 18_000, m: true },
    ],
    units: [KEY_NALS, [N], [hex(slice(2))]],
  },
  // 66: slices.
  {
    name: '66 several slices of a picture are one access unit',
    packets: [
      { p: idr() },
      { p: idrSecondSlice(), m: true },
      { p: slice(), t: 9000 },
      { p: secondSlice(), t: 9000, m: true },
    ],
    units: [
      [S, P, I, I2],
      [N, N2],
    ],
  },
  {
    name: '66 marker on every slice: found out at once, from the next key picture on by timestamps',
    packets: [
      { p: idr(), m: true },
      { p: idrSecondSlice(), m: true },
      { p: slice(), t: 9000, m: true },
      { p: secondSlice(), t: 9000, m: true },
      { p: idr(), t: 18_000, m: true },
      { p: idrSecondSlice(), t: 18_000, m: true },
      { p: slice(), t: 27_000, m: true },
      { p: secondSlice(), t: 27_000, m: true },
      { p: slice(), t: 36_000, m: true },
    ],
    units: [KEY_NALS, [S, P, I, I2], [N, N2]],
    counters: { wrongMarkers: 1, droppedUnits: 2 },
  },
  // What else a stream may hold.
  {
    name: 'SVC prefix NAL units (14) and extension slices (20) are left out and disturb nothing',
    packets: [{ p: `78 00 02 6e 01 00 04 ${I} 00 02 74 01`, m: true }],
    units: [KEY_NALS],
  },
  {
    name: 'STAP-B, MTAP and FU-B are counted and cost their picture',
    packets: [KEY, { p: '19 00 00 00 02 41 9a', t: 9000, m: true }, { p: '7d 81 00', t: 18_000, m: true }],
    units: [KEY_NALS],
    counters: { unsupported: 2, droppedUnits: 2 },
  },
  {
    name: 'empty packets (padding only) and unknown types are passed over',
    packets: [
      KEY,
      { p: '', t: 9000, m: true },
      { p: '1f 00', t: 9000 },
      { p: '00', t: 9000 },
      { p: '7c', t: 9000 },
      { p: slice(), t: 9000, m: true },
    ],
    units: [KEY_NALS, [N]],
    counters: { malformed: 2, droppedUnits: 0 },
  },
  {
    name: 'a NAL unit with the forbidden bit is broken',
    packets: [KEY, { p: 'c1 9a 24', t: 9000, m: true }],
    units: [KEY_NALS],
    counters: { malformed: 1, droppedUnits: 1 },
  },
];

for (const { name, packets, units, sprop, counters } of CASES) {
  test(`H.264 packets: ${name}`, () => {
    const result = depacketize(packets, sprop);
    assert.deepEqual(result.units.map(nalsOf), units);
    for (const [counter, value] of Object.entries(counters ?? {})) {
      assert.equal(result.counters[counter as keyof typeof result.counters], value, counter);
    }
    assert.equal(result.counters.units, units.length);
  });
}

test('every access unit is Annex B with four-byte start codes, key exactly where it holds an IDR picture', () => {
  const { units } = depacketize([KEY, { p: slice(), t: 9000, m: true }]);
  assert.equal(hex(units[0]!.data), `00 00 00 01 ${S} 00 00 00 01 ${P} 00 00 00 01 ${I}`);
  assert.equal(hex(units[1]!.data), `00 00 00 01 ${N}`);
  assert.deepEqual(
    units.map(({ key }) => key),
    [true, false],
  );
});

test('62 Annex B in a FU is found however the packets cut it', () => {
  const stream = Buffer.concat([
    SPS,
    bytes('00 00 00 01'),
    PPS,
    bytes('00 00 01'),
    idr(),
    bytes('00 00 63 65 00'),
  ]);
  for (let first = 1; first < stream.length; first++) {
    for (const middle of [0, 1, 2, 3]) {
      if (first + middle > stream.length) continue;
      const part = (flags: number, from: number, to: number) =>
        Buffer.concat([Buffer.of(0x7c, flags | 7), stream.subarray(from, to)]);
      const { units } = depacketize(
        [
          { p: part(0x80, 1, first) },
          { p: part(0, first, first + middle) },
          { p: part(0x40, first + middle, stream.length), m: true },
        ],
        '',
      );
      assert.deepEqual(
        units.map(nalsOf),
        [[S, P, `${I} 00 00 63 65`]],
        `cut at ${first} and ${first + middle}`,
      );
    }
  }
});

test('59 a camera that never sets an end bit is understood after eight NAL units', () => {
  const packets: Script[] = [];
  for (let i = 0; i < 12; i++) {
    packets.push({ p: '7c 85 88 84', t: i * 9000 }, { p: Buffer.of(0x7c, 5, i), t: i * 9000, m: true });
  }
  const { units, counters } = depacketize(packets);
  assert.deepEqual(
    units.map(nalsOf),
    [8, 9, 10, 11].map((i) => [S, P, hex(Buffer.of(0x65, 0x88, 0x84, i))]),
  );
  assert.equal(counters.brokenNals, 8);
});

test('64 the time of an access unit is its first slice’s, not its parameter sets’', () => {
  const { units } = depacketize([
    KEY,
    { p: slice(), t: 9000, m: true },
    { p: SPS, t: 9000 },
    { p: PPS, t: 9000 },
    { p: idr(), t: 18_000, m: true },
  ]);
  assert.deepEqual(
    units.map(({ mediaTime }) => mediaTime),
    [0, 100, 200],
  );
});

test('receivedAt is the arrival of the unit’s last packet, also when the next packet’s timestamp ends it', () => {
  const { units } = depacketize([
    { p: idr(), t: 0, arrival: 10 },
    { p: idrSecondSlice(), t: 0, arrival: 12 },
    { p: slice(), t: 9000, arrival: 110 },
    { p: slice(), t: 18_000, arrival: 210 },
  ]);
  assert.deepEqual(
    units.map(({ receivedAt }) => receivedAt),
    [12, 110],
  );
});

test('69 wrapping RTP timestamps do not break media time', () => {
  const { units, depacketizer } = depacketize([
    { p: idr(), t: 0xffff_f000, m: true },
    { p: slice(), t: (0xffff_f000 + 9000) >>> 0, m: true },
    { p: slice(), t: (0xffff_f000 + 18_000) >>> 0, m: true },
  ]);
  assert.deepEqual(
    units.map(({ mediaTime }) => mediaTime),
    [0, 100, 200],
  );
  assert.equal(depacketizer.discontinuities, 0);
});

test('nothing is handed on before an IDR picture whose SPS and PPS are known', () => {
  const joined = depacketize([
    { p: slice(), t: 0, m: true },
    { p: '7c 05 11', t: 9000 },
    { p: '7c 45 22', t: 9000, m: true },
    { p: idr(), t: 18_000, m: true },
  ]);
  assert.deepEqual(joined.units.map(nalsOf), [KEY_NALS]);
  assert.equal(joined.counters.skippedUnits, 2);
  assert.equal(joined.counters.droppedUnits, 0);

  const withoutSets = depacketize(
    [
      KEY,
      { p: slice(), t: 9000, m: true },
      { p: SPS, t: 18_000 },
      { p: PPS, t: 18_000 },
      { p: idr(), t: 18_000, m: true },
    ],
    '',
  );
  assert.deepEqual(withoutSets.units.map(nalsOf), [KEY_NALS]);
});

test('VStarcam: useless sprop is ignored and the sets in band are used', () => {
  const { units } = depacketize(
    [
      { p: '67 4d 00 28 e9 00 f0 04 4f cb 08 00 00 1f 48 00 07 54 e0 20' },
      { p: '68 ea 8f 20' },
      { p: idr(), m: true },
    ],
    '6QDwBE/LCAAAH0gAB1TgIAAAAAA=,AAAAAA==',
  );
  assert.equal(units[0]?.video.codecString, 'avc1.4D0028');
});

test('a key unit begins with its parameter sets, in band or from sprop, once', () => {
  const inBand: Script[] = [
    { p: '09 10' },
    { p: '06 05 01 00 80' },
    { p: SPS },
    { p: PPS },
    { p: idr(), m: true },
  ];
  assert.deepEqual(depacketize(inBand, '').units.map(nalsOf), [[S, P, '06 05 01 00 80', I]]);
  assert.deepEqual(depacketize(inBand).units.map(nalsOf), [[S, P, '06 05 01 00 80', I]]);
});

test('one VideoParameters object serves until SPS or PPS change, repeats and zeros at the end apart', () => {
  const { units } = depacketize([
    KEY,
    { p: Buffer.concat([SPS, Buffer.alloc(1)]), t: 9000 },
    { p: PPS, t: 9000 },
    { p: idr(), t: 9000, m: true },
    { p: slice(), t: 18_000, m: true },
    { p: '67 4d 40 1e 9a 64 05 01 ef f3 50 10 10 14 00 00 0f a0 00 01 38 80 10', t: 27_000 },
    { p: PPS, t: 27_000 },
    { p: idr(), t: 27_000, m: true },
  ]);
  assert.equal(units[1]!.video, units[0]!.video);
  assert.equal(units[2]!.video, units[0]!.video);
  assert.notEqual(units[3]!.video, units[0]!.video);
  assert.equal(units[3]!.video.codecString, 'avc1.4D401E');
});

test('a PPS that changes between key pictures reaches the decoder, and the parameters change at the next key picture', () => {
  const { units } = depacketize([
    KEY,
    { p: '68 ee 3c 80', t: 9000 },
    { p: slice(), t: 9000, m: true },
    { p: idr(), t: 18_000, m: true },
  ]);
  assert.deepEqual(units.map(nalsOf), [KEY_NALS, ['68 ee 3c 80', N], [S, '68 ee 3c 80', I]]);
  assert.equal(units[1]!.video, units[0]!.video);
  assert.notEqual(units[2]!.video, units[0]!.video);
});

test('an access unit of more than 8 MiB is dropped and counted, its memory given back, and the next key picture shown', () => {
  const packets: Script[] = [KEY, { p: '7c 85 88 84', t: 9000 }];
  const piece = Buffer.concat([Buffer.of(0x7c, 5), Buffer.alloc(60_000, 7)]);
  for (let i = 0; i < 150; i++) packets.push({ p: piece, t: 9000 });
  packets.push(
    { p: '7c 45 01', t: 9000, m: true },
    { p: slice(), t: 18_000, m: true },
    { p: idr(), t: 27_000, m: true },
  );
  const { units, counters } = depacketize(packets);
  assert.deepEqual(units.map(nalsOf), [KEY_NALS, KEY_NALS]);
  assert.equal(counters.oversizeUnits, 1);
  assert.equal(counters.droppedUnits, 2);
});

test('restarted: the picture at hand is given up, and pictures of the new source begin with its IDR', () => {
  const { units, depacketizer } = depacketize([
    KEY,
    { p: slice(), t: 9000 },
    { p: slice(7), t: 91_000, m: true, restarted: true },
    { p: idr(8), t: 100_000, m: true, arrival: 500 },
    { p: slice(9), t: 109_000, m: true, arrival: 600 },
  ]);
  assert.deepEqual(units.map(nalsOf), [KEY_NALS, [S, P, hex(idr(8))], [hex(slice(9))]]);
  assert.deepEqual(
    units.map(({ mediaTime }) => mediaTime),
    [0, 500, 600],
  );
  assert.equal(depacketizer.discontinuities, 1);
});

test('restarted in the middle of a fragmented NAL unit, then loss: begins anew at the next IDR', () => {
  const { units, counters } = depacketize([
    KEY,
    { p: '5c 81 9a 24', t: 9000 },
    { p: slice(1), t: 18_000, m: true, restarted: true },
    { p: slice(2), t: 27_000, m: true, lost: 1 },
    { p: idr(3), t: 36_000, m: true },
  ]);
  assert.deepEqual(units.map(nalsOf), [KEY_NALS, [S, P, hex(idr(3))]]);
  assert.equal(counters.brokenNals, 0);
});

test('one packet gives at most sixteen access units, however many it claims to hold', () => {
  const parts = Array.from({ length: 40 }, () => `00 05 06 05 01 00 80 00 04 ${I}`).join(' ');
  const { units } = depacketize([{ p: `18 ${parts}`, m: true }]);
  assert.equal(units.length, 16);
});

test('flush hands on the last picture of a stream without markers', () => {
  const { units, depacketizer } = depacketize([{ p: idr() }, { p: slice(), t: 9000 }]);
  assert.equal(units.length, 1);
  assert.deepEqual(depacketizer.flush().map(nalsOf), [[N]]);
  assert.deepEqual(depacketizer.flush(), []);
});

test('a stream of recovery points without IDR pictures (intra refresh) begins at one after five seconds', () => {
  const packets: Script[] = [];
  for (let i = 0; i < 70; i++) {
    if (i % 15 === 0) packets.push({ p: '06 06 01 c4 80', t: i * 9000, arrival: i * 100 });
    packets.push({ p: slice(i), t: i * 9000, m: true, arrival: i * 100 });
  }
  const { units, counters } = depacketize(packets);
  assert.deepEqual(nalsOf(units[0]!), [S, P, '06 06 01 c4 80', hex(slice(60))]);
  assert.deepEqual(
    units.map(({ key }) => key),
    [true, ...Array<boolean>(9).fill(false)],
  );
  assert.equal(counters.skippedUnits, 60);
});

test('a recovery point in a stream that has IDR pictures is no key', () => {
  const packets: Script[] = [
    KEY,
    { p: '06 06 01 c4 80', t: 9000, arrival: 100 },
    { p: slice(), t: 9000, m: true, arrival: 100 },
  ];
  assert.deepEqual(
    depacketize(packets).units.map(({ key }) => key),
    [true, false],
  );
});

test('emitted data does not change when the network buffer is used again', () => {
  const payload = Buffer.from(idr());
  const { units } = depacketize([{ p: payload, m: true }]);
  payload.fill(0);
  assert.deepEqual(units.map(nalsOf), [KEY_NALS]);
});
