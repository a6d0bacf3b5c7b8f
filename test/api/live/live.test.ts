import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { LiveEvent } from '../../../daemon/schema.ts';
import { type ApiServer, call, startApi, until } from '../apiServer.ts';
import { LiveClient } from './liveClient.ts';

const JPEG = { width: 320, height: 180 };
let api: ApiServer;
let sequence = 0;

const publish = (stream: string, text = 'jpeg', age = 0) => {
  const now = performance.now();
  const frame = { data: Buffer.from(text), sequence: ++sequence, receivedAt: now - age, decodedAt: now };
  api.cameras.hub(stream).publish(frame);
};
const clients: LiveClient[] = [];
const connect = () => connectTo({}).opened();
function connectTo(options: { path?: string }): LiveClient {
  const client = new LiveClient(api.port, options);
  clients.push(client);
  return client;
}

before(async () => {
  api = await startApi();
  for (const name of ['door', 'yard'])
    await call(api, 'POST', '/api/streams', { name, rtsp_url: `rtsp://192.0.2.7/${name}` });
});
beforeEach(() => api.cameras.hubs.clear());
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await until(() => api.cameras.leases === 0, 'everything to be given back');
});
after(() => api.close());

describe('the live socket', () => {
  it('greets with the version of its protocol and the box’s clock', async () => {
    const client = await connect();
    await until(() => client.told[0], 'the greeting');
    const [hello] = client.of('hello');
    assert.equal(hello?.version, 1);
    assert.ok(Math.abs((hello?.now ?? 0) - Date.now()) < 5_000);
    client.say({ type: 'ping', at: 17.5 });
    const pong = await until(() => client.of('pong')[0], 'the answer');
    assert.equal(pong.at, 17.5);
  });

  it('sends the pictures of many tiles on one connection, each with its tile, its feed and its time', async () => {
    const client = await connect();
    for (const [tile, stream] of [
      [3, 'door'],
      [9, 'yard'],
    ] as const)
      client.say({ type: 'open', tile, stream, formats: ['jpeg'], ...JPEG });
    await until(() => client.of('tile').length === 2, 'both tiles');
    assert.deepEqual(
      client.of('tile').map(({ tile, stream, format, reason }) => [tile, stream, format, reason]),
      [
        [3, 'door', 'jpeg', 'wished'],
        [9, 'yard', 'jpeg', 'wished'],
      ],
    );
    assert.deepEqual(
      client.of('state').map(({ tile, state }) => [tile, state]),
      [
        [3, 'idle'],
        [9, 'idle'],
      ],
    );
    publish('door', 'at the door', 2_000);
    publish('yard', 'in the yard');
    await until(() => client.parts.length >= 2, 'two pictures');
    const [door, yard] = [3, 9].map((tile) => client.parts.find((part) => part.tile === tile));
    assert.equal(door?.payload.toString(), 'at the door');
    assert.equal(yard?.payload.toString(), 'in the yard');
    assert.ok(Date.now() - (door?.time ?? 0) >= 1_990);
    assert.equal(door?.feed, client.of('tile').find(({ tile }) => tile === 3)?.feed);
  });

  it('tells the states of the tiles’ streams as they change, and of no others', async () => {
    const client = await connect();
    client.say({ type: 'open', tile: 1, stream: 'door', formats: ['jpeg'], ...JPEG });
    await until(() => client.of('state').length === 1, 'the first state');
    const state = { since: 5, message: 'No route to host.' };
    api.cameras.announce({
      type: 'streams',
      streams: [
        { name: 'yard', camera: 'yard', state: 'live', ...state },
        { name: 'door', camera: 'door', state: 'gone', ...state },
      ],
    });
    await until(() => client.of('state').length === 2, 'the change');
    assert.deepEqual(client.of('state')[1], {
      type: 'state',
      tile: 1,
      stream: 'door',
      state: 'gone',
      ...state,
      sound: false,
    });
  });

  it('sends no more than a window to a viewer who acknowledges nothing, and goes on with the newest picture', async () => {
    const client = await connect();
    client.acknowledges = false;
    client.say({ type: 'open', tile: 1, stream: 'door', formats: ['jpeg'], ...JPEG });
    await until(() => client.of('tile').length === 1, 'the tile');
    for (let i = 0; i < 20; i++) publish('door', String(i).padEnd(50_000));
    // The socket is in order: what was sent before the answer has come with it.
    client.say({ type: 'ping', at: 1 });
    await until(() => client.of('pong').length === 1, 'all that comes');
    const before = client.parts.length;
    assert.ok(
      client.received >= 256 * 1024 && client.received < 256 * 1024 + 60_000,
      `${client.received} bytes`,
    );
    client.say({ type: 'ack', bytes: client.received });
    await until(() => client.parts.length > before, 'the rest');
    assert.equal(client.parts.length, before + 1);
    assert.equal(client.parts.at(-1)?.payload.toString().trim(), '19');
    const pace = await until(() => client.of('pace').find(({ dropped }) => dropped > 0), 'the pace');
    assert.equal(pace.dropped, 20 - before - 1);
  });

  it('sends nothing while nobody looks, and holds no picture meanwhile', async () => {
    const client = await connect();
    client.say({ type: 'open', tile: 1, stream: 'door', formats: ['jpeg'], ...JPEG });
    await until(() => api.cameras.leases === 1, 'the rendition');
    client.say({ type: 'pause' });
    await until(() => api.cameras.leases === 0, 'it to be given back');
    const before = client.parts.length;
    publish('door');
    client.say({ type: 'open', tile: 2, stream: 'yard', formats: ['jpeg'], ...JPEG });
    client.say({ type: 'resume' });
    await until(() => api.cameras.leases === 2, 'both');
    assert.equal(client.of('tile').filter(({ tile }) => tile === 1).length, 2);
    const feed = client.of('tile').findLast(({ tile }) => tile === 1)?.feed;
    await until(() => client.parts.length > before, 'a picture');
    for (const part of client.parts.slice(before)) if (part.tile === 1) assert.equal(part.feed, feed);
  });

  it('changes a tile over when it is opened again, and gives it back when it is closed', async () => {
    const client = await connect();
    client.say({ type: 'open', tile: 1, stream: 'door', formats: ['jpeg'], ...JPEG });
    client.say({ type: 'open', tile: 1, stream: 'yard', formats: ['jpeg'], ...JPEG });
    await until(() => client.of('tile').length === 2, 'the change');
    assert.equal(api.cameras.leases, 1);
    client.say({ type: 'close', tile: 1 });
    await until(() => api.cameras.leases === 0, 'the end');
  });

  const errors: [string, object, string][] = [
    ['a stream that is not there', { stream: 'attic', formats: ['jpeg'] }, 'stream_not_found'],
  ];
  for (const [what, wish, code] of errors)
    it(`says what is wrong with ${what}, and stays open`, async () => {
      const client = await connect();
      client.say({ type: 'open', tile: 1, ...wish } as never);
      const error = await until(() => client.of('error')[0], 'the error');
      assert.equal(error.code, code);
      assert.equal(error.tile, 1);
      client.say({ type: 'ping', at: 1 });
      await until(() => client.of('pong')[0], 'an answer');
    });

  it('says that the stream was removed', async () => {
    await call(api, 'POST', '/api/streams', { name: 'shed', rtsp_url: 'rtsp://192.0.2.7/shed' });
    const client = await connect();
    client.say({ type: 'open', tile: 1, stream: 'shed', formats: ['jpeg'], ...JPEG });
    await until(() => client.of('tile')[0], 'the tile');
    api.cameras.hub('shed').end();
    const error = await until(() => client.of('error')[0], 'the error');
    assert.equal(error.code, 'stream_ended');
  });

  it('takes another format when the browser does not play the codec, for every tile that has it', async () => {
    const client = await connect();
    for (const tile of [1, 2])
      client.say({ type: 'open', tile, stream: 'door', formats: ['mp4', 'jpeg'], ...JPEG });
    await until(() => api.cameras.videoViewers.get('door')?.size === 2, 'two videos');
    const init = { kind: 'init', data: Buffer.from('moov'), width: 640, height: 360 } as const;
    for (const viewer of api.cameras.videoViewers.get('door') ?? [])
      viewer.offer({
        ...init,
        codec: 'hvc1.1.6.L93.B0',
        key: false,
        past: false,
        time: performance.now(),
        receivedAt: performance.now(),
      });
    await until(() => client.parts.length === 2, 'what the codec is');
    client.say({ type: 'unsupported', tile: 1, codec: 'hvc1.1.6.L93.B0' });
    await until(() => client.of('tile').length >= 3, 'the change');
    const last = client.of('tile').at(-1);
    assert.deepEqual([last?.tile, last?.format, last?.reason], [1, 'jpeg', 'codec']);
  });

  it('is closed when more is acknowledged than was sent', async () => {
    const client = await connect();
    client.say({ type: 'ack', bytes: 1 });
    await until(() => client.closed, 'the end');
    assert.equal(client.closed?.code, 1008);
  });

  it('passes over what it does not understand, and closes on a flood', async () => {
    const client = await connect();
    client.socket.send('nonsense');
    client.socket.send(JSON.stringify({ type: 'open', tile: -1, stream: '../etc', formats: [] }));
    client.socket.send(Buffer.from([1, 2, 3]));
    client.say({ type: 'ping', at: 1 });
    await until(() => client.of('pong')[0], 'an answer');
    for (let i = 0; i < 400; i++) client.socket.send('nonsense');
    await until(() => client.closed, 'the end');
    assert.equal(client.closed?.code, 1008);
  });

  it('is a WebSocket only', async () => {
    const response = await fetch(`${api.url}/api/live`);
    assert.equal(response.status, 426);
    assert.equal(((await response.json()) as { error: { code: string } }).error.code, 'websocket_only');
  });
});

describe('the socket of one stream', () => {
  it('sends a JPEG a message', async () => {
    const client = connectTo({ path: '/api/streams/door/ws?format=jpeg&width=320' });
    const got: string[] = [];
    client.socket.removeAllListeners('message');
    client.socket.on('message', (data, isBinary) => got.push(`${isBinary} ${data}`));
    await client.opened();
    await until(() => api.cameras.leases === 1, 'the rendition');
    publish('door', 'a picture');
    await until(() => got.includes('true a picture'), 'the picture');
  });

  it('says the codec, then sends segment and fragments', async () => {
    const client = connectTo({ path: '/api/streams/door/ws?format=mp4' });
    const got: string[] = [];
    client.socket.removeAllListeners('message');
    client.socket.on('message', (data) => got.push(String(data)));
    await client.opened();
    const viewer = await until(() => [...(api.cameras.videoViewers.get('door') ?? [])][0], 'the video');
    const part = {
      width: 640,
      height: 360,
      codec: 'avc1.42C01E',
      past: false,
      time: performance.now(),
      receivedAt: performance.now(),
    };
    viewer.offer({ ...part, kind: 'init', data: Buffer.from('moov'), key: false });
    viewer.offer({ ...part, kind: 'picture', data: Buffer.from('moof'), key: true });
    await until(() => got.length === 3, 'all of it');
    const init: LiveEvent = JSON.parse(got[0] ?? '');
    assert.deepEqual(init, { type: 'init', codec: 'avc1.42C01E', width: 640, height: 360 });
    assert.deepEqual(got.slice(1), ['moov', 'moof']);
    viewer.end();
    await until(() => client.closed, 'the end');
    assert.equal(client.closed?.code, 1000);
    assert.equal(api.cameras.leases, 0);
  });

  for (const [path, status] of [
    ['/api/streams/attic/ws?format=jpeg', 404],
    ['/api/streams/door/ws', 400],
    ['/api/streams/door/ws?format=gif', 400],
  ] as const)
    it(`answers ${path} with ${status} before it opens`, async () => {
      const { socket } = new LiveClient(api.port, { path });
      const [, response] = await once(socket, 'unexpected-response');
      assert.equal(response.statusCode, status);
      response.resume();
    });
});
