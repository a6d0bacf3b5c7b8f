import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseDeviceAddress, repairSnapshotUri, repairStreamUri } from '../../daemon/camera/onvifAddress.ts';

/** Any bytes as text, as they come from the network. */
const anyText = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString());

describe('the address of a camera', () => {
  const table: [string, ReturnType<typeof parseDeviceAddress>][] = [
    ['192.168.1.64', address({ hostname: '192.168.1.64', port: undefined })],
    [' 192.168.1.64\n', address({ hostname: '192.168.1.64', port: undefined })],
    ['192.168.1.64:8000', address({ hostname: '192.168.1.64', port: 8000 })],
    ['192.168.1.64:80', address({ hostname: '192.168.1.64', port: 80 })],
    ['camera.local', address({ hostname: 'camera.local', port: undefined })],
    ['http://192.168.1.64/onvif/device_service', address({ hostname: '192.168.1.64', port: 80 })],
    ['http://192.168.1.64', address({ hostname: '192.168.1.64', port: 80 })],
    [
      'https://192.168.1.64/onvif',
      address({ hostname: '192.168.1.64', port: 443, secure: true, path: '/onvif' }),
    ],
    [
      'http://[fe80::1]:2020/onvif/service',
      address({ hostname: 'fe80::1', port: 2020, path: '/onvif/service' }),
    ],
    [
      'http://admin:p@ss:w%23rd@192.168.1.64:8080/',
      address({ hostname: '192.168.1.64', port: 8080, username: 'admin', password: 'p@ss:w#rd' }),
    ],
    ['', undefined],
    ['http://', undefined],
    ['rtsp://192.168.1.64/', undefined],
    ['http://a b/', undefined],
  ];
  for (const [text, expected] of table)
    it(`${JSON.stringify(text)} is ${expected ? 'read' : 'refused'}`, () =>
      assert.deepEqual(parseDeviceAddress(text), expected));

  it('of arbitrary text never throws', () => {
    fc.assert(fc.property(anyText, (text) => void parseDeviceAddress(text)));
  });

  function address(fields: object): NonNullable<ReturnType<typeof parseDeviceAddress>> {
    return {
      secure: false,
      hostname: '',
      port: undefined,
      path: '/onvif/device_service',
      username: undefined,
      password: undefined,
      ...fields,
    };
  }
});

describe('the address of a stream (case 30)', () => {
  const table: [string, string, string | undefined][] = [
    [
      'a private host behind NAT',
      'rtsp://10.0.0.5:554/Streaming/Channels/101',
      'rtsp://192.168.1.64:554/Streaming/Channels/101',
    ],
    ['127.0.1.1', 'rtsp://127.0.1.1/live', 'rtsp://192.168.1.64/live'],
    ['line break and blanks around it', '\n   rtsp://192.168.1.64/live  \r\n', 'rtsp://192.168.1.64/live'],
    [
      'an ampersand escaped twice (Dahua)',
      'rtsp://192.168.1.64:554/cam/realmonitor?channel=1&amp;subtype=0&amp;unicast=true',
      'rtsp://192.168.1.64:554/cam/realmonitor?channel=1&subtype=0&unicast=true',
    ],
    ['another port is kept', 'rtsp://0.0.0.0:8554/a', 'rtsp://192.168.1.64:8554/a'],
    ['a doubled port', 'rtsp://192.168.1.64:554:554/a', 'rtsp://192.168.1.64:554/a'],
    ['user and password in it are cut off', 'rtsp://admin:p@ss@10.0.0.5/a@b', 'rtsp://192.168.1.64/a@b'],
    [
      'the path stays byte for byte',
      'RTSP://10.0.0.5/a%2Fb//c;d="1"?x=[y]',
      'rtsp://192.168.1.64/a%2Fb//c;d="1"?x=[y]',
    ],
    ['IPv6 in it', 'rtsp://[fe80::1]:554/a', 'rtsp://192.168.1.64:554/a'],
    ['no path', 'rtsp://10.0.0.5', 'rtsp://192.168.1.64'],
    ['not RTSP', 'http://10.0.0.5/a', undefined],
    ['a line break in the middle', 'rtsp://10.0.0.5/a\r\nX: y', undefined],
    ['text straight after the brackets', 'rtsp://[::1]evil.example/a', undefined],
    ['a port that is none', 'rtsp://10.0.0.5:123456/a', undefined],
    ['empty', '', undefined],
  ];
  for (const [name, uri, expected] of table)
    it(name, () => assert.equal(repairStreamUri(uri, '192.168.1.64'), expected));

  it('takes brackets round an IPv6 host', () => {
    assert.equal(repairStreamUri('rtsp://10.0.0.5:554/a', 'fd00::64'), 'rtsp://[fd00::64]:554/a');
  });

  it('of arbitrary text never throws, and never keeps a foreign host', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const uri of [text, `rtsp://${text}`]) {
          const repaired = repairStreamUri(uri, 'camera');
          assert.ok(repaired === undefined || /^rtsps?:\/\/camera([:/?#]|$)/.test(repaired), repaired);
        }
      }),
    );
  });
});

describe('the address of a snapshot (case 32)', () => {
  it('is repaired in the same way', () => {
    assert.equal(
      repairSnapshotUri(' http://127.0.0.1:81/snap.jpg?a=1&amp;b ', '10.1.1.1'),
      'http://10.1.1.1:81/snap.jpg?a=1&b',
    );
    assert.equal(repairSnapshotUri('rtsp://10.0.0.5/a', '10.1.1.1'), undefined);
  });
});
