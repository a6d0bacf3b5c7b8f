import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiDeps, FoundDevice } from '../../daemon/api/deps.ts';
import type { Discovery, OnvifDescription } from '../../daemon/schema.ts';
import { call, startApi, until } from './apiServer.ts';
import { camera } from './memoryCameras.ts';

function device(last: number): FoundDevice {
  return {
    id: `urn:uuid:${last}`,
    address: `192.0.2.${last}`,
    onvif_url: `http://192.0.2.${last}/onvif/device_service`,
    xaddrs: [],
    name: `Camera ${last}`,
    hardware: null,
    location: null,
    mac: null,
    manufacturer: null,
    via: ['ws-discovery'],
    interface: 'eth0',
  };
}

function description(address: string): OnvifDescription {
  return {
    address,
    manufacturer: 'Maker',
    model: 'M1',
    firmware: null,
    serial: null,
    hardware: null,
    clock_skew: 0,
    profiles: [],
  };
}

type Search = Parameters<ApiDeps['discover']>[0];

/** A network in which the test says what is found and when the search is over. */
async function network(describeOnvif: ApiDeps['describeOnvif']) {
  const searches: (Search & { finish: (devices: FoundDevice[]) => void })[] = [];
  const api = await startApi({
    discover: (options) => {
      const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<ApiDeps['discover']>>>();
      const finish = (devices: FoundDevice[]) =>
        resolve({ devices, interfaces: ['eth0'], problems: ['wlan0: down'] });
      options.signal?.addEventListener('abort', () => finish([]));
      searches.push({ ...options, finish });
      return promise;
    },
    describeOnvif,
  });
  return { api, searches };
}

test('results arrive one by one, each described over ONVIF with the credentials given', async () => {
  const asked: unknown[] = [];
  const { api, searches } = await network(async ({ address, username, password }) => {
    asked.push([address, username, password]);
    return description(address);
  });
  try {
    const before = await call<Discovery>(api, 'GET', '/api/discovery');
    assert.deepEqual(before.body, {
      running: false,
      started: null,
      seconds: 5,
      interfaces: [],
      problems: [],
      devices: [],
    });
    const started = await call<Discovery>(api, 'POST', '/api/discovery', {
      seconds: 7,
      username: 'u',
      password: 'p',
    });
    assert.equal(started.status, 202);
    assert.equal(started.body.running, true);
    assert.equal(searches[0]?.seconds, 7);
    searches[0]?.found(device(1));
    const first = await until(async () => {
      const { body } = await call<Discovery>(api, 'GET', '/api/discovery');
      return body.devices[0]?.onvif && body;
    }, 'the first camera');
    assert.equal(first.running, true);
    assert.equal(first.devices[0]?.onvif?.model, 'M1');
    searches[0]?.found(device(2));
    searches[0]?.found({ ...device(2), name: 'grew' });
    searches[0]?.finish([device(1), { ...device(2), name: 'grew' }]);
    const last = await until(async () => {
      const { body } = await call<Discovery>(api, 'GET', '/api/discovery');
      return !body.running && body;
    }, 'the end');
    assert.deepEqual(
      last.devices.map(({ name }) => name),
      ['Camera 1', 'grew'],
    );
    assert.deepEqual(last.problems, ['wlan0: down']);
    assert.deepEqual(asked, [
      [device(1).onvif_url, 'u', 'p'],
      [device(2).onvif_url, 'u', 'p'],
    ]);
  } finally {
    await api.close();
  }
});

test('one device that cannot be described costs the others nothing and says why', async () => {
  const { api, searches } = await network(async ({ address }) => {
    if (address.includes('192.0.2.1/'))
      throw Object.assign(new Error('Wrong password.'), { code: 'refused' });
    return description(address);
  });
  try {
    await call(api, 'POST', '/api/discovery');
    searches[0]?.finish([device(1), device(2)]);
    const { devices } = await until(async () => {
      const { body } = await call<Discovery>(api, 'GET', '/api/discovery');
      return !body.running && body;
    }, 'the end');
    assert.deepEqual(devices[0]?.onvif_error, { code: 'refused', message: 'Wrong password.' });
    assert.equal(devices[0]?.onvif, null);
    assert.equal(devices[1]?.onvif?.model, 'M1');
  } finally {
    await api.close();
  }
});

test('four cameras are asked at a time', async () => {
  let asking = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const { api, searches } = await network(async ({ address }) => {
    most = Math.max(most, ++asking);
    await gate.promise;
    asking--;
    return description(address);
  });
  try {
    await call(api, 'POST', '/api/discovery');
    searches[0]?.finish(Array.from({ length: 11 }, (_, index) => device(index + 1)));
    await until(() => asking === 4, 'four at a time');
    gate.resolve();
    const { devices } = await until(async () => {
      const { body } = await call<Discovery>(api, 'GET', '/api/discovery');
      return !body.running && body;
    }, 'the end');
    assert.equal(devices.filter(({ onvif }) => onvif).length, 11);
    assert.equal(most, 4);
  } finally {
    await api.close();
  }
});

test('a second start while a search is running answers with that one', async () => {
  const { api, searches } = await network(async ({ address }) => description(address));
  try {
    const first = await call<Discovery>(api, 'POST', '/api/discovery');
    const second = await call<Discovery>(api, 'POST', '/api/discovery', { seconds: 60 });
    assert.equal(second.status, 202);
    assert.equal(second.body.started, first.body.started);
    assert.equal(searches.length, 1);
  } finally {
    await api.close(); // ends the search
  }
});

test('of several devices behind one address each is named as the camera with its very service address', async () => {
  const { api, searches } = await network(async ({ address }) => description(address));
  try {
    for (const n of [1, 2])
      api.cameras.all.set(`c${n}`, { ...camera(`c${n}`), address: `http://192.0.2.9:800${n}/onvif` });
    await call(api, 'POST', '/api/discovery');
    const behind = (n: number) => {
      const url = `http://192.0.2.9:800${n}/onvif`;
      return { ...device(n), address: '192.0.2.9', onvif_url: url, xaddrs: [url] };
    };
    searches[0]?.finish([behind(2), behind(1), behind(3)]);
    const { devices } = await until(async () => {
      const { body } = await call<Discovery>(api, 'GET', '/api/discovery');
      return !body.running && body;
    }, 'the end');
    assert.deepEqual(
      devices.map((found) => found.camera),
      ['c2', 'c1', null],
    );
  } finally {
    await api.close();
  }
});

test('a device that is a camera already is named as that camera', async () => {
  const { api, searches } = await network(async ({ address }) => description(address));
  try {
    api.cameras.all.set('porch', { ...camera('porch'), address: 'http://192.0.2.1:80/onvif' });
    const [stream] = [
      { name: 'g', profile: 'main', rtsp_url: 'rtsp://192.0.2.2:554/x', state: 'idle' as const },
    ];
    const unknown = { codec: null, width: null, height: null, fps: null };
    api.cameras.all.set('gate', { ...camera('gate'), streams: [{ ...stream, ...unknown }] });
    api.store.insertCamera(
      {
        id: 'moved',
        name: 'moved',
        address: 'http://192.0.2.99/',
        username: null,
        password: null,
        manufacturer: null,
        model: null,
        firmware: null,
        serial: null,
        endpoint: 'urn:uuid:3',
        created_at: 1,
        ptz: false,
      },
      [],
    );
    await call(api, 'POST', '/api/discovery');
    searches[0]?.finish([device(1), device(2), device(3), device(4)]);
    const { devices } = await until(async () => {
      const { body } = await call<Discovery>(api, 'GET', '/api/discovery');
      return !body.running && body;
    }, 'the end');
    assert.deepEqual(
      devices.map((found) => found.camera),
      ['porch', 'gate', 'moved', null],
    );
  } finally {
    await api.close();
  }
});

test('a search that fails says so among its problems', async () => {
  const api = await startApi({
    discover: async () => {
      throw new Error('no interface has an IPv4 address');
    },
  });
  try {
    await call(api, 'POST', '/api/discovery');
    const { body } = await call<Discovery>(api, 'GET', '/api/discovery');
    assert.equal(body.running, false);
    assert.deepEqual(body.problems, ['no interface has an IPv4 address']);
  } finally {
    await api.close();
  }
});

test('other networks are searched address by address; what is no network is refused and begins no search', async () => {
  const { api, searches } = await network(async ({ address }) => description(address));
  try {
    const wrong = await call<{ error: { code: string; message: string } }>(api, 'POST', '/api/discovery', {
      networks: ['192.168.20.0/24', '192.168.300.0/24'],
    });
    assert.equal(wrong.status, 400);
    assert.equal(wrong.body.error.code, 'invalid_network');
    assert.match(wrong.body.error.message, /^"192\.168\.300\.0\/24" is no IPv4 address or network/);
    assert.equal(searches.length, 0);
    const started = await call<Discovery>(api, 'POST', '/api/discovery', {
      networks: ['192.168.20.0/30', '10.1.1.1'],
    });
    assert.equal(started.status, 202);
    assert.deepEqual(searches[0]?.others, {
      addresses: ['192.168.20.1', '192.168.20.2', '10.1.1.1'],
      alone: ['10.1.1.1'],
    });
    searches[0]?.finish([]);
  } finally {
    await api.close();
  }
});
