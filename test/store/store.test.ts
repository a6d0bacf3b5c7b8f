import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { Transport } from '../../daemon/schema.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { StoreError, type StoreErrorCode } from '../../daemon/store/storeError.ts';
import { cameraRow, contents, streamRow } from './rows.ts';

let store: Store;
beforeEach(() => {
  store?.close();
  store = openStore(':memory:').store;
});
after(() => store.close());

const storeError = (code: StoreErrorCode) => (error: unknown) => {
  assert.ok(error instanceof StoreError, `a raw error: ${error}`);
  assert.equal(error.code, code);
  assert.ok(error.place.length > 0);
  return true;
};

describe('cameras and streams', () => {
  it('come back field by field as they were put in', () => {
    const camera = cameraRow('front', {
      address: 'http://192.168.1.64/onvif/device_service',
      username: 'admin',
      password: 'p@ss\'w/ö"rd',
      manufacturer: 'HIKVISION',
      model: 'DS-2CD2042',
      firmware: 'V5.5.0',
      serial: '123',
      endpoint: 'urn:uuid:1',
    });
    const stream = streamRow('front_sub', 'front', {
      profile: 'sub',
      username: 'admin',
      password: '',
      channel: 1,
      subtype: 0,
      transport: 'udp',
      enabled: false,
      keep_warm: true,
      profile_token: 'Profile_2',
      snapshot_url: 'http://192.168.1.64/snap',
      codec: 'h264',
      width: 640,
      height: 360,
      fps: 12.5,
      position: 1,
    });
    store.insertCamera(camera, [stream]);
    assert.deepEqual(store.camera('front'), camera);
    assert.deepEqual(store.stream('front_sub'), stream);
  });

  it('are listed in the order in which cameras were added, each with its best picture first', () => {
    store.insertCamera(cameraRow('z', { created_at: 1 }), [
      streamRow('z_sub', 'z', { position: 1 }),
      streamRow('z_main', 'z', { position: 0 }),
    ]);
    store.insertCamera(cameraRow('a', { created_at: 2 }), [streamRow('a_main', 'a')]);
    assert.deepEqual(
      store.cameras().map((camera) => camera.id),
      ['z', 'a'],
    );
    assert.deepEqual(
      store.streams().map((stream) => stream.name),
      ['z_main', 'z_sub', 'a_main'],
    );
  });

  it('every transport that the API takes is kept', () => {
    store.insertCamera(cameraRow('c'), [streamRow('c_main', 'c')]);
    for (const { const: transport } of Transport.anyOf) {
      store.updateStream('c_main', { transport });
      assert.equal(store.stream('c_main')?.transport, transport);
    }
  });

  it('a partial update leaves the other fields alone, and null clears one', () => {
    store.insertCamera(cameraRow('c', { username: 'u', password: 'p' }), [streamRow('c_main', 'c')]);
    store.updateCamera('c', { password: null, name: 'New' });
    assert.deepEqual(store.camera('c'), cameraRow('c', { username: 'u', password: null, name: 'New' }));
    store.updateStream('c_main', { keep_warm: true });
    assert.deepEqual(store.stream('c_main'), streamRow('c_main', 'c', { keep_warm: true }));
  });

  it('an update without any field changes nothing, but still misses what is not there', () => {
    store.insertCamera(cameraRow('c'), []);
    store.updateCamera('c', {});
    store.updateCamera('c', { name: undefined } as object);
    assert.deepEqual(store.camera('c'), cameraRow('c'));
    assert.throws(() => store.updateCamera('d', {}), storeError('not_found'));
  });

  it('an update takes no column name from its object', () => {
    store.insertCamera(cameraRow('c'), []);
    store.updateCamera('c', { 'name = 1 --': 'x', id: 'stolen' } as object);
    assert.deepEqual(store.camera('c'), cameraRow('c'));
  });

  it('removing a camera removes its streams and nothing else', () => {
    store.insertCamera(cameraRow('a'), [streamRow('a_main', 'a'), streamRow('a_sub', 'a')]);
    store.insertCamera(cameraRow('b'), [streamRow('b_main', 'b')]);
    store.putLayout({ name: 'l', tiles: [{ x: 0, y: 0, width: 1, height: 1, cameras: ['a'] }] });
    store.deleteCamera('a');
    assert.deepEqual(
      store.streams().map((stream) => stream.name),
      ['b_main'],
    );
    assert.deepEqual(store.layout('l')?.tiles[0]?.cameras, ['a'], 'the tile keeps its place');
  });

  it('a camera whose second stream cannot be stored is not stored at all', () => {
    store.insertCamera(cameraRow('a'), [streamRow('taken', 'a')]);
    const before = contents(store);
    const streams = [streamRow('b_main', 'b'), streamRow('taken', 'b')];
    assert.throws(() => store.insertCamera(cameraRow('b'), streams), storeError('exists'));
    assert.deepEqual(contents(store), before);
  });
});

describe('layouts and wall', () => {
  const tile = {
    x: 0,
    y: 0.5,
    width: 1 / 3,
    height: 0.5,
    cameras: ['a', 'b'],
    dwell_seconds: 7,
    fit: 'cover' as const,
  };

  it('come back as they were put in, the wall in its order', () => {
    store.putLayout({ name: 'b', tiles: [tile] });
    store.putLayout({ name: 'a', tiles: [] });
    const sequence = [
      { layout: 'b', dwell_seconds: 30 },
      { layout: 'a', dwell_seconds: 2.5 },
      { layout: 'b', dwell_seconds: 1 },
    ];
    store.putWall({ sequence });
    assert.deepEqual(store.layouts(), [
      { name: 'a', tiles: [] },
      { name: 'b', tiles: [tile] },
    ]);
    assert.deepEqual(store.layout('b'), { name: 'b', tiles: [tile] });
    assert.deepEqual(store.wall(), { sequence });
  });

  it('a further screen has a wall of its own, or none', () => {
    store.putLayout({ name: 'a', tiles: [] });
    store.putLayout({ name: 'b', tiles: [] });
    const { screenWalls } = store;
    assert.equal(screenWalls.get(2), undefined);
    const second = {
      sequence: ['b', 'a', 'b'].map((layout) => ({ layout, dwell_seconds: 4 })),
      screen_off: [{ days: [1], from: '22:00', to: '06:00' }],
    };
    screenWalls.put(2, { sequence: [{ layout: 'a', dwell_seconds: 1 }], schedule: [] });
    screenWalls.put(2, second);
    screenWalls.put(4, { sequence: [] });
    assert.deepEqual(screenWalls.get(2), second);
    assert.deepEqual(screenWalls.all(), [
      { screen: 2, wall: second },
      { screen: 4, wall: { sequence: [] } },
    ]);
    assert.deepEqual(store.wall(), { sequence: [] }, 'the first one’s is untouched');
    store.deleteLayout('a');
    assert.deepEqual(
      screenWalls.get(2)?.sequence.map(({ layout }) => layout),
      ['b', 'b'],
    );
    const lost = { sequence: [{ layout: 'lost', dwell_seconds: 1 }] };
    assert.throws(() => screenWalls.put(2, lost), { name: 'StoreError', code: 'not_found' });
    assert.throws(() => screenWalls.put(1, { sequence: [] }), { name: 'StoreError', code: 'invalid' });
    assert.equal(screenWalls.get(2)?.sequence.length, 2, 'as it was');
    assert.equal(screenWalls.remove(2), true);
    assert.equal(screenWalls.remove(2), false);
    assert.equal(screenWalls.get(2), undefined);
  });

  it('a new database has no layout and an empty wall', () => {
    assert.deepEqual(store.layouts(), []);
    assert.deepEqual(store.wall(), { sequence: [] });
  });

  it('a replaced layout stays in the wall', () => {
    store.putLayout({ name: 'a', tiles: [] });
    store.putWall({ sequence: [{ layout: 'a', dwell_seconds: 9 }] });
    store.putLayout({ name: 'a', tiles: [tile] });
    assert.deepEqual(store.wall().sequence, [{ layout: 'a', dwell_seconds: 9 }]);
    assert.deepEqual(store.layout('a')?.tiles, [tile]);
  });

  it('a removed layout leaves the wall', () => {
    store.putLayout({ name: 'a', tiles: [] });
    store.putLayout({ name: 'b', tiles: [] });
    store.putWall({ sequence: ['a', 'b', 'a'].map((layout) => ({ layout, dwell_seconds: 9 })) });
    store.deleteLayout('a');
    assert.deepEqual(store.wall().sequence, [{ layout: 'b', dwell_seconds: 9 }]);
  });

  it('a wall that names an unknown layout is refused and the old one stays', () => {
    store.putLayout({ name: 'a', tiles: [] });
    store.putWall({ sequence: [{ layout: 'a', dwell_seconds: 9 }] });
    const wall = { sequence: ['a', 'no'].map((layout) => ({ layout, dwell_seconds: 1 })) };
    assert.throws(() => store.putWall(wall), storeError('not_found'));
    assert.deepEqual(store.wall().sequence, [{ layout: 'a', dwell_seconds: 9 }]);
  });
});

describe('what the database refuses is a StoreError', () => {
  const refusals: [string, StoreErrorCode, (store: Store) => void][] = [
    ['a camera id that is taken', 'exists', (s) => s.insertCamera(cameraRow('c'), [])],
    ['a stream name that is taken', 'exists', (s) => s.insertStream(streamRow('c_main', 'c'))],
    ['a stream of no camera', 'not_found', (s) => s.insertStream(streamRow('x', 'nobody'))],
    ['moving a stream to no camera', 'not_found', (s) => s.updateStream('c_main', { camera_id: 'no' })],
    ['an unknown camera updated', 'not_found', (s) => s.updateCamera('no', { name: 'x' })],
    ['an unknown camera removed', 'not_found', (s) => s.deleteCamera('no')],
    ['an unknown stream updated', 'not_found', (s) => s.updateStream('no', { fps: 1 })],
    ['an unknown stream removed', 'not_found', (s) => s.deleteStream('no')],
    ['an unknown layout removed', 'not_found', (s) => s.deleteLayout('no')],
    ['an empty id', 'invalid', (s) => s.insertCamera(cameraRow(''), [])],
    ['an unknown transport', 'invalid', (s) => s.updateStream('c_main', { transport: 'quic' as 'tcp' })],
    ['a text as number', 'invalid', (s) => s.updateStream('c_main', { width: 'wide' as unknown as number })],
    [
      'a dwell time of nothing',
      'invalid',
      (s) => s.putWall({ sequence: [{ layout: 'l', dwell_seconds: 0 }] }),
    ],
  ];
  for (const [what, code, act] of refusals) {
    it(`${what}: ${code}`, () => {
      store.insertCamera(cameraRow('c'), [streamRow('c_main', 'c')]);
      store.putLayout({ name: 'l', tiles: [] });
      const before = contents(store);
      assert.throws(() => act(store), storeError(code));
      assert.deepEqual(contents(store), before, 'and nothing changed');
    });
  }

  it('any call, check() too, after close(): io; closing twice is fine', () => {
    store.check();
    store.close();
    store.close();
    assert.throws(() => store.check(), storeError('io'));
    assert.throws(() => store.cameras(), storeError('io'));
  });
});
