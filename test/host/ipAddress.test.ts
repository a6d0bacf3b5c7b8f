import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contains, parseCidr, parseIp, unusable } from '../../daemon/host/ipAddress.ts';

describe('an address', () => {
  it('is one exactly when the kernel’s own parser takes it', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF.:/%x -'), maxLength: 45 });
    const given = fc.oneof(fc.ipV4(), fc.ipV6(), nearly, fc.string());
    fc.assert(
      fc.property(given, (text) => {
        // A zone names an interface of this machine: no part of an address.
        const expected = text.includes('%') ? 0 : isIP(text);
        assert.equal(parseIp(text)?.family ?? 0, expected, text);
      }),
      { numRuns: 2000 },
    );
  });

  for (const [text, value] of [
    ['192.168.1.20', 0xc0a80114n],
    ['::', 0n],
    ['::1', 1n],
    ['fe80::1', 0xfe80_0000_0000_0000_0000_0000_0000_0001n],
    ['::ffff:1.2.3.4', 0xffff_0102_0304n],
    ['1:2:3:4:5:6:7:8', 0x0001_0002_0003_0004_0005_0006_0007_0008n],
  ] as const) {
    it(`${text} has its value`, () => assert.equal(parseIp(text)?.value, value));
  }

  for (const text of [
    '01.2.3.4',
    '1.2.3',
    '1.2.3.256',
    '1::2::3',
    '1:2:3:4:5:6:7::8:9',
    ':1',
    '1:',
    '',
    'fe80::1%eth0',
    '::.',
    '::1.2.3',
  ]) {
    it(`${JSON.stringify(text)} is none`, () => assert.equal(parseIp(text), undefined));
  }
});

describe('an address with a prefix', () => {
  it('is refused beyond the width of its family', () => {
    assert.ok(parseCidr('10.0.0.1/32'));
    assert.equal(parseCidr('10.0.0.1/33'), undefined);
    assert.ok(parseCidr('fd00::1/128'));
    assert.equal(parseCidr('fd00::1/129'), undefined);
    assert.equal(parseCidr('10.0.0.1'), undefined);
    assert.equal(parseCidr('10.0.0.1/024'), undefined);
  });

  it('contains what shares its prefix, of the same family', () => {
    const network = parseCidr('192.168.1.20/24')!;
    assert.ok(contains(network, parseIp('192.168.1.1')!));
    assert.ok(!contains(network, parseIp('192.168.2.1')!));
    assert.ok(!contains(network, parseIp('::c0a8:101')!));
    assert.ok(contains(parseCidr('fd00:1::5/64')!, parseIp('fd00:1::1')!));
  });

  for (const [text, why] of [
    ['192.168.1.0/24', /network itself/],
    ['192.168.1.255/24', /broadcast/],
    ['127.0.0.2/8', /may have/],
    ['0.0.0.1/8', /may have/],
    ['239.1.1.1/24', /multicast/],
    ['10.0.0.1/0', /prefix of 0/],
    ['::/64', /may have/],
    ['::1/128', /may have/],
    ['ff02::1/16', /multicast/],
  ] as const) {
    it(`${text} may be on no interface`, () => assert.match(unusable(parseCidr(text)!) ?? '', why));
  }
  for (const text of [
    '192.168.1.20/24',
    '10.0.0.0/31',
    '10.0.0.1/31',
    '10.0.0.0/32',
    'fd00::/64',
    '169.254.3.4/16',
  ]) {
    it(`${text} may`, () => assert.equal(unusable(parseCidr(text)!), undefined));
  }
});
