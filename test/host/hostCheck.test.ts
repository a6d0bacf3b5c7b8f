import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostProblems } from '../../daemon/host/hostCheck.ts';
import type { SiteHost } from '../../daemon/schema.ts';

describe('a host part is refused', () => {
  const network = (...entries: NonNullable<SiteHost['network']>): SiteHost => ({ network: entries });
  const wrong: [string, SiteHost, string, RegExp][] = [
    ['with an unknown time zone', { time_zone: 'Asia/Taipeh' }, 'time_zone', /no time zone.*Asia\/Taipei/],
    ['with an offset for a time zone', { time_zone: '+08:00' }, 'time_zone', /no time zone/],
    ['with a path for a time zone', { time_zone: '/etc/shadow' }, 'time_zone', /no time zone/],
    ['with a domain in the host name', { hostname: 'wall.example' }, 'hostname', /one label/],
    ['with a line break in the host name', { hostname: 'wall\nx' }, 'hostname', /one label/],
    ['with half an address for a time server', { ntp: ['192.168.1'] }, 'ntp[0]', /neither/],
    ['with a blank in a time server', { ntp: ['a', 'b c'] }, 'ntp[1]', /neither/],
    [
      'with an address that is none',
      network({ address: ['192.168.1.300/24'] }),
      'network[0].address[0]',
      /is no address/,
    ],
    [
      'with a prefix out of range',
      network({ address: ['192.168.1.3/33'] }),
      'network[0].address[0]',
      /prefix/,
    ],
    [
      'with the address of the network',
      network({ address: ['192.168.1.0/24'] }),
      'network[0].address[0]',
      /network itself/,
    ],
    [
      'with a gateway elsewhere',
      network({ address: ['192.168.1.20/24', 'fd00::2/64'], gateway: ['192.168.2.1'] }),
      'network[0].gateway[0]',
      /192\.168\.2\.1 lies in no network of 192\.168\.1\.20\/24, fd00::2\/64/,
    ],
    [
      'with a gateway that is itself',
      network({ address: ['192.168.1.20/24'], gateway: ['192.168.1.20'] }),
      'network[0].gateway[0]',
      /itself/,
    ],
    [
      'with a gateway and DHCP',
      network({ gateway: ['192.168.1.1'] }),
      'network[0].gateway[0]',
      /fixed address/,
    ],
    ['with a disk of no name', { recording_disk: { label: 'my disk' } }, 'recording_disk.label', /letters/],
    ['with an export without its path', { recording_disk: { nfs: 'nas' } }, 'recording_disk.nfs', /server:/],
    [
      'with an export that is an option',
      { recording_disk: { nfs: 'nas:/video,suid' } },
      'recording_disk.nfs',
      /commas/,
    ],
    [
      'with a share by an URL',
      { recording_disk: { smb: 'smb://nas/v' } },
      'recording_disk.smb',
      /\/\/server/,
    ],
    [
      'with a password that is an option',
      { recording_disk: { smb: '//nas/v', username: 'u', password: 'a,suid' } },
      'recording_disk.password',
      /no comma/,
    ],
    ['with a name server by name', network({ dns: ['dns.example'] }), 'network[0].dns[0]', /no address/],
    [
      'with an interface of neither kind',
      network({ interface: '00:60:zz' }),
      'network[0].interface',
      /neither a name/,
    ],
    ['with a blank in an interface', network({ interface: 'a b' }), 'network[0].interface', /neither/],
    [
      'with an interface twice',
      network({ interface: 'enp1s0' }, { interface: 'enp1s0', dns: ['1.1.1.1'] }),
      'network[1]',
      /the same as network\[0\]/,
    ],
    [
      'with a MAC address twice, in two spellings',
      network({ interface: '00:60:E0:00:00:01' }, { interface: '00:60:e0:00:00:01' }),
      'network[1]',
      /the same as network\[0\]/,
    ],
    ['with every wired interface twice', network({}, {}), 'network[1]', /the same/],
    ['with a VLAN twice', network({ vlan: 3 }, {}, { vlan: 3 }), 'network[2]', /the same as network\[0\]/],
    [
      'with one address on two interfaces',
      network({ interface: 'a', address: ['10.0.0.1/24'] }, { interface: 'b', address: ['10.0.0.1/8'] }),
      'network[1].address[0]',
      /second time/,
    ],
    ['with a VLAN on Wi-Fi', network({ vlan: 3, wifi: { ssid: 'x' } }), 'network[0].vlan', /no VLAN/],
    [
      'with a VLAN on an interface that has Wi-Fi',
      network({ interface: 'wlan0', wifi: { ssid: 'x' } }, { interface: 'wlan0', vlan: 3 }),
      'network[1]',
      /no VLAN/,
    ],
    ['with Wi-Fi without a name', network({ wifi: { ssid: '' } }), 'network[0].wifi.ssid', /missing/],
    [
      'with a name of Wi-Fi that is too long in UTF-8',
      network({ wifi: { ssid: '會議室會議室會議室會議' } }),
      'network[0].wifi.ssid',
      /33 bytes/,
    ],
    [
      'with a passphrase outside ASCII',
      network({ wifi: { ssid: 'x', passphrase: 'pässword' } }),
      'network[0].wifi.passphrase',
      /ASCII/,
    ],
    [
      'with two Wi-Fi networks that want other addresses of one interface',
      network({ wifi: { ssid: 'a' } }, { wifi: { ssid: 'b' }, address: ['10.0.0.2/24'] }),
      'network[1]',
      /same addresses/,
    ],
    ['with an update source that is no address', { update_source: 'https://' }, 'update_source', /http/],
    ['with a quote in it', { update_source: "https://a/'x" }, 'update_source', /quotes/],
    ['with a $ in it', { update_source: 'https://a/$(x)' }, 'update_source', /quotes/],
    ['with a line break in it', { update_source: 'https://a/\nB=1' }, 'update_source', /quotes/],
    ['with a key that is none', { authorized_keys: ['hello'] }, 'authorized_keys[0]', /type of key/],
    ['with an angle between', { screen_rotation: 45 as 90 }, 'screen_rotation', /0, 90, 180/],
    ['with one of the second', { screen_rotation_2: 1 as 90 }, 'screen_rotation_2', /0, 90, 180/],
  ];
  for (const [what, host, field, message] of wrong) {
    it(what, () => {
      const problems = hostProblems(host);
      assert.deepEqual(
        problems.map((problem) => problem.field),
        [field],
      );
      assert.match(problems[0]!.message, message);
    });
  }

  it('without its passphrase in the sentence', () => {
    const [problem] = hostProblems(network({ wifi: { ssid: 'x', passphrase: 'geheimes Wörtchen' } }));
    assert.ok(!problem!.message.includes('geheim'));
  });
});

describe('a host part is taken', () => {
  const right: [string, SiteHost][] = [
    ['empty', {}],
    ['with UTC', { time_zone: 'UTC' }],
    ['with a zone that has signs in its name', { time_zone: 'Etc/GMT+8' }],
    ['with servers by name, IPv4 and IPv6', { ntp: ['ntp.example', '192.168.1.1', 'fd00::1'] }],
    ['with a link-local gateway', { network: [{ address: ['fd00::2/64'], gateway: ['fe80::1'] }] }],
    [
      'with both families',
      { network: [{ address: ['10.0.0.2/24', 'fd00::2/64'], gateway: ['10.0.0.1', 'fd00::1'] }] },
    ],
    [
      'with one VLAN on two interfaces',
      {
        network: [
          { interface: 'a', vlan: 3 },
          { interface: 'b', vlan: 3 },
        ],
      },
    ],
    ['with several Wi-Fi networks', { network: [{ wifi: { ssid: 'a' } }, { wifi: { ssid: 'b' } }] }],
    ['with a password in the update source', { update_source: 'https://a:b%20c@updates.example/x/' }],
  ];
  for (const [what, host] of right) it(what, () => assert.deepEqual(hostProblems(host), []));
});
