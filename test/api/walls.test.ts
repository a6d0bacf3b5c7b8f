import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { ScreenHeartbeat } from '../../daemon/camera/screenHeartbeat.ts';
import type { ScreenWallList, ServerEvent, System, Wall } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';

const showing = (...layouts: string[]): Wall => ({
  sequence: layouts.map((layout) => ({ layout, dwell_seconds: 9 })),
});

describe('the walls of several screens', () => {
  let api: ApiServer;
  let told: ServerEvent[];
  beforeEach(async () => {
    api = await startApi();
    told = [];
    api.cameras.subscribe((event) => told.push(event));
    for (const name of ['day', 'night']) await call(api, 'PUT', `/api/layouts/${name}`, { tiles: [] });
  });
  afterEach(() => api.close());

  const wall = async (screen: number) => (await call<Wall>(api, 'GET', `/api/walls/${screen}`)).body;
  const list = async () => (await call<ScreenWallList>(api, 'GET', '/api/walls')).body;

  it('a screen shows what the first one shows until it has a programme of its own', async () => {
    await call(api, 'PUT', '/api/wall', showing('day'));
    assert.deepEqual(await wall(2), showing('day'));
    const own = { ...showing('night'), screen_off: [{ days: [1], from: '22:00', to: '06:00' }] };
    const put = await call(api, 'PUT', '/api/walls/2', own);
    assert.deepEqual([put.status, put.body], [200, own]);
    assert.deepEqual(told.at(-1), { type: 'changed', what: 'wall' });
    assert.deepEqual(await wall(2), own);
    assert.deepEqual(await wall(3), showing('day'));
    assert.deepEqual((await call(api, 'GET', '/api/wall')).body, showing('day'));
    assert.deepEqual(await list(), {
      total: 2,
      walls: [
        { screen: 1, own: true, wall: showing('day') },
        { screen: 2, own: true, wall: own },
      ],
    });

    assert.equal((await call(api, 'DELETE', '/api/walls/2')).status, 204);
    assert.deepEqual(await wall(2), showing('day'));
    assert.equal((await list()).total, 1);
    assert.equal((await call(api, 'DELETE', '/api/walls/2')).body.error.code, 'wall_not_found');
  });

  it('the first one’s wall has two addresses, and is not to be removed', async () => {
    assert.equal((await call(api, 'PUT', '/api/walls/1', showing('night'))).status, 200);
    assert.deepEqual((await call(api, 'GET', '/api/wall')).body, showing('night'));
    assert.deepEqual(await wall(1), showing('night'));
    assert.equal((await call(api, 'DELETE', '/api/walls/1')).body.error.code, 'first_screen');
  });

  it('a layout that any of them shows at any hour cannot be deleted', async () => {
    const hours = { days: [1], from: '08:00', to: '09:00' };
    await call(api, 'PUT', '/api/walls/3', {
      sequence: [],
      schedule: [{ ...hours, sequence: showing('day').sequence }],
    });
    assert.equal((await call(api, 'DELETE', '/api/layouts/day')).body.error.code, 'layout_in_use');
    await call(api, 'DELETE', '/api/walls/3');
    assert.equal((await call(api, 'DELETE', '/api/layouts/day')).status, 204);
  });

  it('there are four screens, and layouts that there are', async () => {
    for (const screen of ['0', '5', 'x', '2.5'])
      assert.equal((await call(api, 'GET', `/api/walls/${screen}`)).status, 400, screen);
    const unknown = await call(api, 'PUT', '/api/walls/2', showing('day', 'lost'));
    assert.equal(unknown.body.error.code, 'unknown_layout');
    assert.match(unknown.body.error.message, /^There is no layout lost\. Layouts: day, night\.$/);
    assert.equal((await list()).total, 1, 'nothing was saved');
  });

  it('each has a heartbeat, and says which of them are to be dark', async () => {
    const open = async (screen: number) => {
      const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/events?page=p${screen}&screen=${screen}`);
      await new Promise((resolve) => socket.once('message', resolve));
      return {
        say: (more: object) =>
          socket.send(
            JSON.stringify({
              type: 'painted',
              tiles: [{ viewer: 'p.1-1', hash: screen, same_ms: 0 }],
              visible: true,
              ...more,
            }),
          ),
        close: () => socket.terminate(),
      };
    };
    const system = async () => (await call<System>(api, 'GET', '/api/system')).body;
    const second = await open(2);
    second.say({ dark: [1, 2], turns: 4 });
    const before = await until(async () => (await system()).screens[1], 'the second screen');
    assert.deepEqual(
      (await system()).screens.map(({ screen, heartbeat, tiles, dark }) => [
        screen,
        heartbeat !== null,
        tiles,
        dark,
      ]),
      [
        [1, false, 0, true],
        [2, true, 1, true],
      ],
      'what the second says of the first, which has no page',
    );
    assert.equal((await system()).screen?.heartbeat, before.heartbeat, 'a screen there is');
    assert.equal(before.turned, null);
    assert.deepEqual(
      (await list()).walls.map(({ screen, own }) => [screen, own]),
      [
        [1, true],
        [2, false],
      ],
    );

    const first = await open(1);
    first.say({ dark: [2], turns: 0 });
    second.say({ dark: [], turns: 5 });
    const [one, two] = await until(async () => {
      const { screens } = await system();
      return screens[0]?.heartbeat && screens[1]?.turned ? screens : undefined;
    }, 'both');
    assert.deepEqual([one?.dark, two?.dark], [false, false], 'each one’s own word, while it is awake');
    assert.equal(one?.turned, null);
    for (const { close } of [first, second]) close();
  });

  it('a page may not be of a screen that there cannot be', async () => {
    const status = await new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/events?page=p&screen=9`);
      socket.on('error', () => {});
      socket.on('unexpected-response', (_request, { statusCode }) => {
        resolve(statusCode);
        socket.terminate();
      });
    });
    assert.equal(status, 400);
  });
});

describe('the heartbeat of several screens', () => {
  const beat = (hearts: ScreenHeartbeat, screen: number, tiles: number) =>
    hearts.beat({ tiles: Array(tiles).fill({ viewer: 'v', hash: 1, same_ms: 0 }) }, screen);

  it('is the first one’s that is awake, and the last one’s when all have fallen asleep', (test) => {
    test.mock.timers.enable({ apis: ['Date'] });
    let now = 1_000_000;
    test.mock.method(performance, 'now', () => now);
    const hearts = new ScreenHeartbeat();
    assert.equal(hearts.state(), null);
    assert.deepEqual(hearts.screens(), []);
    beat(hearts, 2, 2);
    assert.equal(hearts.state()?.tiles, 2);
    beat(hearts, 1, 1);
    assert.equal(hearts.state()?.tiles, 1);
    now += 15_000;
    beat(hearts, 2, 2);
    now += 15_000;
    assert.equal(hearts.state()?.tiles, 2, 'the first is asleep');
    assert.equal(hearts.lastScreenHeartbeat, now - 15_000);
    now += 60_000;
    assert.equal(hearts.state()?.tiles, 2);
    assert.deepEqual(
      hearts.screens().map(({ screen }) => screen),
      [1, 2],
    );
  });
});
