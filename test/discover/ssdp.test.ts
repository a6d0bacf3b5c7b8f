import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { looksLikeCamera, parseDescription } from '../../daemon/discover/deviceDescription.ts';
import { readSsdpReply } from '../../daemon/discover/ssdpReply.ts';

describe('an SSDP answer (case 22)', () => {
  const location = (LOCATION: string, sender = '192.168.1.64') =>
    readSsdpReply({ LOCATION }, sender).location;

  it('has its description fetched only from the very host that answered, and only over http', () => {
    assert.equal(location('http://192.168.1.64:49152/upnp.xml'), 'http://192.168.1.64:49152/upnp.xml');
    for (const other of [
      'http://192.168.1.1/upnp.xml',
      'http://127.0.0.1:8080/api/cameras',
      'http://192.168.1.64@192.168.1.1/',
      'https://192.168.1.64/upnp.xml',
      'file:///etc/passwd',
      'http://[fe80::1]/upnp.xml',
      'http://camera.local/upnp.xml',
      '',
    ])
      assert.equal(location(other), undefined, other);
  });

  it('may lack USN, or have one that is no UUID (async_upnp_client#97)', () => {
    assert.equal(readSsdpReply({}, '10.0.0.1').udn, undefined);
    assert.equal(readSsdpReply({ USN: 'upnp:rootdevice' }, '10.0.0.1').udn, undefined);
    assert.equal(
      readSsdpReply({ USN: 'uuid:Upnp-BasicDevice-1_0-ACCC8E::upnp:rootdevice' }, '10.0.0.1').udn,
      'uuid:upnp-basicdevice-1_0-accc8e',
    );
  });

  it('with arbitrary headers never throws', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('LOCATION', 'USN', 'ST', 'SERVER', '__proto__'), fc.anything()),
        (headers) => {
          readSsdpReply(headers, '10.0.0.1');
        },
      ),
    );
  });
});

const device = (fields: Record<string, string>) =>
  parseDescription(
    Buffer.from(
      `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>${Object.entries(fields)
        .map(([name, value]) => `<${name}>${value}</${name}>`)
        .join('')}</device></root>`,
    ),
  );

describe('a UPnP device description', () => {
  it('of an Axis gives maker, model, name and MAC', () => {
    assert.deepEqual(
      device({
        deviceType: 'urn:axis-com:device:Basic:1',
        friendlyName: 'AXIS M1065-L - ACCC8E0A0B0C',
        manufacturer: 'AXIS',
        modelName: 'AXIS M1065-L',
        serialNumber: 'ACCC8E0A0B0C',
      }),
      {
        deviceType: 'urn:axis-com:device:Basic:1',
        friendlyName: 'AXIS M1065-L - ACCC8E0A0B0C',
        manufacturer: 'AXIS',
        model: 'AXIS M1065-L',
        serial: 'ACCC8E0A0B0C',
        mac: 'ac:cc:8e:0a:0b:0c',
        words: 'urn:axis-com:device:Basic:1 AXIS M1065-L',
      },
    );
  });

  it('without device, or of anything else, is none', () => {
    for (const text of ['', '<root/>', '<html>404', 'x'.repeat(1000)])
      assert.equal(parseDescription(Buffer.from(text)), undefined);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void parseDescription(bytes)));
  });
});

describe('which SSDP devices are cameras', () => {
  const table: [string, boolean, string, Record<string, string>][] = [
    [
      'DigitalSecurityCamera',
      true,
      '',
      { deviceType: 'urn:schemas-upnp-org:device:DigitalSecurityCamera:1' },
    ],
    ['ONVIF in SERVER', true, 'Linux/3.0 UPnP/1.0 ONVIF/2.4', {}],
    [
      'Axis as plain Basic:1',
      true,
      '',
      { deviceType: 'urn:schemas-upnp-org:device:Basic:1', manufacturer: 'AXIS' },
    ],
    [
      'Hikvision',
      true,
      '',
      {
        deviceType: 'urn:schemas-upnp-org:device:Basic:1',
        manufacturer: 'HIKVISION',
        modelName: 'DS-2CD2042WD-I',
      },
    ],
    [
      'D-Link "Wireless Internet Camera"',
      true,
      '',
      { manufacturer: 'D-Link', modelName: 'DCS-932L', modelDescription: 'Wireless Internet Camera' },
    ],
    ['a recorder', true, '', { manufacturer: 'OEM', modelName: 'NVR-16' }],
    ['"Network Camera"', true, '', { manufacturer: 'Sony', modelName: 'Network Camera' }],
    [
      'a Fritz!Box',
      false,
      'FRITZ!Box UPnP/1.0',
      {
        deviceType: 'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
        manufacturer: 'AVM Berlin',
        modelName: 'FRITZ!Box 7590',
      },
    ],
    [
      'a router named after the cameras',
      false,
      '',
      { deviceType: 'urn:schemas-upnp-org:device:InternetGatewayDevice:1', friendlyName: 'camera-lan' },
    ],
    [
      'a Sony television',
      false,
      '',
      {
        deviceType: 'urn:schemas-upnp-org:device:MediaRenderer:1',
        manufacturer: 'Sony Corporation',
        modelName: 'BRAVIA',
      },
    ],
    [
      'a photo camera with a media server',
      false,
      '',
      { deviceType: 'urn:schemas-upnp-org:device:MediaServer:1', friendlyName: 'Canon Camera' },
    ],
    [
      'a Hue bridge',
      false,
      'Hue/1.0 UPnP/1.0 IpBridge/1.60',
      {
        deviceType: 'urn:schemas-upnp-org:device:Basic:1',
        manufacturer: 'Signify',
        modelName: 'Philips hue bridge',
      },
    ],
    [
      'a NAS',
      false,
      '',
      { deviceType: 'urn:schemas-upnp-org:device:Basic:1', manufacturer: 'Synology', modelName: 'DS920+' },
    ],
    ['a printer', false, '', { deviceType: 'urn:schemas-upnp-org:device:Printer:1', manufacturer: 'HP' }],
  ];
  for (const [name, expected, answer, fields] of table)
    it(`${name}: ${expected ? 'yes' : 'no'}`, () =>
      assert.equal(looksLikeCamera(answer, device(fields)), expected));

  it('a host without a description counts only when its answer says so', () => {
    assert.equal(looksLikeCamera('upnp:rootdevice Linux UPnP/1.0', undefined), false);
    assert.equal(looksLikeCamera('urn:schemas-upnp-org:device:DigitalSecurityCamera:1', undefined), true);
  });
});
