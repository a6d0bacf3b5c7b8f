/** The wall in a browser on another machine: by its name, so that nothing of the box's own screen holds. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { StreamStatus } from '../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser, stampsOf, type TileSeen, tilesOf } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

const NAMES = Array.from({ length: 9 }, (_, i) => `Cam${i + 1}`);
const HOST = 'box.test';

describe('the wall in a browser elsewhere', { skip: noBrowser, timeout: 600_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let browser: Browser;
  let stateDir: string;
  let page: Page;
  const errors: string[] = [];
  const asked: string[] = [];

  async function open(path: string, prepare?: string): Promise<void> {
    page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    if (prepare !== undefined) await page.addInitScript(prepare);
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    page.on('websocket', (socket) => asked.push(new URL(socket.url()).pathname));
    await page.goto(`http://${HOST}:${daemon.port}${path}`);
  }
  const live = (count: number): Promise<TileSeen[]> => {
    let kinds = '';
    return until(`${count} live tiles, not ${kinds}`, async () => {
      const tiles = await tilesOf(page);
      kinds = tiles.map(({ kind }) => kind).join(' ');
      return tiles.length === count && tiles.every(({ kind }) => kind === 'live') ? tiles : undefined;
    });
  };
  /** Each tile's picture is its camera's, and another one after a while. */
  async function move(tiles: readonly TileSeen[]): Promise<void> {
    const first = await until('a stamp in every tile', async () => {
      const stamps = await stampsOf(page, tiles);
      return stamps.every((stamp) => stamp !== undefined) && stamps;
    });
    const moved = new Set<number>();
    await until(`all of ${tiles.length} tiles move`, async () => {
      for (const [i, stamp] of (await stampsOf(page, tiles)).entries())
        if (stamp !== undefined && stamp !== first[i]) moved.add(i);
      return moved.size === tiles.length;
    });
  }

  before(async () => {
    cameras = await startVirtualCameras({ cameras: NAMES.map((name) => ({ name, port: 0 })) });
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-remote-'));
    daemon = await startDaemon({ stateDir, env: { WALLEYE_ALLOWED_HOSTS: HOST } });
    for (const { id, name, username, password, rtspUrl } of cameras.cameras) {
      const streams = (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtspUrl(profile) }));
      await daemon.api('POST', '/api/cameras', { id, name, username, password, streams });
    }
    const tile = (i: number) => ({ x: (i % 3) / 3, y: Math.floor(i / 3) / 3, width: 1 / 3, height: 1 / 3 });
    const ids = cameras.cameras.map(({ id }) => id);
    await daemon.api('PUT', '/api/layouts/nine', {
      tiles: ids.map((id, i) => ({ ...tile(i), cameras: [id] })),
    });
    await daemon.api('PUT', '/api/layouts/two', {
      tiles: ids.slice(0, 2).map((id, i) => ({ x: i / 2, y: 0, width: 0.5, height: 1, cameras: [id] })),
    });
    await daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'nine', dwell_seconds: 3600 }] });
    browser = await launchBrowser([`--host-resolver-rules=MAP ${HOST} 127.0.0.1`]);
  });
  afterEach(async () => {
    await page?.close();
    assert.deepEqual(errors.splice(0), []);
    asked.length = 0;
  });
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('plays nine tiles of the cameras’ own video, all on one connection, and nothing is decoded for it', async () => {
    await open('/');
    const tiles = await live(9);
    assert.deepEqual(
      tiles.map(({ players, note }) => [players, note]),
      Array(9).fill([['video'], '']),
    );
    await move(tiles);
    assert.equal(asked.filter((path) => path === '/api/live').length, 1);
    assert.ok(!asked.some((path) => path.endsWith('/mjpeg')), asked.join(' '));
    const status = await daemon.api<StreamStatus>('GET', '/api/streams/cam1_sub');
    assert.deepEqual([status.video_viewers, status.renditions], [1, []]);
  });

  it('plays nine tiles of JPEGs on one connection where the browser is told to', async () => {
    await open('/?formats=jpeg');
    const tiles = await live(9);
    assert.deepEqual(
      tiles.map(({ players }) => players),
      Array(9).fill(['canvas']),
    );
    await move(tiles);
    assert.equal(asked.filter((path) => path === '/api/live').length, 1);
  });

  it('is sent JPEGs by itself where the browser does not play the codec, and says why', async () => {
    await open('/watch/two', `MediaSource.isTypeSupported = () => false`);
    const tiles = await live(2);
    for (const { players, note } of tiles) {
      assert.deepEqual(players, ['canvas']);
      assert.match(note, /does not play/);
    }
    await move(tiles);
  });

  it('shows one camera at its own address, with its best stream', async () => {
    await open('/camera/cam3');
    const tiles = await live(1);
    assert.equal(tiles[0]?.name, 'Cam3');
    assert.ok((tiles[0]?.box.width ?? 0) > 1900);
    await move(tiles);
    assert.equal((await daemon.api<StreamStatus>('GET', '/api/streams/cam3_main')).video_viewers, 1);
  });

  it('says that there is no such layout, and leads to the wall', async () => {
    await open('/watch/attic');
    await until('the sentence', async () => (await page.textContent('h1'))?.includes('attic'));
    await page.click('.gate a');
    await live(9);
  });

  it('opens a tile over the whole page without a black moment, and closes it again', async () => {
    await open('/watch/two');
    const [first] = await live(2);
    assert.ok(first);
    await page.mouse.dblclick(first.box.x + 100, first.box.y + 300);
    const full = await until('it over the page', async () => (await tilesOf(page)).find((tile) => tile.full));
    for (let look = 0; look < 12; look++) {
      const [stamp] = await stampsOf(page, [full]);
      assert.notEqual(stamp, undefined, `look ${look}: no picture`);
    }
    await until('the main stream', async () => {
      const { video_viewers } = await daemon.api<StreamStatus>('GET', '/api/streams/cam1_main');
      return video_viewers === 1;
    });
    await page.keyboard.press('Escape');
    await live(2);
  });

  it('says that a camera is gone, and shows it again when it is back', async () => {
    await open('/watch/two');
    await live(2);
    const [camera] = cameras.cameras;
    await camera?.fault({ refuse: true });
    await until('OFFLINE', async () => (await tilesOf(page))[0]?.kind === 'gone');
    await camera?.clearFaults();
    await move(await live(2));
  });

  it('goes on by itself when the daemon was restarted', async () => {
    await open('/watch/two');
    await live(2);
    const { port } = daemon;
    await daemon.kill();
    await until('the page says so', async () =>
      (await tilesOf(page)).every(({ kind }) => kind === 'unreachable'),
    );
    daemon = await startDaemon({ stateDir, port, env: { WALLEYE_ALLOWED_HOSTS: HOST } });
    await move(await live(2));
  });
});
