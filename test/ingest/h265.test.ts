import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccessUnit } from '../../daemon/frame.ts';
import { h265Coding } from '../../daemon/ingest/h265Coding.ts';
import { H265ParameterSets } from '../../daemon/ingest/h265ParameterSets.ts';
import { NalDepacketizer } from '../../daemon/ingest/nalDepacketizer.ts';
import { annexBNals, hasRecoveryPoint } from '../../daemon/nal/annexB.ts';
import { aggregatedNals, beginsPicture, slicePpsId } from '../../daemon/nal/h265.ts';
import { bytes, hex, received, type Script } from './rtpPackets.ts';

/** Main profile, 1280 × 720. */
const VPS = bytes('40 01 0c 01 ff ff 01 60 00 00 03 00 b0 00 00 03 00 00 03 00 5d 95 98 09');
const SPS = bytes('42 01 01 01 60 00 00 03 00 b0 00 00 03 00 00 03 00 5d a0 02 80 80 2d 16');
const PPS = bytes('44 01 c1 72 b4 62 40');
const FMTP = new Map(
  [VPS, SPS, PPS].map((set, i) => [['sprop-vps', 'sprop-sps', 'sprop-pps'][i]!, set.toString('base64')]),
);
/** First slice segment, PPS 0; the last byte tells them apart. */
const idr = (tag: number) => Buffer.of(0x26, 0x01, 0xaf, tag);
const trail = (tag: number) => Buffer.of(0x02, 0x01, 0xd0, tag);
const second = (tag: number) => Buffer.of(0x02, 0x01, 0x50, tag);
/** TRAIL_N: no picture of its sub-layer refers to it. */
const unneeded = (tag: number) => Buffer.of(0x00, 0x01, 0xd0, tag);

function play(scripts: readonly Script[], fmtp: ReadonlyMap<string, string> | undefined = FMTP) {
  const depacketizer = new NalDepacketizer({ coding: h265Coding, clockRate: 90_000, fmtp });
  const units: AccessUnit[] = [];
  for (const [i, script] of scripts.entries()) units.push(...depacketizer.push(received(script, i)));
  units.push(...depacketizer.flush());
  const { counters } = depacketizer;
  return { counters, units: units.map(({ data }) => annexBNals(data).map(hex)), given: units };
}

const sets = [VPS, SPS, PPS].map(hex);

const AGGREGATED: [name: string, payload: string, nals: string[], cut: string | undefined][] = [
  ['two', '60 01 00 02 aa bb 00 03 cc dd ee', ['aa bb', 'cc dd ee'], undefined],
  ['zeros behind', '60 01 00 02 aa bb 00 00 00 00', ['aa bb'], undefined],
  ['the second cut off', '60 01 00 02 aa bb 00 04 26 01 dd', ['aa bb'], '26 01'],
  ['a cut one without a header', '60 01 00 02 aa bb 00 04 26', ['aa bb'], undefined],
  ['none', '60 01', [], undefined],
];

for (const [name, payload, nals, cut] of AGGREGATED)
  test(`aggregatedNals reads an aggregation packet: ${name}`, () => {
    const result = aggregatedNals(bytes(payload));
    assert.deepEqual(result.nals.map(hex), nals);
    assert.equal(result.cut && hex(result.cut), cut);
  });

test('slice segment headers of H.265 tell the first of a picture and its PPS', () => {
  assert.equal(beginsPicture(idr(1)), true);
  assert.equal(beginsPicture(second(1)), false);
  assert.equal(slicePpsId(idr(1)), 0);
  assert.equal(slicePpsId(trail(1)), 0);
  // first "1", no output of prior pictures "0", PPS 2 "011".
  assert.equal(slicePpsId(bytes('26 01 98 80')), 2);
  assert.equal(slicePpsId(bytes('26 01 00 00 00 00 00')), undefined);
  assert.equal(slicePpsId(bytes('26 01')), undefined);
});

test('H.265: parameter sets, a key picture, a picture of two slices, in packets of their own', () => {
  const { units, given } = play(
    [
      { p: VPS },
      { p: SPS },
      { p: PPS },
      { p: idr(1), m: true },
      { p: trail(2), t: 3000 },
      { p: second(3), t: 3000, m: true },
    ],
    undefined,
  );
  assert.deepEqual(units, [
    [...sets, hex(idr(1))],
    [hex(trail(2)), hex(second(3))],
  ]);
  assert.deepEqual(
    given.map(({ key }) => key),
    [true, false],
  );
});

test('H.265: an aggregation packet has the sets and the picture', () => {
  const nals = [VPS, SPS, PPS, idr(1)].flatMap((nal) => [Buffer.of(0, nal.length), nal]);
  const { units } = play([{ p: Buffer.concat([bytes('60 01'), ...nals]), m: true }], undefined);
  assert.deepEqual(units, [[...sets, hex(idr(1))]]);
});

test('H.265: fragments are joined behind the header that they stand for', () => {
  const { units } = play([{ p: '62 01 93 af 11' }, { p: '62 01 13 22' }, { p: '62 01 53 33', m: true }]);
  assert.deepEqual(units, [[...sets, '26 01 af 11 22 33']]);
});

test('H.265: start and end in one fragment are a whole NAL unit (OpenIPC, case 60)', () => {
  // FU header c1: start, end, type 1.
  const { units, counters } = play([
    { p: idr(1), m: true },
    { p: '62 01 c1 d0 ca fe', t: 3000, m: true },
  ]);
  assert.deepEqual(units[1], ['02 01 d0 ca fe']);
  assert.equal(counters.brokenNals, 0);
});

test('H.265: TRAIL_N is type 0, and a valid picture (case 66)', () => {
  const { units, counters } = play([
    { p: idr(1), m: true },
    { p: unneeded(2), t: 3000, m: true },
  ]);
  assert.deepEqual(units[1], [hex(unneeded(2))]);
  assert.equal(counters.malformed, 0);
});

test('H.265: after a loss nothing is handed on until the next key picture', () => {
  const { units, counters } = play([
    { p: idr(1), m: true },
    { p: trail(2), t: 3000, m: true, lost: 1 },
    { p: trail(3), t: 6000, m: true },
    { p: idr(4), t: 9000, m: true },
  ]);
  assert.deepEqual(
    units.map((nals) => nals.at(-1)),
    [hex(idr(1)), hex(idr(4))],
  );
  assert.equal(counters.droppedUnits, 2);
});

test('H.265: a picture that none refers to is missing alone', () => {
  const { units, counters } = play([
    { p: idr(1), m: true },
    { p: Buffer.concat([bytes('60 01 00 09'), unneeded(2)]), t: 3000, m: true },
    { p: trail(3), t: 6000, m: true },
  ]);
  assert.deepEqual(
    units.map((nals) => nals.at(-1)),
    [hex(idr(1)), hex(trail(3))],
  );
  assert.deepEqual([counters.malformed, counters.droppedUnits], [1, 1]);
});

test('H.265: delimiters, suffixes, filler and further layers are left out', () => {
  const { units, counters } = play([
    { p: '46 01 50' },
    { p: idr(1) },
    { p: '50 01 84 01 80' },
    { p: '4c 01 ff 80' },
    // Layer 1 of a multiview stream.
    { p: '26 09 af 77', m: true },
  ]);
  assert.deepEqual(units, [[...sets, hex(idr(1))]]);
  assert.equal(counters.malformed, 0);
});

test('H.265: PACI packets are counted, and cost the picture that they stand in', () => {
  const { units, counters } = play([
    { p: '64 01 00 00 26 01', m: true },
    { p: idr(2), t: 3000, m: true },
  ]);
  assert.deepEqual(units, [[...sets, hex(idr(2))]]);
  assert.equal(counters.unsupported, 1);
});

test('H.265: changed sets in band hold from the next key picture on, and are another object', () => {
  const bigger = Buffer.from(SPS);
  // Level 4 in the place of 3.1.
  bigger[17] = 0x78;
  const { given } = play([
    { p: idr(1), m: true },
    { p: bigger, t: 3000 },
    { p: idr(2), t: 3000, m: true },
  ]);
  assert.deepEqual(
    given.map(({ video }) => video.codecString),
    ['hvc1.1.6.L93.B0', 'hvc1.1.6.L120.B0'],
  );
});

const SPROPS: [name: string, sprops: Record<string, string>, known: boolean][] = [
  ['all three', Object.fromEntries(FMTP), true],
  ['only some of them', { 'sprop-vps': VPS.toString('base64'), 'sprop-sps': SPS.toString('base64') }, false],
  [
    'Revotech, a start code at the beginning',
    Object.fromEntries(
      [...FMTP].map(([name, set]) => [
        name,
        Buffer.concat([bytes('00 00 00 01'), Buffer.from(set, 'base64')]).toString('base64'),
      ]),
    ),
    true,
  ],
  ['Revotech, cut off', { 'sprop-vps': 'AAAAAUABDAH/', 'sprop-sps': 'AAAAAUIBAQ==' }, false],
  ['no base64', { 'sprop-vps': '%%', 'sprop-sps': '§', 'sprop-pps': '' }, false],
];

for (const [name, sprops, known] of SPROPS)
  test(`H.265 parameter sets of the SDP: ${name} (case 37)`, () => {
    assert.equal(play([{ p: idr(1), m: true }], new Map(Object.entries(sprops))).units.length, known ? 1 : 0);
  });

test('the functions of H.265 never throw, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 80 }), (random) => {
      const data = Buffer.from(random);
      assert.ok(aggregatedNals(data).nals.every((nal) => nal.length > 0));
      slicePpsId(data);
      hasRecoveryPoint(data, 2);
      new H265ParameterSets().add(data);
      h265Coding.unpack(data);
      h265Coding.role(data);
    }),
  );
});

test('the depacketizer of H.265 never throws, and gives out no more than came in and the parameter sets', () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(VPS, SPS, PPS, idr(1), trail(2), second(3), bytes('62 01 93 af'), bytes('62 01 53 01')),
  );
  const packet = fc.record({ p: payload, t: fc.nat(3), m: fc.boolean(), lost: fc.nat(1) });
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 40 }), (packets) => {
      const { given } = play(packets.map(({ p, t, m, lost }) => ({ p: Buffer.from(p), t, m, lost })));
      const came = packets.reduce((sum, { p }) => sum + p.length + 8, 0);
      const room = given.reduce(
        (sum, { video }) => sum + video.parameterSets.reduce((all, set) => all + set.length + 4, 0),
        0,
      );
      assert.ok(given.reduce((sum, { data }) => sum + data.length, 0) <= came * 2 + room);
    }),
  );
});
