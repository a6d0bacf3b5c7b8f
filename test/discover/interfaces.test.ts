import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { describe, it } from 'node:test';
import { chooseNetworks } from '../../daemon/discover/interfaces.ts';
import { inNetwork, parseIpv4 } from '../../daemon/discover/ipv4.ts';

const info = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: '255.255.255.0',
  family: 'IPv4',
  mac: '00:00:00:00:00:00',
  internal,
  cidr: null,
});
const host = {
  lo: [info('127.0.0.1', true)],
  eth0: [info('192.168.1.2'), info('10.0.0.2'), { ...info('fe80::1'), family: 'IPv6' as const, scopeid: 1 }],
  wlan0: [{ ...info('fe80::2'), family: 'IPv6' as const, scopeid: 2 }],
};

describe('the interfaces that are searched (case 1)', () => {
  it('are all with IPv4 but loopback, one entry for each address', () => {
    const { networks, problems } = chooseNetworks(host);
    assert.deepEqual(
      networks.map(({ name, address }) => [name, address]),
      [
        ['eth0', '192.168.1.2'],
        ['eth0', '10.0.0.2'],
      ],
    );
    assert.deepEqual(problems, []);
  });
  it('are only those that are named; loopback too, then', () => {
    assert.deepEqual(
      chooseNetworks(host, ['lo']).networks.map(({ address }) => address),
      ['127.0.0.1'],
    );
  });
  it('that do not exist or have no IPv4 address are told about', () => {
    const { networks, problems } = chooseNetworks(host, ['eth9', 'wlan0', 'eth0', '__proto__']);
    assert.equal(networks.length, 2);
    assert.equal(problems.length, 3);
    assert.match(problems[0] ?? '', /^eth9: no such interface/);
    assert.match(problems[1] ?? '', /^wlan0: no IPv4 address/);
  });
});

describe('IPv4 addresses', () => {
  it('are dotted quads and nothing else', () => {
    assert.equal(parseIpv4('255.255.255.255'), 0xffffffff);
    for (const text of ['256.0.0.1', '1.2.3', '1.2.3.4.5', '', 'a.b.c.d', '::1'])
      assert.equal(parseIpv4(text), undefined);
  });
  it('are compared under the netmask', () => {
    const network = { name: 'eth0', address: '192.168.1.2', netmask: '255.255.255.128' };
    assert.equal(inNetwork('192.168.1.100', network), true);
    assert.equal(inNetwork('192.168.1.200', network), false);
  });
});
