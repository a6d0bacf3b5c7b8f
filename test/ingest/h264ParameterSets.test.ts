import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { H264ParameterSets } from '../../daemon/ingest/h264ParameterSets.ts';
import { annexBNals } from '../../daemon/nal/annexB.ts';
import { bytes, hex, PPS, SPROP, SPS } from './rtpPackets.ts';

const VGA_SPS = bytes('67 4d 40 1e 9a 64 05 01 ef f3 50 10 10 14 00 00 0f a0 00 01 38 80 10');

function withSprop(sprop: string): H264ParameterSets {
  const sets = new H264ParameterSets();
  for (const part of sprop.split(','))
    for (const nal of annexBNals(Buffer.from(part, 'base64'))) sets.add(nal);
  return sets;
}

const SPROPS: { name: string; sprop: string; sets: string[] | undefined; codec?: string }[] = [
  { name: 'SPS and PPS', sprop: SPROP, sets: [hex(SPS), hex(PPS)], codec: 'avc1.640033' },
  {
    name: 'GW Security, an Annex B start code at the end of each',
    sprop: 'Z00AHpWoLQ9puAgICBAAAAAB,aO48gAAAAAE=',
    sets: ['67 4d 00 1e 95 a8 2d 0f 69 b8 08 08 08 10', '68 ee 3c 80'],
    codec: 'avc1.4D001E',
  },
  {
    name: 'a start code at the beginning (as Revotech, there H.265)',
    sprop: `${Buffer.concat([bytes('00 00 00 01'), SPS]).toString('base64')},AAAAAWjuPLA=`,
    sets: [hex(SPS), hex(PPS)],
  },
  { name: 'zeros at the end', sprop: `${SPS.toString('base64')},aO48sAAA`, sets: [hex(SPS), hex(PPS)] },
  {
    name: 'all in one part',
    sprop: Buffer.concat([SPS, bytes('00 00 00 01'), PPS]).toString('base64'),
    sets: [hex(SPS), hex(PPS)],
  },
  { name: 'PPS first', sprop: SPROP.split(',').reverse().join(','), sets: [hex(SPS), hex(PPS)] },
  { name: 'VStarcam, no NAL headers', sprop: '6QDwBE/LCAAAH0gAB1TgIAAAAAA=,AAAAAA==', sets: undefined },
  { name: 'H.265 sets (Revotech)', sprop: 'AAAAAUABDAH/,AAAAAUIBAQ==', sets: undefined },
  { name: 'empty (v4l2rtspserver)', sprop: '', sets: undefined },
  { name: 'a blank', sprop: ' ', sets: undefined },
  { name: 'no base64', sprop: '%%%,§', sets: undefined },
  { name: 'only an SPS', sprop: SPS.toString('base64'), sets: undefined },
];

for (const { name, sprop, sets, codec } of SPROPS) {
  test(`sprop-parameter-sets: ${name}`, () => {
    const video = withSprop(sprop).activate(0);
    assert.deepEqual(video?.parameterSets.map(hex), sets);
    if (codec !== undefined) assert.equal(video?.codecString, codec);
  });
}

test('the VideoParameters object stays the same while the bytes of the sets do, zeros at the end apart', () => {
  const sets = withSprop(SPROP);
  const video = sets.activate(0);
  assert.equal(sets.add(Buffer.concat([SPS, Buffer.alloc(2)])), 'same');
  assert.equal(sets.add(PPS), 'same');
  assert.equal(sets.activate(0), video);
});

test('a changed SPS makes a new VideoParameters object (retina, 1920×1080 to 640×480)', () => {
  const sets = withSprop('Z00AKp2oHgCJ+WbgICAoAAADAAgAAAMAfCA=,aO48gA==');
  const before = sets.activate(0)!;
  assert.deepEqual([before.width, before.height], [1920, 1080]);
  assert.equal(sets.add(VGA_SPS), 'new');
  const after = sets.activate(0)!;
  assert.deepEqual([after.width, after.height, after.codecString], [640, 480, 'avc1.4D401E']);
  assert.notEqual(after, before);
});

test('a changed PPS alone makes a new VideoParameters object', () => {
  const sets = withSprop(SPROP);
  const before = sets.activate(0);
  assert.equal(sets.add(bytes('68 ee 3c 80')), 'new');
  const after = sets.activate(0)!;
  assert.notEqual(after, before);
  assert.deepEqual(after.parameterSets.map(hex), [hex(SPS), '68 ee 3c 80']);
});

test('several PPS of one SPS are all given, and the one that a picture names chooses the SPS', () => {
  const sets = withSprop(SPROP);
  // PPS 1 of SPS 0, PPS 2 of SPS 3: ids "010 1", "011 00100".
  sets.add(bytes('68 5c 80'));
  assert.deepEqual(sets.activate(0)?.parameterSets.map(hex), [hex(SPS), hex(PPS), '68 5c 80']);
  assert.equal(sets.activate(0), sets.activate(1), 'the same sets are the same parameters');
  sets.add(bytes('68 64 80'));
  assert.equal(sets.activate(2), undefined, 'SPS 3 is not known');
  assert.equal(sets.activate(7), undefined, 'PPS 7 is not known');
});

test('add copies: the network buffer may be used again', () => {
  const sets = new H264ParameterSets();
  const sps = Buffer.from(SPS);
  sets.add(sps);
  sets.add(PPS);
  sps.fill(0);
  assert.equal(hex(sets.activate(0)!.parameterSets[0]!), hex(SPS));
});

test('add refuses what is no parameter set and keeps what it had', () => {
  const sets = withSprop(SPROP);
  const video = sets.activate(0);
  const rubbish = [
    bytes('67'),
    bytes('67 42 00 1e'),
    bytes('68 00 00 00'),
    bytes('65 88 84'),
    bytes('e7 64 00'),
    Buffer.alloc(5000, 0x67),
    Buffer.alloc(0),
  ];
  for (const nal of rubbish) assert.equal(sets.add(nal), 'invalid');
  assert.equal(sets.activate(0), video);
});

test('whatever sets come, those kept are bounded and nothing throws', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 200 }), (random) => {
      const sets = withSprop(SPROP);
      for (const body of random) sets.add(Buffer.concat([Buffer.of(0x68), body]));
      for (let id = 0; id < 256; id++) assert.ok((sets.activate(id)?.parameterSets.length ?? 0) <= 17);
    }),
    { numRuns: 50 },
  );
});
