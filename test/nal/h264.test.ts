import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { annexBNals, hasRecoveryPoint, rbsp, toAnnexB } from '../../daemon/nal/annexB.ts';
import { beginsPicture, slicePpsId, stapANals } from '../../daemon/nal/h264.ts';
import { bytes, hex, idr, idrSecondSlice, secondSlice, slice } from '../ingest/rtpPackets.ts';

const ANNEX_B: [name: string, stream: string, nals: string[]][] = [
  ['no start code', '41 9a 24', ['41 9a 24']],
  ['long start codes', '00 00 00 01 67 4d 00 00 00 01 68 ee', ['67 4d', '68 ee']],
  ['short start codes', '00 00 01 67 4d 00 00 01 68 ee', ['67 4d', '68 ee']],
  ['none before the first', '67 4d 00 00 01 68 ee', ['67 4d', '68 ee']],
  ['one at the end (GW Security)', '67 4d 00 00 00 01', ['67 4d']],
  ['zeros at the end', '68 ee 3c 80 00 00 00', ['68 ee 3c 80']],
  ['zeros in a NAL unit', '65 69 00 00 63 65 00 00 00 01 06 05', ['65 69 00 00 63 65', '06 05']],
  ['empty NAL units', '00 00 01 00 00 01 00 00 00 01 41', ['41']],
  ['nothing', '', []],
  ['only zeros (VStarcam sprop AAAAAA==)', '00 00 00 00', []],
];

for (const [name, stream, nals] of ANNEX_B) {
  test(`annexBNals splits Annex B: ${name}`, () =>
    assert.deepEqual(annexBNals(bytes(stream)).map(hex), nals));
}

test('annexBNals gives back what toAnnexB joined', () => {
  const nal = fc
    .uint8Array({ minLength: 0, maxLength: 20 })
    .map((body) =>
      Buffer.concat([Buffer.of(0x41), Buffer.from(body.map((byte) => byte | 2)), Buffer.of(0x80)]),
    );
  fc.assert(
    fc.property(fc.array(nal), (nals) => {
      assert.deepEqual(annexBNals(toAnnexB(nals)), nals);
    }),
  );
});

const STAP_A: [name: string, payload: string, nals: string[], cut: number | undefined][] = [
  ['two', '18 00 02 aa bb 00 03 cc dd ee', ['aa bb', 'cc dd ee'], undefined],
  [
    'zero padding (gortsplib, "STAP-A with padding")',
    '18 00 02 aa bb 00 02 cc dd 00 00 00 00 00 00 00 00 00 00 00 00 00 00',
    ['aa bb', 'cc dd'],
    undefined,
  ],
  ['an odd byte at the end', '18 00 02 aa bb 00', ['aa bb'], undefined],
  ['the second cut off', '18 00 02 aa bb 00 04 65 dd', ['aa bb'], 0x65],
  ['the second all gone', '18 00 02 aa bb 00 04', ['aa bb'], undefined],
  ['none', '18', [], undefined],
];

for (const [name, payload, nals, cut] of STAP_A) {
  test(`stapANals reads a STAP-A: ${name}`, () => {
    const result = stapANals(bytes(payload));
    assert.deepEqual(result.nals.map(hex), nals);
    assert.equal(result.cut?.[0], cut);
  });
}

test('rbsp removes emulation prevention and the header', () => {
  assert.equal(hex(rbsp(bytes('67 00 00 03 01 00 00 03 00 00 03'), 1)), '00 00 01 00 00 00 00');
  assert.equal(hex(rbsp(bytes('67 00 00 03 01 02 03'), 1, 4)), '00 00 01');
  assert.equal(hex(rbsp(bytes('67'), 1)), '');
});

test('slice headers tell the first slice of a picture and its PPS', () => {
  assert.equal(beginsPicture(idr()), true);
  assert.equal(beginsPicture(slice()), true);
  assert.equal(beginsPicture(idrSecondSlice()), false);
  assert.equal(beginsPicture(secondSlice()), false);
  assert.equal(slicePpsId(idr()), 0);
  // first_mb 0 "1", slice type 7 "0001000", PPS 2 "011".
  assert.equal(slicePpsId(bytes('65 88 60')), 2);
  assert.equal(slicePpsId(bytes('65 00 00 00 00 00 00')), undefined);
  assert.equal(slicePpsId(bytes('65')), undefined);
});

const SEI: [name: string, sei: string, recovery: boolean][] = [
  ['x264 recovery point', '06 06 01 c4 80', true],
  ['after a user data message', '06 05 03 01 02 03 06 01 c4 80', true],
  ['Ivel LV-IP22IR40DVBL, reserved message 229', '06 e5 01 a7 80', false],
  ['message of type 261', '06 ff 06 01 c4 80', false],
  ['size past the end', '06 05 ff ff ff ff 06', false],
  ['nothing', '06', false],
];

for (const [name, sei, recovery] of SEI) {
  test(`hasRecoveryPoint looks through SEI: ${name}`, () =>
    assert.equal(hasRecoveryPoint(bytes(sei), 1), recovery));
}

test('the NAL unit functions never throw, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (random) => {
      const data = Buffer.from(random);
      const total = annexBNals(data).reduce((sum, nal) => sum + nal.length, 0);
      assert.ok(total <= data.length);
      const { nals } = stapANals(data);
      assert.ok(nals.every((nal) => nal.length > 0));
      rbsp(data, 1);
      slicePpsId(data);
      hasRecoveryPoint(data, 1);
    }),
  );
});
