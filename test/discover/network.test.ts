/** Discovery on real Ethernet: hosts in network namespaces on two bridges. Needs root. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CameraHost } from '../network/cameraHost.ts';
import { namespacesUnavailable, TestNetwork } from '../network/namespaces.ts';
import type { SearchOutput } from '../network/searchHost.ts';
import type { VirtualProfile } from '../virtual-camera/onvifService.ts';

const LOGIN = { username: 'admin', password: 'pass&wörd' };
const cameraHost = fileURLToPath(new URL('../network/cameraHost.ts', import.meta.url));
const searchHost = fileURLToPath(new URL('../network/searchHost.ts', import.meta.url));

const id = (n: number): string => `0000000${n}-1111-2222-3333-444444444444`;
const profiles = (rtsp: string): VirtualProfile[] => [
  {
    token: 'main',
    name: 'main',
    width: 1280,
    height: 720,
    fps: 15,
    codec: 'h264',
    bitrate: 2048,
    gop: 30,
    rtspUrl: `${rtsp}/main`,
  },
  {
    token: 'sub',
    name: 'sub',
    width: 640,
    height: 360,
    fps: 15,
    codec: 'h264',
    bitrate: 512,
    gop: 15,
    rtspUrl: `${rtsp}/sub`,
  },
];

describe('discovery on two networks', { skip: namespacesUnavailable() }, () => {
  let network: TestNetwork;
  let output: SearchOutput;

  before(async () => {
    network = await TestNetwork.create();
    await Promise.all([network.bridge('a'), network.bridge('b')]);
    const camera = async (name: string, addresses: string[], argument: CameraHost): Promise<void> => {
      const links = addresses.map((address) => ({
        bridge: address.startsWith('10.77.1.') ? 'a' : 'b',
        address: `${address}/24`,
      }));
      const host = await network.host(name, links);
      await host.start(cameraHost, argument);
    };
    await Promise.all([
      camera('plain', ['10.77.1.11'], {
        onvif: {
          name: 'Plain',
          host: '10.77.1.11',
          port: 80,
          ...LOGIN,
          clockSkewSeconds: 3600,
          profiles: profiles('rtsp://10.77.1.11:554'),
        },
        discovery: {
          interfaces: ['10.77.1.11'],
          uuid: id(1),
          name: 'Front door',
          xaddrs: ['http://10.77.1.11/onvif/device_service'],
        },
      }),
      // Yi-hack: advertises 127.0.0.1, and its stream stands at a host of another network.
      camera('confused', ['10.77.2.12'], {
        onvif: {
          name: 'Confused',
          host: '10.77.2.12',
          port: 8000,
          ...LOGIN,
          profiles: profiles('rtsp://192.168.0.9:8554'),
        },
        discovery: {
          interfaces: ['10.77.2.12'],
          uuid: id(2),
          name: 'Yard',
          xaddrs: ['http://127.0.0.1:8000/onvif/device_service'],
        },
      }),
      // Axis: two cables, three answers to each probe, the link-local address first.
      camera('twohomed', ['10.77.1.13', '10.77.2.13'], {
        onvif: {
          name: 'Twohomed',
          host: '0.0.0.0',
          port: 80,
          ...LOGIN,
          profiles: profiles('rtsp://10.77.1.13:554'),
        },
        discovery: {
          interfaces: ['10.77.1.13', '10.77.2.13'],
          uuid: id(3),
          name: 'Gate',
          fault: 'duplicate',
          xaddrs: [
            'http://169.254.119.177/onvif/device_service',
            'http://10.77.1.13/onvif/device_service',
            'http://10.77.2.13/onvif/device_service',
          ],
        },
      }),
      // As a Hikvision that dislikes the probe: found at its usual address.
      camera('faulty', ['10.77.2.14'], {
        onvif: {
          name: 'Faulty',
          host: '10.77.2.14',
          port: 80,
          ...LOGIN,
          profiles: profiles('rtsp://10.77.2.14'),
        },
        discovery: {
          interfaces: ['10.77.2.14'],
          uuid: id(4),
          name: 'Faulty',
          xaddrs: [],
          fault: 'fault',
          protocols: ['ws-discovery'],
        },
      }),
      // Axis M1034-W: half of its answer arrives.
      camera('half', ['10.77.1.15'], {
        onvif: {
          name: 'Half',
          host: '10.77.1.15',
          port: 80,
          ...LOGIN,
          profiles: profiles('rtsp://10.77.1.15'),
        },
        discovery: {
          interfaces: ['10.77.1.15'],
          uuid: id(5),
          name: 'Half',
          xaddrs: ['http://10.77.1.15/onvif/device_service'],
          fault: 'half',
          protocols: ['ws-discovery'],
        },
      }),
      camera('garbage', ['10.77.1.66'], {
        discovery: {
          interfaces: ['10.77.1.66'],
          uuid: id(6),
          name: 'Garbage',
          xaddrs: ['http://10.77.1.66/onvif/device_service'],
          fault: 'garbage',
        },
      }),
      camera('silent', ['10.77.2.77'], {
        onvif: { name: 'Silent', host: '10.77.2.77', port: 80, profiles: [] },
        discovery: { interfaces: ['10.77.2.77'], uuid: id(7), name: 'Silent', xaddrs: [], fault: 'silent' },
      }),
    ]);
    const searcher = await network.host('walleye', [
      { bridge: 'a', address: '10.77.1.2/24' },
      { bridge: 'b', address: '10.77.2.2/24' },
    ]);
    const child = searcher.spawn(process.execPath, [searchHost, JSON.stringify({ seconds: 5, ...LOGIN })]);
    let text = '';
    for await (const chunk of child.stdout ?? []) text += String(chunk);
    output = JSON.parse(text) as SearchOutput;
  });

  after(async () => {
    await network?.close();
  });

  const device = (n: number) => output.devices.find((found) => found.id === `urn:uuid:${id(n)}`);

  it('finds the three cameras of both networks, with their profiles, within the five seconds', () => {
    assert.deepEqual(output.interfaces, ['eth0', 'eth1']);
    assert.deepEqual(output.problems, []);
    for (const [n, interfaces] of [
      [1, ['eth0']],
      [2, ['eth1']],
      [3, ['eth0', 'eth1']],
    ] as const) {
      const found = device(n);
      assert.ok(found, `camera ${n} was found`);
      assert.ok((interfaces as readonly string[]).includes(found.interface));
      const description = output.described[found.id];
      assert.ok(description, `camera ${n} was described: ${output.errors[found.id]}`);
      assert.deepEqual(
        description.profiles.map((p) => [p.token, p.codec, p.width, p.height, p.fps]),
        [
          ['main', 'h264', 1280, 720, 15],
          ['sub', 'h264', 640, 360, 15],
        ],
      );
    }
    const skew = output.described[device(1)?.id ?? '']?.clock_skew ?? 0;
    assert.ok(Math.abs(skew - 3600) <= 1, `clock skew ${skew}`);
  });

  it('finds nothing at the host that answers garbage, nor at the silent one', () => {
    const addresses = output.devices.map((found) => found.address);
    assert.ok(!addresses.includes('10.77.1.66'));
    assert.ok(!addresses.includes('10.77.2.77'));
    assert.equal(output.devices.length, 5);
  });

  it('replaces 127.0.0.1 in XAddrs and a foreign host in stream addresses by the host that answered (Yi-hack)', () => {
    assert.equal(device(2)?.onvif_url, 'http://10.77.2.12:8000/onvif/device_service');
    assert.equal(output.described[device(2)?.id ?? '']?.profiles[0]?.rtsp_url, 'rtsp://10.77.2.12:8554/main');
  });

  it('merges all answers of a camera with two cables, its link-local address last (Axis)', () => {
    const found = device(3);
    const own = ['http://10.77.1.13/onvif/device_service', 'http://10.77.2.13/onvif/device_service'];
    assert.deepEqual(found?.xaddrs.slice(0, 2).sort(), own);
    assert.equal(found?.xaddrs.at(-1), 'http://169.254.119.177/onvif/device_service');
    assert.deepEqual(found?.via, ['ws-discovery', 'ssdp']);
  });

  it('finds a camera that answers probes only by SOAP faults at its usual address', () => {
    const found = output.devices.find(({ address }) => address === '10.77.2.14');
    assert.equal(found?.onvif_url, 'http://10.77.2.14/onvif/device_service');
    assert.equal(output.described[found?.id ?? '']?.profiles.length, 2);
  });

  it('finds a camera of whose answer only half arrives (Axis M1034-W)', () => {
    const found = output.devices.find(({ address }) => address === '10.77.1.15');
    assert.equal(found?.onvif_url, 'http://10.77.1.15/onvif/device_service');
    assert.equal(output.described[found?.id ?? '']?.profiles.length, 2);
  });

  it('joins no multicast group while it searches (IGMP snooping, python-ws-discovery#40)', () => {
    assert.match(output.groups, /eth0/);
    // 239.255.255.250 as the kernel writes it.
    assert.doesNotMatch(output.groups, /FAFFFFEF/i);
  });
});
