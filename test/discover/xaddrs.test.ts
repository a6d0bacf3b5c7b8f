import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseServiceUrl, rankXAddrs } from '../../daemon/discover/xaddrs.ts';

const network = { name: 'eth0', address: '192.168.1.2', netmask: '255.255.255.0' };
const urls = (text: string, sender: string) =>
  rankXAddrs(text.split(' '), sender, network).map(({ url }) => url);

/** Any bytes as text, as they come from the network. */
const anyText = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString());

describe('XAddrs', () => {
  // [case and camera, advertised, UDP source, expected order]
  const table: [string, string, string, string[]][] = [
    [
      'case 11, Hikvision (agsh#93): IPv4 before IPv6',
      'http://[fe80::4ebd:8fff:fe0a:1b2c]/onvif/device_service http://192.168.1.64/onvif/device_service',
      '192.168.1.64',
      ['http://192.168.1.64/onvif/device_service', 'http://[fe80::4ebd:8fff:fe0a:1b2c]/onvif/device_service'],
    ],
    [
      'case 11, Axis (agsh#63): the link-local one stands first and is tried last',
      'http://169.254.119.177/onvif/device_service http://192.168.1.125/onvif/device_service',
      '192.168.1.125',
      ['http://192.168.1.125/onvif/device_service', 'http://169.254.119.177/onvif/device_service'],
    ],
    [
      'case 11, Bosch: http before https of the same host',
      'https://192.168.1.30/onvif/device_service http://192.168.1.30/onvif/device_service',
      '192.168.1.30',
      ['http://192.168.1.30/onvif/device_service', 'https://192.168.1.30/onvif/device_service'],
    ],
    [
      'case 12, go2rtc: 0.0.0.0 becomes the sender, port and path stay',
      'http://0.0.0.0:8080/onvif/device_service',
      '192.168.1.40',
      ['http://192.168.1.40:8080/onvif/device_service'],
    ],
    [
      'case 12, Yi-hack and Dafang: 127.0.0.1 becomes the sender',
      'http://127.0.0.1:8899/onvif/device_service',
      '192.168.1.41',
      ['http://192.168.1.41:8899/onvif/device_service'],
    ],
    [
      'case 12: localhost becomes the sender',
      'http://localhost/onvif/device_service',
      '192.168.1.42',
      ['http://192.168.1.42/onvif/device_service'],
    ],
    [
      'case 12: a public or NAT address is a fallback behind the sender',
      'http://203.0.113.7:8000/onvif/device_service',
      '192.168.1.43',
      ['http://192.168.1.43:8000/onvif/device_service', 'http://203.0.113.7:8000/onvif/device_service'],
    ],
    [
      'case 12: a host name is a fallback behind the sender',
      'http://ipc-7f2a.local/onvif/device_service',
      '192.168.1.44',
      ['http://192.168.1.44/onvif/device_service', 'http://ipc-7f2a.local/onvif/device_service'],
    ],
    [
      'case 12: a doubled port is mended',
      'http://192.168.1.106:8106:8106/onvif/device_service',
      '192.168.1.106',
      ['http://192.168.1.106:8106/onvif/device_service'],
    ],
    [
      'case 13 (hammeraj/onvif PR#11): without a port it is 80, never the port that the reply came from',
      'http://0.0.0.0/onvif/device_service',
      '192.168.1.45',
      ['http://192.168.1.45/onvif/device_service'],
    ],
    [
      'an address of the same subnet goes before the sender put in its place',
      'http://192.168.1.50/onvif/device_service',
      '192.168.1.51',
      ['http://192.168.1.50/onvif/device_service', 'http://192.168.1.51/onvif/device_service'],
    ],
    [
      'only IPv6 or only link-local: the sender is tried first',
      'http://[fe80::1]:8000/onvif/device_service',
      '192.168.1.60',
      ['http://192.168.1.60:8000/onvif/device_service', 'http://[fe80::1]:8000/onvif/device_service'],
    ],
    [
      'missing scheme',
      '192.168.1.61/onvif/device_service',
      '192.168.1.61',
      ['http://192.168.1.61/onvif/device_service'],
    ],
    ['nothing usable', 'ftp://192.168.1.62/ http://[::::/ http:// ""', '192.168.1.62', []],
  ];
  for (const [name, advertised, sender, expected] of table)
    it(`${name}`, () => assert.deepEqual(urls(advertised, sender), expected));

  it('are limited in number, and repeated ones count once', () => {
    const many = Array.from({ length: 500 }, (_, n) => `http://192.168.1.${n % 250}/`);
    assert.ok(rankXAddrs(many, '192.168.1.1', network).length <= 32);
    assert.equal(urls('http://192.168.1.5/a http://192.168.1.5/a', '192.168.1.5').length, 1);
  });

  it('never carry a user name or password out', () => {
    assert.deepEqual(urls('http://admin:secret@192.168.1.5/onvif', '192.168.1.5'), [
      'http://192.168.1.5/onvif',
    ]);
  });

  it('of arbitrary text never throw', () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        for (const { url } of rankXAddrs(
          [...texts, ...texts.map((text) => `http://${text}`)],
          '10.0.0.1',
          network,
        ))
          assert.ok(/^https?:/.test(url));
      }),
    );
  });
});

describe('parseServiceUrl', () => {
  it('refuses what is too long or not HTTP', () => {
    assert.equal(parseServiceUrl(`http://a/${'x'.repeat(600)}`), undefined);
    assert.equal(parseServiceUrl('rtsp://192.168.1.1/'), undefined);
  });
});
