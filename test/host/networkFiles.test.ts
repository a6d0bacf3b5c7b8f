import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { networkFiles } from '../../daemon/host/networkFiles.ts';
import { wifiFileName, wifiFiles } from '../../daemon/host/wifiFiles.ts';
import type { SiteNetwork } from '../../daemon/schema.ts';

/** Name → settings, without comments and empty lines. */
function written(...networks: SiteNetwork[]): Record<string, string[]> {
  return Object.fromEntries(
    networkFiles(networks).map(({ path, content }) => [
      path.replace('/etc/systemd/network/10-walleye-', ''),
      (content ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    ]),
  );
}

describe('systemd-networkd is told', () => {
  it('DHCP on every wired interface, with link-local addresses for cameras as delivered', () => {
    assert.deepEqual(written({}), {
      '01.network': [
        ...['[Match]', 'Type=ether', 'Kind=!*', '[Link]', 'RequiredForOnline=no'],
        ...[
          '[Network]',
          'DHCP=yes',
          'LinkLocalAddressing=yes',
          'MulticastDNS=yes',
          '[DHCPv4]',
          'UseDomains=yes',
        ],
      ],
    });
  });

  it('fixed addresses, gateways and name servers, and no DHCP then', () => {
    const entry = {
      interface: 'enp1s0',
      address: ['192.168.1.20/24', 'fd00::20/64'],
      gateway: ['192.168.1.1', 'fd00::1'],
      dns: ['192.168.1.1'],
    };
    assert.deepEqual(written(entry)['01.network'], [
      ...['[Match]', 'Name=enp1s0', '[Link]', 'RequiredForOnline=no', '[Network]'],
      ...['Address=192.168.1.20/24', 'Address=fd00::20/64', 'Gateway=192.168.1.1', 'Gateway=fd00::1'],
      ...['DNS=192.168.1.1', 'LinkLocalAddressing=yes', 'MulticastDNS=yes'],
      ...['[DHCPv6]', 'UseDNS=no', '[IPv6AcceptRA]', 'UseDNS=no'],
    ]);
  });

  it('to take the site’s name servers instead of those that DHCP offers', () => {
    const lines = written({ dns: ['10.0.0.53'] })['01.network']!;
    assert.deepEqual(lines.slice(lines.indexOf('[DHCPv4]')), [
      ...['[DHCPv4]', 'UseDomains=yes', 'UseDNS=no'],
      ...['[DHCPv6]', 'UseDNS=no', '[IPv6AcceptRA]', 'UseDNS=no'],
    ]);
  });

  for (const [link, match] of [
    ['enp1s0', ['Name=enp1s0']],
    ['enp*', ['Name=enp*', 'Kind=!vlan']],
    ['00:60:E0:12:34:56', ['MACAddress=00:60:e0:12:34:56', 'Kind=!vlan']],
    ['00:60:E0:*', ['Property=ID_NET_NAME_MAC=??x0060e0*', 'Kind=!vlan']],
  ] as const) {
    it(`that ${link} is meant`, () => {
      const lines = written({ interface: link })['01.network']!;
      assert.deepEqual(lines.slice(1, lines.indexOf('[Link]')), match);
    });
  }

  it('all of one interface in one file, its VLANs as devices with files of their own', () => {
    const files = written(
      { interface: 'enp1s0', vlan: 20, address: ['10.20.0.2/16'] },
      { interface: 'enp1s0', address: ['192.168.1.20/24'] },
      { interface: 'enp1s0', vlan: 30 },
    );
    assert.deepEqual(Object.keys(files), [
      '01.network',
      'vlan20.netdev',
      'vlan20.network',
      'vlan30.netdev',
      'vlan30.network',
    ]);
    assert.deepEqual(
      files['01.network']!.filter((line) => /^(Address|VLAN)=/.test(line)),
      ['Address=192.168.1.20/24', 'VLAN=vlan20', 'VLAN=vlan30'],
    );
    assert.deepEqual(files['vlan20.netdev'], ['[NetDev]', 'Name=vlan20', 'Kind=vlan', '[VLAN]', 'Id=20']);
    assert.deepEqual(files['vlan20.network']!.slice(0, 2), ['[Match]', 'Name=vlan20']);
    assert.ok(files['vlan20.network']!.includes('Address=10.20.0.2/16'));
    assert.ok(files['vlan30.network']!.includes('DHCP=yes'));
  });

  it('no address on an interface of which only VLANs are named', () => {
    const lines = written({ interface: 'enp1s0', vlan: 20 })['01.network']!;
    assert.deepEqual(lines.slice(lines.indexOf('[Network]') + 1), [
      'DHCP=no',
      'LinkLocalAddressing=no',
      'IPv6AcceptRA=no',
      'VLAN=vlan20',
    ]);
  });

  it('two devices when two interfaces carry one VLAN', () => {
    const files = written({ interface: 'a', vlan: 20 }, { interface: 'b', vlan: 20 });
    assert.ok(files['01.network']!.includes('VLAN=vlan20'));
    assert.ok(files['02.network']!.includes('VLAN=vlan20-2'));
    assert.ok(files['vlan20-2.netdev']!.includes('Name=vlan20-2'));
  });

  it('exact names before patterns before everything, as the first file that fits wins', () => {
    const files = written({}, { interface: '00:60:*' }, { interface: 'enp*' }, { interface: 'enp1s0' });
    const matches = Object.values(files).map((lines) => lines[1]);
    assert.deepEqual(matches, [
      'Name=enp1s0',
      'Name=enp*',
      'Property=ID_NET_NAME_MAC=??x0060*',
      'Type=ether',
    ]);
  });

  it('of Wi-Fi networks once, however many there are', () => {
    const files = written({ wifi: { ssid: 'a' } }, { wifi: { ssid: 'b' } });
    assert.deepEqual(Object.keys(files), ['01.network']);
    const lines = files['01.network']!;
    assert.ok(
      lines.includes('Type=wlan') &&
        lines.includes('IgnoreCarrierLoss=3s') &&
        lines.includes('RouteMetric=1100'),
    );
  });
});

describe('iwd is told', () => {
  for (const [ssid, name] of [
    ['Lobby guests_2-4', 'Lobby guests_2-4.psk'],
    ['a.b', '=612e62.psk'],
    ['../../etc/x', '=2e2e2f2e2e2f6574632f78.psk'],
    ['會議室', '=e69c83e8adb0e5aea4.psk'],
    ['=41', '=3d3431.psk'],
  ]) {
    it(`the network ${ssid} by the file ${name}`, () => assert.equal(wifiFileName(ssid!, true), name));
  }

  it('a passphrase so that it reads the same again', () => {
    const [file] = wifiFiles([{ wifi: { ssid: 'x', passphrase: '  back\\slash=;# ' } }]);
    assert.equal(file!.content, '[Security]\nPassphrase=\\s\\sback\\\\slash=;#\\s\n');
    assert.equal(file!.mode, 0o600);
  });

  it('an open network', () => {
    const [file] = wifiFiles([{ wifi: { ssid: 'x' } }]);
    assert.deepEqual([file!.path, file!.content], ['/var/lib/iwd/x.open', '[Settings]\nAutoConnect=true\n']);
  });

  it('nothing where it has only added to our file, but everything where the passphrase differs', () => {
    const [file] = wifiFiles([{ wifi: { ssid: 'x', passphrase: 'correct horse' } }]);
    const iwds = '[Security]\nPassphrase=correct horse\nPreSharedKey=00ff\nSAE-PT-Group19=aa\n';
    assert.equal(file!.merge!(iwds), iwds);
    assert.equal(file!.merge!(iwds.replace('horse', 'house')), file!.content);
  });
});
