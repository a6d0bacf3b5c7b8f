import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { readPageEvent, WordBudget } from '../../daemon/api/pageEvent.ts';
import { PaintedPages } from '../../daemon/api/painted.ts';
import { ScreenHeartbeat } from '../../daemon/camera/screenHeartbeat.ts';
import { Viewers } from '../../daemon/fanout/viewers.ts';
import type { PageEvent, ServerEvent, System } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';
import { MemoryCameras } from './memoryCameras.ts';

type Painted = Extract<PageEvent, { type: 'painted' }>;

const painted = (tiles: Painted['tiles'], visible = true): Painted => ({
  type: 'painted',
  tiles,
  visible,
});
const full = painted(
  Array.from({ length: 128 }, () => ({ viewer: 'v'.repeat(80), hash: -2_147_483_648, same_ms: 1e12 })),
);

describe('what pages say on the events socket', { timeout: 120_000 }, () => {
  let api: ApiServer;
  const notes: [string, string][] = [];
  const sockets: WebSocket[] = [];
  before(async () => {
    api = await startApi({ note: (camera, what) => notes.push([camera, what]) });
    await call(api, 'POST', '/api/streams', { name: 'porch', rtsp_url: 'rtsp://192.0.2.7/live' });
  });
  after(async () => {
    for (const socket of sockets) socket.terminate();
    await api.close();
  });

  const open = async (page: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/events?page=${page}`);
    sockets.push(socket);
    socket.on('error', () => {});
    const told: ServerEvent[] = [];
    socket.on('message', (data) => told.push(JSON.parse(String(data)) as ServerEvent));
    const closed = once(socket, 'close') as Promise<[number, Buffer]>;
    await until(() => told.length >= 3, 'the greeting');
    return { socket, told, closed, say: (event: unknown) => socket.send(JSON.stringify(event)) };
  };
  const screen = async () => (await call<System>(api, 'GET', '/api/system')).body.screen;

  it('the screen has a heartbeat as soon as its page says what it paints', async () => {
    assert.equal(await screen(), null);
    const { say } = await open('kiosk');
    const before = Date.now() / 1000;
    say(
      painted([
        { viewer: 'kiosk.1-1', hash: 5, same_ms: 0 },
        { viewer: 'kiosk.2-2', hash: null, same_ms: 900 },
      ]),
    );
    const state = await until(screen, 'the heartbeat');
    assert.ok(state.heartbeat >= before);
    assert.deepEqual([state.tiles, state.painting], [2, 1]);
  });

  it('a tile that stands still although other pictures are sent is repaired, and that is written down', async () => {
    const page = await open('stuck');
    const response = await fetch(`${api.url}/api/streams/porch/mjpeg?viewer=stuck.4-1`);
    void response.body?.pipeTo(new WritableStream()).catch(() => {});
    const begun = performance.now();
    let sequence = 0;
    const feed = setInterval(() => {
      const now = performance.now();
      api.cameras.hub('porch').publish({
        data: Buffer.from(`jpeg ${sequence}`),
        sequence: ++sequence,
        receivedAt: now,
        decodedAt: now,
      });
    }, 50);
    const speak = setInterval(() => {
      const same_ms = performance.now() - begun;
      page.say(painted([{ viewer: 'stuck.4-1', hash: 7, same_ms }]));
    }, 1_000);
    try {
      const repair = await until(() => page.told.find((event) => event.type === 'repair'), 'the repair');
      assert.deepEqual(repair, { type: 'repair', viewer: 'stuck.4-1', action: 'reopen' });
      assert.deepEqual(notes, [['porch', 'repair']]);
    } finally {
      clearInterval(feed);
      clearInterval(speak);
    }
  });

  it('a page that says nothing of what it paints is never told to repair', async () => {
    const page = await open('mute');
    const response = await fetch(`${api.url}/api/streams/porch/mjpeg?viewer=mute.4-1`);
    void response.body?.pipeTo(new WritableStream()).catch(() => {});
    let sequence = 1_000;
    for (let i = 0; i < 60; i++) {
      const now = performance.now();
      api.cameras.hub('porch').publish({
        data: Buffer.from(`jpeg ${sequence}`),
        sequence: ++sequence,
        receivedAt: now,
        decodedAt: now,
      });
      await sleep(100);
    }
    assert.equal(
      page.told.some((event) => event.type === 'repair'),
      false,
    );
  });

  it('a wall of 128 tiles may say all it has to say', async () => {
    const { socket, say, told } = await open('large');
    say(full);
    await until(() => told.filter(({ type }) => type === 'pictures').length >= 2, 'two seconds');
    assert.equal(socket.readyState, WebSocket.OPEN);
    assert.equal((await screen())?.tiles, 128);
  });

  it('now and then something that we do not understand is passed over', async () => {
    const { socket, say, told } = await open('newer');
    for (const event of [{ type: 'feelings' }, 'text', null, { ...painted([]), mood: 1 }, []]) say(event);
    socket.send('{');
    socket.send(Buffer.from([1, 2, 3]));
    await until(() => told.filter(({ type }) => type === 'pictures').length >= 2, 'two seconds');
    assert.equal(socket.readyState, WebSocket.OPEN);
  });

  it('a page that says far too much is closed, the others are not', async () => {
    const good = await open('good');
    const bad = await open('bad');
    for (let i = 0; i < 200; i++) bad.say(painted([]));
    assert.equal((await bad.closed)[0], 1008);
    const garbage = await open('garbage');
    for (let i = 0; i < 50; i++) garbage.socket.send('x'.repeat(1_000));
    assert.equal((await garbage.closed)[0], 1008);
    assert.equal(good.socket.readyState, WebSocket.OPEN);
  });

  it('a message without end closes the socket before it is read', async () => {
    const { socket, closed } = await open('huge');
    socket.send('x'.repeat(1024 * 1024));
    assert.equal((await closed)[0], 1009);
    assert.equal((await call(api, 'GET', '/api/health')).status, 200);
  });
});

describe('whose word is the screen’s', () => {
  const caller = (changes: object) => ({
    ...{ kind: 'user' as const, screen: false, address: '127.0.0.1', key: 'k' },
    ...changes,
  });
  const table: [string, object, boolean][] = [
    ['the screen’s', { kind: 'screen', screen: true }, true],
    ['that of somebody who signed in on the screen', { screen: true }, true],
    ['while nobody has to sign in, that of a page on the box', { kind: 'open' }, true],
    ['… not that of a page elsewhere', { kind: 'open', address: '192.0.2.9' }, false],
    ['not that of somebody signed in on the box itself', {}, false],
  ];
  for (const [what, changes, expected] of table)
    it(what, () => {
      const heartbeat = new ScreenHeartbeat();
      const options = {
        cameras: new MemoryCameras(),
        viewers: new Viewers(),
        log: pino({ level: 'silent' }),
      };
      new PaintedPages({ ...options, heartbeat }).open(undefined, caller(changes))(painted([]));
      assert.equal(heartbeat.state() !== null, expected);
      assert.equal(heartbeat.lastScreenHeartbeat !== undefined, expected);
    });
});

describe('readPageEvent', () => {
  it('takes what the schema allows, at its largest too, and nothing else', () => {
    assert.deepEqual(readPageEvent(JSON.stringify(full)), full);
    const { tiles } = full;
    for (const wrong of [
      { ...full, tiles: [...tiles, tiles[0]] },
      { ...full, tiles: [{ viewer: 'x'.repeat(81), hash: 1, same_ms: 0 }] },
      { ...full, tiles: [{ viewer: 'x', hash: 1.5, same_ms: 0 }] },
      { ...full, tiles: [{ viewer: 'x', hash: 1, same_ms: -1 }] },
      { ...full, visible: 'yes' },
      { ...full, type: 'repair' },
      [],
      null,
    ])
      assert.equal(readPageEvent(JSON.stringify(wrong)), undefined);
    for (const text of ['', '{', ' '.repeat(40_000)]) assert.equal(readPageEvent(text), undefined);
  });
});

describe('WordBudget', () => {
  it('lets one message a second go on for ever', () => {
    const budget = new WordBudget(0);
    for (let now = 0; now < 1e6; now += 1_000) assert.ok(budget.spend(true, now));
  });
  it('ends at forty at once, at ten that are not understood; and fills up again', () => {
    const spent = (understood: boolean) => {
      const budget = new WordBudget(0);
      let count = 0;
      while (budget.spend(understood, 0)) count++;
      return { count, budget };
    };
    assert.equal(spent(true).count, 40);
    assert.equal(spent(false).count, 10);
    assert.ok(spent(true).budget.spend(true, 1_000));
  });
});
