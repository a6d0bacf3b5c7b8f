/**
 * The power goes while somebody configures: `kill -9` at random moments during 500 writes. Afterwards the database is
 * whole, what was answered 2xx is there, and what was deleted with 2xx is gone. What was on its way may be either.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import SQLite from 'better-sqlite3';
import type { Camera, Layout, Settings, Wall } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';

const WRITES = 500;
/** Daemons killed in the middle; what is left of the writes goes to the last one. */
const CUTS = 6;
/** Writers at a time, each with things of its own, so that the order of its answers is the order of its writes. */
const WRITERS = 3;

/** What a thing must be: as the last answered write left it, or as one did that nobody answered. undefined: gone. */
interface Expected {
  sure: string | undefined;
  perhaps: (string | undefined)[];
}

describe('a power cut', { timeout: 240_000 }, () => {
  let stateDir: string;
  let daemon: Daemon;
  const expected = new Map<string, Expected>();
  let answered = 0;
  let begun = 0;
  let cut = false;

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-power-'));
    daemon = await startDaemon({ stateDir });
    await daemon.api('PUT', '/api/layouts/base', { tiles: [] });
  });
  after(async () => {
    await daemon?.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  /** Sends one change and notes what must be true from its answer on. */
  async function write(key: string, value: string | undefined, method: string, path: string, body?: object) {
    const thing = expected.get(key) ?? { sure: undefined, perhaps: [] };
    expected.set(key, thing);
    thing.perhaps.push(value);
    begun++;
    await daemon.api(method, path, body);
    answered++;
    expected.set(key, { sure: value, perhaps: [] });
  }

  const is = (key: string) => expected.get(key)?.sure;

  /** One writer's next change: of cameras, layouts, the wall, settings. */
  async function change(writer: number): Promise<void> {
    const n = begun;
    const dice = Math.random();
    const camera = `c${writer}-${Math.floor(Math.random() * 6)}`;
    const layout = `l${writer}-${Math.floor(Math.random() * 4)}`;
    if (dice < 0.45) {
      const key = `camera ${camera}`;
      const path = `/api/cameras/${camera}`;
      if (is(key) === undefined) {
        const streams = [{ profile: 'main', rtsp_url: `rtsp://127.0.0.1:9/${n}` }];
        const body = { id: camera, name: `Name ${n}`, username: 'u', password: `secret ${n}`, streams };
        return write(key, body.name, 'POST', '/api/cameras', body);
      }
      if (dice < 0.2) return write(key, undefined, 'DELETE', path);
      return write(key, `Name ${n}`, 'PATCH', path, { name: `Name ${n}` });
    }
    if (dice < 0.8) {
      const key = `layout ${layout}`;
      const path = `/api/layouts/${layout}`;
      if (is(key) !== undefined && dice < 0.55) return write(key, undefined, 'DELETE', path);
      const tile = { x: 0, y: 0, width: 0.5, height: 1, cameras: [], dwell_seconds: n + 1 };
      return write(key, JSON.stringify([tile]), 'PUT', path, { tiles: [tile] });
    }
    // The wall and each setting have one writer.
    if (writer === 0) {
      const sequence = [{ layout: 'base', dwell_seconds: n + 1 }];
      return write('wall', JSON.stringify(sequence), 'PUT', '/api/wall', { sequence });
    }
    if (writer === 1) return write('setting', `Box ${n}`, 'PATCH', '/api/settings', { name: `Box ${n}` });
    return write('camera steady', `Steady ${n}`, is('camera steady') ? 'PATCH' : 'POST', ...steady(n));
  }

  function steady(n: number): [path: string, body: object] {
    if (is('camera steady')) return ['/api/cameras/steady', { name: `Steady ${n}` }];
    const streams = [{ profile: 'main', rtsp_url: 'rtsp://127.0.0.1:9/steady' }];
    return ['/api/cameras', { id: 'steady', name: `Steady ${n}`, streams }];
  }

  /** Until enough is written or the power is gone. */
  async function writeUntil(enough: () => boolean): Promise<void> {
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      while (!enough() && !cut) {
        try {
          await change(writer);
        } catch (error) {
          // Nothing may be refused: every change is a right one.
          if (!cut) throw error;
        }
      }
    });
    await Promise.all(writers);
  }

  /** What there is, by the same keys. */
  async function found(): Promise<Map<string, string>> {
    const { cameras } = await daemon.api<{ cameras: Camera[] }>('GET', '/api/cameras');
    const { layouts } = await daemon.api<{ layouts: Layout[] }>('GET', '/api/layouts');
    const wall = await daemon.api<Wall>('GET', '/api/wall');
    const settings = await daemon.api<Settings>('GET', '/api/settings');
    for (const { id, streams } of cameras) assert.equal(streams.length, 1, `${id} without its stream`);
    return new Map([
      ...cameras.map(({ id, name }): [string, string] => [`camera ${id}`, name]),
      ...layouts.map(({ name, tiles }): [string, string] => [`layout ${name}`, JSON.stringify(tiles)]),
      ['wall', JSON.stringify(wall.sequence)],
      ['setting', settings.name],
    ]);
  }

  /** Compares, and takes what is there as what must be there from now on. */
  async function check(): Promise<void> {
    const database = new SQLite(join(stateDir, 'walleye.sqlite'), { readonly: true });
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
    database.close();
    const there = await found();
    for (const [key, { sure, perhaps }] of expected) {
      const now = there.get(key);
      assert.ok(
        [sure, ...perhaps].includes(now),
        `${key} is ${now}; answered was ${sure}, on its way ${perhaps.join(' or ') || 'nothing'}`,
      );
      expected.set(key, { sure: now, perhaps: [] });
    }
    const ours = [...there.keys()].filter((key) => /^(camera|layout [^b])/.test(key));
    assert.deepEqual(
      ours.filter((key) => !expected.has(key)),
      [],
      'things that nobody made',
    );
  }

  it('at any moment of 500 changes loses nothing that was answered', async (test) => {
    await writeUntil(() => answered >= 20);
    await check();
    for (let round = 1; round <= CUTS; round++) {
      const until = answered + Math.floor((WRITES / (CUTS + 1)) * (0.5 + Math.random() * 0.5));
      const writing = writeUntil(() => false);
      while (answered < until) await sleep(1);
      await sleep(Math.random() * 8); // anywhere within a write
      cut = true;
      await Promise.all([daemon.kill(), writing]);
      cut = false;
      daemon = await startDaemon({ stateDir });
      await check();
    }
    await writeUntil(() => answered >= WRITES);
    await check();
    test.diagnostic(`${answered} changes answered, ${begun - answered} cut off`);
  });
});
