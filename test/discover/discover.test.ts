/** The whole search on loopback. Other tests may search there at the same time: each looks for its own camera only. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { discover } from '../../daemon/discover/discover.ts';
import type { FoundDevice } from '../../daemon/discover/merge.ts';
import {
  type DiscoveryOptions,
  probeMatchesXml,
  startDiscoveryResponder,
} from '../virtual-camera/discoveryResponder.ts';

const log = pino({ level: 'silent' });
const XADDR = 'http://127.0.0.1:8899/onvif/device_service';

async function responder(t: TestContext, options: Partial<DiscoveryOptions> = {}) {
  const uuid = crypto.randomUUID();
  const running = await startDiscoveryResponder({
    interfaces: ['127.0.0.1'],
    uuid,
    name: `Camera ${uuid}`,
    xaddrs: [XADDR.replace('8899', String(20_000 + Math.floor(Math.random() * 20_000)))],
    protocols: ['ws-discovery'],
    ...options,
  });
  t.after(() => running.close());
  return { ...running, uuid, id: `urn:uuid:${uuid}` };
}

/** Searches until that device is found, or for `seconds`. */
async function find(id: string, seconds = 4): Promise<FoundDevice | undefined> {
  const done = new AbortController();
  let device: FoundDevice | undefined;
  await discover({
    interfaces: ['lo'],
    seconds,
    signal: done.signal,
    log,
    found: (found) => {
      if (found.id !== id) return;
      device = found;
      done.abort();
    },
  });
  return device;
}

describe('a search', () => {
  it('finds a camera on a named interface, with name and hardware from its scopes', async (t) => {
    const camera = await responder(t, {
      name: 'Front door',
      hardware: 'IPC-1',
      location: 'entrance',
      mac: '4c:bd:8f:00:00:01',
    });
    const device = await find(camera.id);
    assert.deepEqual(
      [device?.name, device?.hardware, device?.location, device?.mac],
      ['Front door', 'IPC-1', 'entrance', '4c:bd:8f:00:00:01'],
    );
    assert.equal(device?.interface, 'lo');
    assert.equal(device?.address, '127.0.0.1');
  });

  it('repeats its three probes, so that a camera which misses the first round is found (case 5)', async (t) => {
    let missed = 0;
    const uuid = crypto.randomUUID();
    const camera = await responder(t, {
      message: (relatesTo) => {
        missed += 1;
        return missed <= 3
          ? ' '
          : probeMatchesXml({ uuid, name: 'Sleepy', xaddrs: ['http://127.0.0.1:7777/o'] }, relatesTo);
      },
    });
    assert.ok(await find(`urn:uuid:${uuid}`));
    assert.ok(camera.probes.length > 3);
  });

  it('sends each kind of probe three times in its window, each under an id of its own (cases 5 and 6)', async (t) => {
    const camera = await responder(t);
    await discover({ interfaces: ['lo'], seconds: 1, log, found: () => {} });
    for (const types of ['<d:Types>dn:NetworkVideoTransmitter<', '<d:Types>tds:Device<', '<d:Types/>'])
      assert.ok(camera.probes.filter((probe) => probe.includes(types)).length >= 3, types);
    const ids = camera.probes.map((probe) => /MessageID>([^<]*)</.exec(probe)?.[1]);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('goes on when others answer garbage, faults and half messages (case 19: agsh rejects the whole scan)', async (t) => {
    await responder(t, { fault: 'garbage', protocols: ['ws-discovery', 'ssdp'] });
    await responder(t, { fault: 'fault' });
    await responder(t, { fault: 'half' });
    const camera = await responder(t);
    assert.ok(await find(camera.id));
  });

  it('finds a camera by SSDP alone and tells maker, model and MAC (case 22)', async (t) => {
    const camera = await responder(t, {
      protocols: ['ssdp'],
      ssdp: { manufacturer: 'AXIS', model: 'M1065-L', serial: crypto.randomUUID().slice(0, 8) },
    });
    let device: FoundDevice | undefined;
    const done = new AbortController();
    await discover({
      interfaces: ['lo'],
      seconds: 3,
      signal: done.signal,
      log,
      found: (found) => {
        if (found.name !== `Camera ${camera.uuid}`) return;
        device = found;
        done.abort();
      },
    });
    assert.deepEqual([device?.manufacturer, device?.hardware], ['AXIS', 'M1065-L']);
    assert.ok(device?.via.includes('ssdp'));
  });

  it('leaves out an SSDP device that is no camera', async (t) => {
    const router = await responder(t, {
      protocols: ['ssdp'],
      ssdp: {
        deviceType: 'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
        manufacturer: 'AVM',
        model: 'FRITZ!Box',
      },
    });
    const { devices } = await discover({ interfaces: ['lo'], seconds: 2, log, found: () => {} });
    assert.ok(!devices.some(({ name }) => name === `Camera ${router.uuid}`));
  });

  it('finds the camera among thousands of datagrams from a chatterbox (case 20)', async (t) => {
    const camera = await responder(t);
    const chatterbox = createSocket({ type: 'udp4', reuseAddr: true });
    const mouth = createSocket('udp4');
    t.after(() => {
      chatterbox.close();
      mouth.close();
    });
    await new Promise<void>((resolve) => mouth.bind(0, '127.0.0.66', resolve));
    await new Promise<void>((resolve) => chatterbox.bind(3702, resolve));
    chatterbox.addMembership('239.255.255.250', '127.0.0.1');
    const fake = probeMatchesXml({ uuid: 'fake', name: 'fake', xaddrs: [XADDR] }, 'x');
    let sent = 0;
    chatterbox.on('message', (_data, { port, address }) => {
      for (; sent % 1000 !== 999; sent += 1)
        mouth.send(fake.replace('uuid:fake', `uuid:fake-${sent}`), port, address);
      sent += 1;
    });
    const { devices } = await discover({ interfaces: ['lo'], seconds: 1, log, found: () => {} });
    assert.ok(sent >= 1000);
    assert.ok(devices.some(({ id }) => id === camera.id));
  });

  it('ends early when it is aborted, and at once when it was aborted before', async (t) => {
    const camera = await responder(t);
    const done = new AbortController();
    const { devices } = await discover({
      interfaces: ['lo'],
      seconds: 3600,
      signal: done.signal,
      log,
      found: ({ id }) => id === camera.id && done.abort(),
    });
    assert.ok(devices.some(({ id }) => id === camera.id));
    const none = await discover({
      interfaces: ['lo'],
      seconds: 3600,
      signal: AbortSignal.abort(),
      log,
      found: () => {},
    });
    assert.deepEqual(none.devices, []);
  });

  it('tells which interfaces could not be searched, and searches the others', async () => {
    const { interfaces, problems } = await discover({
      interfaces: ['nosuch0', 'lo'],
      seconds: 0.2,
      log,
      found: () => {},
    });
    assert.deepEqual(interfaces, ['lo']);
    assert.match(problems.join(), /nosuch0/);
  });

  it('is not ended by a listener that throws', async (t) => {
    const camera = await responder(t);
    let calls = 0;
    const { devices } = await discover({
      interfaces: ['lo'],
      seconds: 1.5,
      log,
      found: () => {
        calls += 1;
        throw new Error('listener');
      },
    });
    assert.ok(calls > 0);
    assert.ok(devices.some(({ id }) => id === camera.id));
  });
});
