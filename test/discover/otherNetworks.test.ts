import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MOST_ADDRESSES, otherAddresses } from '../../daemon/discover/otherNetworks.ts';

describe('addresses of other networks (case 21)', () => {
  const count = (...texts: string[]) => {
    const found = otherAddresses(texts);
    return typeof found === 'string' ? found : found.addresses.length;
  };

  it('are those of each network but its first and last, and those that are named', () => {
    assert.deepEqual(otherAddresses(['192.168.20.5/30', ' 10.0.0.7 ', '10.0.0.7', '172.16.255.254/31']), {
      addresses: ['192.168.20.5', '192.168.20.6', '10.0.0.7', '172.16.255.254', '172.16.255.255'],
      alone: ['10.0.0.7'],
    });
    assert.deepEqual(otherAddresses([]), { addresses: [], alone: [] });
    assert.equal(count('192.168.20.0/24'), 254);
    assert.equal(count('192.168.20.77/22'), 1022);
  });

  it('are no more than a search has time for', () => {
    assert.match(String(count('10.0.0.0/21')), /more than 1024/);
    assert.match(String(count('10.0.0.0/8')), /more than 1024/);
    assert.match(String(count('10.0.0.0/23', '10.0.2.0/23', '10.0.4.0/27')), /more than 1024/);
    assert.equal(count('10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24', '10.0.3.0/24'), 1016);
  });

  it('are addresses that a camera may have, written as addresses are', () => {
    for (const text of [
      '',
      'camera.lan',
      '192.168.1',
      '192.168.1.256',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/-1',
      '10.0.0.0/8/8',
      'fe80::1',
    ])
      assert.match(String(count(text)), /is no IPv4 address or network, such as/, text);
    for (const text of ['0.0.0.0', '0.1.2.3/30', '224.0.0.1', '239.255.255.250', '255.255.255.255'])
      assert.match(String(count(text)), /no camera has/, text);
  });

  it('whatever is written: a sentence or at most 1024 addresses', () => {
    const octet = fc.integer({ min: 0, max: 256 });
    const network = fc
      .tuple(octet, octet, octet, octet, fc.integer({ min: 0, max: 33 }))
      .map(([a, b, c, d, bits]) => `${a}.${b}.${c}.${d}/${bits}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(network, fc.string()), { maxLength: 5 }), (texts) => {
        const found = otherAddresses(texts);
        assert.ok(typeof found === 'string' || found.addresses.length <= MOST_ADDRESSES);
      }),
    );
  });
});
