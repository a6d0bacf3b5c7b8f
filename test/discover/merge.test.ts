import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DeviceMerger, type Sighting } from '../../daemon/discover/merge.ts';

const URL_A = 'http://192.168.1.64/onvif/device_service';
const wsd = (fields: Partial<Sighting>): Sighting => ({
  via: 'ws-discovery',
  address: '192.168.1.64',
  interface: 'eth0',
  xaddrs: [{ url: URL_A, rank: 0 }],
  ...fields,
});
const ssdp = (fields: Partial<Sighting>): Sighting => ({
  via: 'ssdp',
  address: '192.168.1.64',
  interface: 'eth0',
  xaddrs: [],
  ...fields,
});

describe('merging discovery replies (cases 14 and 22)', () => {
  it('makes one device of the answers to three probes, and reports it once', () => {
    const merger = new DeviceMerger();
    assert.ok(merger.add(wsd({ endpoint: 'urn:uuid:a' })));
    assert.equal(merger.add(wsd({ endpoint: 'urn:uuid:a' })), undefined);
    assert.equal(merger.add(wsd({ endpoint: 'urn:uuid:a' })), undefined);
    assert.equal(merger.devices().length, 1);
  });

  it('tells several devices behind one address apart by the UUID that UPnP and ONVIF share', () => {
    const uuid = (n: number) => `0000000${n}-1111-2222-3333-444444444444`;
    const merger = new DeviceMerger();
    for (const n of [1, 2])
      merger.add(
        wsd({ endpoint: `urn:uuid:${uuid(n)}`, xaddrs: [{ url: `http://192.168.1.64:${n}/`, rank: 0 }] }),
      );
    merger.settle();
    merger.add(ssdp({ udn: `uuid:${uuid(2).toUpperCase()}`, serial: 'B' }));
    merger.add(ssdp({ udn: `uuid:${uuid(1)}`, serial: 'A', mac: 'aa:bb:cc:dd:ee:ff' }));
    assert.deepEqual(
      merger.devices().map(({ id, via }) => [id, via]),
      [1, 2].map((n) => [`urn:uuid:${uuid(n)}`, ['ws-discovery', 'ssdp']]),
    );
  });

  it('adds what later answers of the same endpoint bring (sane-airscan#44)', () => {
    const merger = new DeviceMerger();
    merger.add(
      wsd({
        endpoint: 'urn:uuid:a',
        address: '169.254.7.7',
        xaddrs: [{ url: 'http://169.254.7.7/o', rank: 1 }],
      }),
    );
    const grown = merger.add(wsd({ endpoint: 'urn:uuid:a', name: 'Gate', interface: 'eth1' }));
    assert.equal(grown?.id, 'urn:uuid:a');
    assert.equal(grown?.name, 'Gate');
    // Axis (agsh#63): the routable address wins, though it came later.
    assert.equal(grown?.address, '192.168.1.64');
    assert.equal(grown?.interface, 'eth1');
    assert.deepEqual(grown?.xaddrs, [URL_A, 'http://169.254.7.7/o']);
    assert.equal(grown?.onvif_url, URL_A);
  });

  it('joins SSDP and WS-Discovery of one host, in either order', () => {
    for (const order of [0, 1]) {
      const merger = new DeviceMerger();
      const replies = [
        wsd({ endpoint: 'urn:uuid:a', name: 'from WSD' }),
        ssdp({ name: 'from SSDP', manufacturer: 'AXIS', mac: 'ac:cc:8e:00:00:01', serial: 'ACCC8E000001' }),
      ];
      for (const reply of order === 0 ? replies : replies.reverse()) merger.add(reply);
      const [device, ...more] = merger.devices();
      assert.equal(more.length, 0);
      assert.deepEqual(device, {
        id: 'urn:uuid:a',
        address: '192.168.1.64',
        onvif_url: URL_A,
        xaddrs: [URL_A],
        name: 'from WSD',
        hardware: null,
        location: null,
        mac: 'ac:cc:8e:00:00:01',
        manufacturer: 'AXIS',
        via: ['ws-discovery', 'ssdp'],
        interface: 'eth0',
      });
    }
  });

  it('keys a device without endpoint by MAC, else by address', () => {
    const merger = new DeviceMerger();
    merger.settle();
    assert.equal(merger.add(wsd({ mac: '4c:bd:8f:00:00:01' }))?.id, '4c:bd:8f:00:00:01');
    assert.equal(merger.add(wsd({ address: '192.168.1.65', xaddrs: [] }))?.id, '192.168.1.65');
    assert.equal(
      merger.add(wsd({ mac: '4c:bd:8f:00:00:01', address: '192.168.1.66', xaddrs: [] })),
      undefined,
    );
    assert.equal(merger.devices().length, 2);
  });

  it('keeps a device without endpoint back until settle(), so that its id need not change', () => {
    const merger = new DeviceMerger();
    assert.equal(merger.add(ssdp({ serial: '1', manufacturer: 'AXIS' })), undefined);
    assert.equal(merger.add(ssdp({ serial: '2', manufacturer: 'AXIS', address: '192.168.1.65' })), undefined);
    assert.equal(merger.add(wsd({ endpoint: 'urn:uuid:a' }))?.id, 'urn:uuid:a');
    assert.deepEqual(
      merger.settle().map(({ id }) => id),
      ['192.168.1.65'],
    );
    // Too late for another id.
    assert.equal(
      merger.add(wsd({ endpoint: 'urn:uuid:b', address: '192.168.1.65', xaddrs: [] }))?.id,
      '192.168.1.65',
    );
  });

  it('keeps apart two cameras behind one address, and clones with one endpoint but different MACs', () => {
    const merger = new DeviceMerger();
    merger.add(wsd({ endpoint: 'urn:uuid:a', xaddrs: [{ url: 'http://192.168.1.64:8001/o', rank: 0 }] }));
    merger.add(wsd({ endpoint: 'urn:uuid:b', xaddrs: [{ url: 'http://192.168.1.64:8002/o', rank: 0 }] }));
    assert.equal(merger.devices().length, 2);
    merger.add(wsd({ endpoint: 'urn:uuid:c', mac: '00:00:00:00:00:01', address: '10.0.0.1', xaddrs: [] }));
    merger.add(wsd({ endpoint: 'urn:uuid:c', mac: '00:00:00:00:00:02', address: '10.0.0.2', xaddrs: [] }));
    const ids = merger.devices().map(({ id }) => id);
    assert.equal(ids.length, 4);
    assert.equal(new Set(ids).size, 4);
  });

  it('knows a camera again that invents a new endpoint for every answer by its service address', () => {
    const merger = new DeviceMerger();
    merger.add(wsd({ endpoint: 'urn:uuid:a' }));
    merger.add(wsd({ endpoint: 'urn:uuid:b' }));
    assert.equal(merger.devices().length, 1);
  });

  it('tells two SSDP devices behind one address apart by their serial numbers', () => {
    const merger = new DeviceMerger();
    merger.settle();
    merger.add(ssdp({ serial: '1' }));
    merger.add(ssdp({ serial: '2' }));
    merger.add(ssdp({ serial: '1' }));
    assert.deepEqual(
      merger.devices().map(({ id }) => id),
      ['192.168.1.64', '192.168.1.64-2'],
    );
  });

  it('stays bounded, and ids stay unique and steady, whatever comes', () => {
    const name = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
    const sighting = fc.record({
      via: fc.constantFrom('ws-discovery' as const, 'ssdp' as const),
      address: fc.constantFrom('10.0.0.1', '10.0.0.2', '169.254.0.1'),
      interface: fc.constantFrom('eth0', 'eth1'),
      endpoint: name,
      mac: name,
      serial: name,
      name,
      xaddrs: fc.array(fc.record({ url: fc.webUrl(), rank: fc.nat(6) }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(sighting, { maxLength: 60 }), fc.nat(60), (sightings, settleAt) => {
        const merger = new DeviceMerger();
        const seen = new Set<string>();
        sightings.forEach((one, index) => {
          if (index === settleAt) merger.settle().forEach(({ id }) => void seen.add(id));
          const device = merger.add(one);
          if (device) seen.add(device.id);
        });
        const ids = merger.devices().map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length);
        assert.deepEqual([...seen].sort(), [...ids].sort());
        assert.ok(merger.devices().every(({ xaddrs }) => xaddrs.length <= 16));
      }),
    );
    const merger = new DeviceMerger();
    for (let n = 0; n < 3000; n += 1)
      merger.add(wsd({ endpoint: `urn:uuid:${n}`, address: `10.0.${n >> 8}.${n & 255}`, xaddrs: [] }));
    assert.equal(merger.devices().length, 1024);
  });
});
