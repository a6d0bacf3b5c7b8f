import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import type { ApiDeps } from '../../daemon/api/deps.ts';
import { Events } from '../../daemon/api/events.ts';
import type { MjpegViewer } from '../../daemon/fanout/mjpeg.ts';
import { Viewers } from '../../daemon/fanout/viewers.ts';
import type { ServerEvent } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';
import { MemoryCameras } from './memoryCameras.ts';

function listen(api: Pick<ApiServer, 'port'>, query = '') {
  const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/events${query}`);
  const told: ServerEvent[] = [];
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  socket.on('error', () => {});
  return { socket, told };
}

test('a page is greeted, told all streams and alarms, then what changes', async () => {
  const api = await startApi();
  try {
    await call(api, 'POST', '/api/streams', { name: 'porch', rtsp_url: 'rtsp://192.0.2.7/live' });
    const { told } = listen(api);
    await until(() => told.length === 3, 'the greeting');
    assert.equal(told[0]?.type, 'hello');
    assert.ok(told[0]?.type === 'hello' && told[0].instance.length > 8);
    assert.ok(told[1]?.type === 'streams' && told[1].streams[0]?.name === 'porch');
    assert.ok(told[2]?.type === 'alarms' && told[2].alarms.length === 0);
    await call(api, 'PUT', '/api/layouts/day', { tiles: [] });
    await until(() => told.length === 4, 'the change');
    assert.deepEqual(told[3], { type: 'changed', what: 'layouts' });
  } finally {
    await api.close();
  }
});

test('a page is told twice a second of its own pictures, and of no others', async () => {
  const api = await startApi();
  try {
    await call(api, 'POST', '/api/streams', { name: 'porch', rtsp_url: 'rtsp://192.0.2.7/live' });
    const mine = listen(api, '?page=mine');
    const others = listen(api, '?page=others');
    const response = await fetch(`${api.url}/api/streams/porch/mjpeg?viewer=mine.tile4`);
    const now = performance.now();
    api.cameras.hub('porch').publish({
      data: Buffer.from('jpeg'),
      sequence: 1,
      receivedAt: now - 400,
      decodedAt: now,
    });
    const pictures = ({ told }: { told: ServerEvent[] }) =>
      told.flatMap((event) => (event.type === 'pictures' ? [event.pictures] : []));
    const mineNow = await until(() => pictures(mine).find((list) => list[0]?.sent === 1), 'the picture');
    assert.equal(mineNow.length, 1);
    assert.equal(mineNow[0]?.viewer, 'mine.tile4');
    assert.equal(mineNow[0]?.stream, 'porch');
    assert.ok((mineNow[0]?.age_ms ?? 0) >= 400);
    const othersNow = await until(() => pictures(others)[0], 'the others’ report');
    assert.deepEqual(othersNow, [], 'which says that the daemon lives');
    await response.body?.cancel();
  } finally {
    await api.close();
  }
});

test('a page is told what the box leaves out of its pictures, and one without pictures is not', async () => {
  const cameras = new MemoryCameras();
  const viewers = new Viewers();
  const steppedDown = { fps_percent: 67, size_percent: 100, since: 1 };
  const events = new Events({
    ...{ cameras, viewers, version: 'test', log: pino({ level: 'silent' }), picturesInterval: 20 },
    facts: () => ({ decode: { stepped_down: steppedDown } }) as ReturnType<ApiDeps['facts']>,
  });
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => events.add(socket, 'page'));
  await once(server, 'listening');
  try {
    const { told } = listen(server.address() as { port: number });
    const last = () => told.findLast((event) => event.type === 'pictures');
    await until(() => last()?.stepped_down === null, 'a report without pictures');
    const viewer = { id: 'page.1', stream: 'a', age: null, sent: 0, dropped: 0, unchangedFor: null };
    const leave = viewers.add(viewer as MjpegViewer);
    await until(() => last()?.pictures.length === 1, 'a report with pictures');
    assert.deepEqual(last()?.stepped_down, steppedDown);
    leave();
  } finally {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

test('a page id that is none is refused before the socket opens', async () => {
  const api = await startApi();
  try {
    const { socket } = listen(api, '?page=a.b');
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, 400);
    response.resume();
  } finally {
    await api.close();
  }
});

test('closing the server says goodbye with 1001, and does not wait for a page that does not answer', async () => {
  const api = await startApi();
  const { socket, told } = listen(api);
  await until(() => told.length >= 2, 'the greeting');
  // A second page that speaks no WebSocket any more.
  const mute = connect(api.port, '127.0.0.1');
  mute.on('error', () => {});
  mute.write(
    `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  );
  await once(mute, 'data');
  const closed = once(socket, 'close');
  await api.close();
  assert.equal((await closed)[0], 1001);
  mute.destroy();
});

/** Events served by ws alone, so that the timers can be short. */
async function bareEvents(options: { pingInterval?: number; picturesInterval?: number }) {
  const cameras = new MemoryCameras();
  const events = new Events({
    cameras,
    viewers: new Viewers(),
    version: 'test',
    log: pino({ level: 'silent' }),
    ...options,
  });
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => events.add(socket, 'page'));
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { cameras, events, server, port };
}

test('a page that reads nothing is closed before a megabyte waits for it; the others go on', async () => {
  const { cameras, events, server, port } = await bareEvents({});
  try {
    const good = listen({ port });
    const slow = listen({ port });
    await until(() => good.told.length >= 2 && slow.told.length >= 2, 'both pages');
    slow.socket.pause();
    const event: ServerEvent = {
      type: 'streams',
      streams: [{ name: 'x', camera: 'x', state: 'gone', since: 1, message: 'm'.repeat(200_000) }],
    };
    let sent = 0;
    await until(() => {
      cameras.announce(event);
      sent++;
      return events.size === 1;
    }, 'the slow page to be closed');
    for (const client of server.clients) assert.ok(client.bufferedAmount < 4 * 1024 * 1024);
    await until(() => good.told.length >= sent + 2, 'the good page to have it all');
  } finally {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

test('a page that does not answer pings is closed; with the last page everything rests', async () => {
  const { cameras, events, server, port } = await bareEvents({ pingInterval: 50 });
  try {
    const alive = listen({ port });
    const dead = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong: false });
    dead.on('error', () => {});
    await until(() => events.size === 2, 'both pages');
    await until(() => events.size === 1, 'the dead page to be closed');
    assert.equal(alive.socket.readyState, WebSocket.OPEN);
    assert.equal(cameras.listeners.size, 1);
    alive.socket.close();
    await until(() => cameras.listeners.size === 0, 'the rest');
  } finally {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});
