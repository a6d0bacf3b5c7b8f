import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Tile } from '../../daemon/schema.ts';
import { evenGrid } from '../../kiosk-ui/wall/grid.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser, stampsOf, type TileSeen, tilesOf } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { openTunnel } from './tunnel.ts';
import { until } from './until.ts';

const NAMES = [
  'Front door',
  'Loading dock',
  'Car park',
  'Reception',
  'Warehouse 1',
  'Warehouse 2',
  'Corridor',
  'Roof',
  'Back gate',
];
/** Nodes that Preact may still hold of what each of nine tiles showed before: bounded. A leak would be of hundreds. */
const OF_THE_LAST_DRAWING = 9 * 5;
const ids = NAMES.map((_, i) => `cam${i + 1}`);

/** An even grid of these cameras. */
function grid(cameras: readonly string[]): Tile[] {
  return evenGrid(cameras.length, 16 / 9).map((rect, i) => ({ ...rect, cameras: [cameras[i]!] }));
}

describe('the wall in Chromium', { skip: noBrowser, timeout: 600_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let stateDir: string;
  let browser: Browser;
  let page: Page;
  const pageErrors: string[] = [];

  const tiles = () => tilesOf(page);
  const putLayout = (name: string, tiles: Tile[]) => daemon.api('PUT', `/api/layouts/${name}`, { tiles });
  const putWall = (...names: string[]) =>
    daemon.api('PUT', '/api/wall', { sequence: names.map((layout) => ({ layout, dwell_seconds: 3600 })) });
  const allLive = (count: number, limit?: number) =>
    until(
      `${count} live tiles`,
      async () => {
        const seen = await tiles();
        return seen.length === count && seen.every(({ kind }) => kind === 'live') && seen;
      },
      limit,
    ).catch(async (error: Error) => {
      throw new Error(
        `${error.message}, but ${(await tiles()).map(({ name, kind }) => `${name}: ${kind}`).join(', ')}`,
      );
    });
  const full = async () => (await tiles()).filter((tile) => tile.full).map(({ name }) => name);
  const fullIs = (name: string) =>
    until(`${name} in full screen`, async () => (await full()).join() === name);
  const noneFull = () => until('the wall', async () => (await full()).length === 0);
  const tileWith = async (name: string): Promise<TileSeen> => {
    const found = (await tiles()).find((tile) => tile.name === name);
    return found ?? assert.fail(`no tile shows ${name}`);
  };
  /** Stamps of all tiles differ between two looks. */
  const allMove = async (count: number) => {
    const seen = await allLive(count);
    const first = await stampsOf(page, seen);
    assert.deepEqual(
      first.map((stamp) => typeof stamp),
      Array(count).fill('number'),
    );
    const moved = new Set<number>();
    await until(`all ${count} tiles move; so far ${moved.size}`, async () => {
      for (const [i, stamp] of (await stampsOf(page, seen)).entries()) {
        if (stamp !== undefined && stamp !== first[i]) moved.add(i);
      }
      return moved.size === count;
    });
  };

  before(async () => {
    // Each with a port of its own, so that one that is cut off refuses connections.
    cameras = await startVirtualCameras({ cameras: NAMES.map((name) => ({ name, port: 0 })) });
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-wall-'));
    daemon = await startDaemon({ stateDir });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    page.on('pageerror', (error) => pageErrors.push(error.message));
  });

  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
    if (stateDir) await rm(stateDir, { recursive: true, force: true });
  });

  it('says how to begin while there is no camera', async () => {
    await page.goto(daemon.url);
    await until('the empty page', async () => (await page.textContent('body'))?.includes('walleye discover'));
    assert.equal((await tiles()).length, 0);
  });

  it('fills by itself as cameras are added, all of them in an even grid, all moving', async () => {
    for (const [i, camera] of cameras.cameras.entries()) {
      await daemon.api('POST', '/api/cameras', {
        id: ids[i],
        name: camera.name,
        streams: (['main', 'sub'] as const).map((profile) => ({
          profile,
          rtsp_url: camera.rtspUrl(profile),
          keep_warm: false,
        })),
      });
    }
    const seen = await allLive(9, 60_000);
    assert.deepEqual(
      seen.map(({ name }) => name),
      NAMES,
    );
    await allMove(9);
  });

  it('takes the sub stream for a tile of a ninth of the screen, each tile from an address of its own', async () => {
    const sources = await page.evaluate<string[]>('[...document.images].map((image) => image.src)');
    assert.equal(sources.length, 9);
    assert.equal(new Set(sources.map((source) => new URL(source).hostname)).size, 9);
    for (const source of sources) {
      const { hostname, pathname, searchParams } = new URL(source);
      assert.match(pathname, /_sub\/mjpeg$/);
      assert.notEqual(hostname, '127.0.0.1');
      assert.deepEqual(
        ['width', 'height', 'paced'].map((name) => searchParams.get(name)),
        ['640', '368', 'true'],
      );
    }
  });

  it('shows a layout as soon as it is saved, without a reload', async () => {
    await page.evaluate('globalThis.notReloaded = true');
    await putLayout('nine', grid(ids));
    await putLayout('two', grid(ids.slice(0, 2)));
    await putWall('two');
    await allLive(2);
    await putWall('nine');
    await allLive(9);
    await putLayout('nine', grid([...ids].reverse()));
    await until('the reversed order', async () => (await tiles())[0]?.name === NAMES.at(-1));
    await putLayout('nine', grid(ids));
    await until('the first order', async () => (await tiles())[0]?.name === NAMES[0]);
    assert.equal(await page.evaluate('globalThis.notReloaded'), true);
    await allLive(9);
  });

  it('opens no picture anew for a tile that stays while others change', async () => {
    const source = () => page.evaluate<string>(`document.querySelector('[data-position="0"] img').src`);
    const before = await source();
    await putLayout('nine', grid([ids[0]!, ...ids.slice(1).reverse()]));
    await until('the others to change', async () => (await tiles())[1]?.name === NAMES.at(-1));
    await allLive(9);
    assert.equal(await source(), before);
    await putLayout('nine', grid(ids));
    await until('the first order', async () => (await tiles())[1]?.name === NAMES[1]);
    await allLive(9);
  });

  it('plays sixteen tiles on one page, although Chromium opens six connections to a host', async () => {
    await putLayout('sixteen', grid([...ids, ...ids].slice(0, 16)));
    await putWall('sixteen');
    await allMove(16);
    await putWall('nine');
    await allLive(9);
  });

  it('goes to full screen by number key from the main stream, with the small picture until then, and back', async () => {
    await until('the sub stream', async () => (await tileWith('Car park')).width === 640);
    await page.keyboard.press('3');
    await fullIs('Car park');
    const { box, width } = await tileWith('Car park');
    assert.deepEqual([box.width, box.height], [1920, 1080]);
    assert.ok(width >= 640, 'there is a picture at once');
    await until('the main stream', async () => (await tileWith('Car park')).width === 1280);
    const source = await page.evaluate<string>(`[...document.querySelectorAll('.full .painted')].at(-1).src`);
    assert.match(source, /cam3_main\/mjpeg/);
    assert.equal(new URL(source).searchParams.has('paced'), false);
    await page.keyboard.press('3');
    assert.equal(
      (await tiles()).some((tile) => tile.full),
      false,
    );
    await until('the sub stream again', async () => (await tileWith('Car park')).width === 640);
    await allLive(9);
  });

  it('goes to full screen by double click and back by Escape; another digit dials another camera', async () => {
    const { box } = await tileWith('Corridor');
    await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
    await fullIs('Corridor');
    await page.keyboard.press('1');
    await fullIs('Front door');
    await page.keyboard.press('Escape');
    await noneFull();
    await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
    await fullIs('Corridor');
    await page.mouse.dblclick(300, 300);
    await noneFull();
  });

  it('hides the pointer when nobody has touched anything for a while', async () => {
    await page.mouse.move(500, 500);
    const cursor = () => page.evaluate<string>(`getComputedStyle(document.querySelector('.stage')).cursor`);
    assert.equal(await cursor(), 'default');
    await until('the pointer to vanish', async () => (await cursor()) === 'none');
  });

  it('covers the picture of a camera that froze, tells its age before, and moves no other tile', async () => {
    const camera = cameras.cameras[4]!;
    const boxes = (await tiles()).map(({ box }) => box);
    await camera.fault({ stopSending: true });
    const late = await until('the age', async () => {
      const tile = await tileWith(camera.name);
      return tile.kind === 'late' && tile;
    });
    assert.match(late.text, /^[2-4] s$/);
    const covered = await until('the overlay', async () => {
      const tile = await tileWith(camera.name);
      return !['live', 'late'].includes(tile.kind) && tile;
    });
    assert.match(covered.text, /NO PICTURE \d+ s|OFFLINE \d+ s/);
    const seen = await tiles();
    assert.deepEqual(
      seen.map(({ box }) => box),
      boxes,
    );
    assert.deepEqual(seen.filter(({ kind }) => kind === 'live').length, 8);
    await camera.clearFaults();
    await allLive(9);
  });

  it('says that a camera is offline while it is cut off, and is live again after its return', async () => {
    const camera = cameras.cameras[7]!;
    await camera.fault({ refuse: true });
    const offline = await until('the overlay', async () => {
      const tile = await tileWith(camera.name);
      return tile.kind === 'gone' && tile;
    });
    assert.match(offline.text, /OFFLINE \d+ s/);
    assert.equal(offline.images > 0, true, 'the last picture stays beneath');
    await camera.clearFaults();
    await allMove(9);
  });

  it('turns to the main stream while the sub stream is stopped, and back when it is started', async () => {
    const shows = (stream: string) =>
      page.evaluate<boolean>(`[...document.images].some((image) => image.src.includes('/${stream}/'))`);
    await daemon.api('POST', '/api/streams/cam2_sub/stop');
    await until('the main stream', async () => (await shows('cam2_main')) && !(await shows('cam2_sub')));
    await allLive(9);
    await daemon.api('POST', '/api/streams/cam2_sub/start');
    await until('the sub stream', async () => (await shows('cam2_sub')) && !(await shows('cam2_main')));
    await allLive(9);
  });

  it('opens a picture again whose connection died, and only that one', async (t) => {
    const tunnel = await openTunnel(daemon.port, 32);
    t.after(() => tunnel.close());
    await page.goto(tunnel.url);
    await allLive(9);
    const sources = async () => {
      const seen = await page.evaluate<string[]>('[...document.images].map((image) => image.src)');
      return seen.length === 9 && seen;
    };
    const before = await until('nine pictures', sources);
    assert.equal(tunnel.cut('/cam6_sub/mjpeg'), 1);
    const fresh = await until('another request', async () => {
      const now = await sources();
      const fresh = now ? now.filter((source) => !before.includes(source)) : [];
      return fresh.length > 0 && fresh;
    });
    assert.deepEqual(
      fresh.map((source) => new URL(source).pathname),
      ['/api/streams/cam6_sub/mjpeg'],
    );
    await allMove(9);
    await page.goto(daemon.url);
    await allLive(9);
  });

  it('shows all of it through a tunnel with one address, by one connection', async (t) => {
    const tunnel = await openTunnel(daemon.port, 1);
    t.after(() => tunnel.close());
    await page.goto(tunnel.url);
    await allLive(9);
    assert.deepEqual(
      (await tiles()).map(({ players }) => players),
      Array(9).fill(['video']),
    );
    await page.goto(daemon.url);
    await allLive(9);
  });

  it('shows what it can where something between keeps that connection away, says so on the other tiles, and still listens', async (t) => {
    const tunnel = await openTunnel(daemon.port, 1);
    const other = await browser.newPage();
    t.after(async () => {
      await other.close();
      await tunnel.close();
    });
    await other.addInitScript(`
      const Real = WebSocket;
      WebSocket = class extends Real {
        constructor(url, protocols) {
          super(String(url).replace('/api/live', '/api/kept-away'), protocols);
        }
      };
    `);
    await other.goto(tunnel.url);
    await until('five live tiles', async () => {
      const seen = await tilesOf(other);
      const live = seen.filter(({ kind, images }) => kind === 'live' && images > 0);
      return live.length === 5 && seen.slice(5).every(({ kind }) => kind === 'noConnection');
    });
    await putLayout('nine', grid(ids.slice(0, 4)));
    await until('four live tiles', async () => {
      const kinds = (await tilesOf(other)).map(({ kind }) => kind);
      return kinds.join() === 'live,live,live,live';
    });
    await putLayout('nine', grid(ids));
  });

  it('neither gains DOM nodes nor leaves connections behind in fifty layout changes', async () => {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const count = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { metrics } = await session.send('Performance.getMetrics');
      const metric = (name: string) => metrics.find((entry) => entry.name === name)?.value ?? Number.NaN;
      const streams = await daemon.api<{ streams: { name: string }[] }>('GET', '/api/streams');
      let viewers = 0;
      for (const { name } of streams.streams) {
        viewers += (await daemon.api<{ viewers: number }>('GET', `/api/streams/${name}`)).viewers;
      }
      return { nodes: metric('Nodes'), listeners: metric('JSEventListeners'), viewers };
    };
    // Once for what is made once.
    await putLayout('nine', grid(ids.slice(0, 5)));
    await allLive(5);
    await putLayout('nine', grid(ids));
    await allLive(9);
    const before = await until('nine viewers', async () => {
      const seen = await count();
      return seen.viewers === 9 && seen;
    });
    for (let change = 1; change <= 50; change++) {
      const some = ids.filter((_, i) => (i * 7 + change) % 3 !== 0);
      await putLayout('nine', change === 50 ? grid(ids) : grid(change % 2 ? some : some.reverse()));
      await sleep(60);
    }
    await allLive(9);
    let last = '';
    await until('the counts of before', async () => {
      const { nodes, listeners, viewers } = await count();
      last = `${nodes} nodes, ${listeners} listeners, ${viewers} viewers`;
      return nodes <= before.nodes + OF_THE_LAST_DRAWING && listeners <= before.listeners && viewers === 9;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(before)} became ${last}`);
    });
    // One more while a tile is just being opened anew.
    await until('nine images', async () => (await page.evaluate('document.images.length')) === 9);
  });

  it('says that the daemon is gone, and plays again after its return without a reload', async () => {
    const { port } = daemon;
    await page.evaluate('globalThis.notReloaded = true');
    await daemon.kill();
    await until('all tiles to say so', async () =>
      (await tiles()).every(({ kind }) => kind === 'unreachable'),
    );
    assert.match((await page.textContent('.banner')) ?? '', /does not answer/);
    daemon = await startDaemon({ port, stateDir });
    await allMove(9);
    assert.equal(await page.evaluate('globalThis.notReloaded'), true);
    assert.equal(await page.locator('.banner').count(), 0);
  });

  it('raised no error in the page', () => {
    assert.deepEqual(pageErrors, []);
  });
});
