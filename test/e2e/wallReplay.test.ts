/** What the wall showed, asked for afterwards: a real page, a real camera that goes away and a layout that takes the other's place. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { WallChanges, WallReplay } from '../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

describe('the journal of the wall', { skip: noBrowser, timeout: 240_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let browser: Browser;
  const now = () => Date.now() / 1000;
  const replay = (at: number) => daemon.api<WallReplay>('GET', `/api/wall/replay?at=${at}`);
  /** As soon as it is shown so. */
  const shown = (what: string, is: (wall: WallReplay) => boolean) =>
    until(
      what,
      async () => {
        const response = await fetch(`${daemon.url}/api/wall/replay?at=${now()}`);
        const wall = response.ok && ((await response.json()) as WallReplay);
        return wall && is(wall) && wall;
      },
      60_000,
    );

  before(async () => {
    cameras = await startVirtualCameras({ cameras: ['Door', 'Yard'].map((name) => ({ name, seconds: 8 })) });
    daemon = await startDaemon();
    for (const camera of cameras.cameras)
      await daemon.api('POST', '/api/cameras', {
        id: camera.id,
        name: camera.name,
        streams: [{ profile: 'sub', rtsp_url: camera.rtspUrl('sub') }],
      });
    const half = (x: number, camera: string) => ({ x, y: 0, width: 0.5, height: 1, cameras: [camera] });
    await daemon.api('PUT', '/api/layouts/both', { tiles: [half(0, 'door'), half(0.5, 'yard')] });
    await daemon.api('PUT', '/api/layouts/one', {
      tiles: [{ x: 0, y: 0, width: 1, height: 1, cameras: ['yard'] }],
    });
    await daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'both', dwell_seconds: 3600 }] });
    browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 960, height: 270 } });
    await page.goto(daemon.url);
  });
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
  });

  it('tells layout, tiles, cameras and their states at any time since', async () => {
    const began = now();
    const live = await shown(
      'both live',
      ({ tiles }) => tiles.length === 2 && tiles.every(({ state }) => state === 'live'),
    );
    assert.deepEqual(
      [live.layout, live.until, live.tiles],
      [
        'both',
        null,
        [
          { x: 0, y: 0, width: 0.5, height: 1, camera: 'door', state: 'live' },
          { x: 0.5, y: 0, width: 0.5, height: 1, camera: 'yard', state: 'live' },
        ],
      ],
    );
    const both = now();
    await daemon.api('POST', '/api/streams/door_sub/stop');
    await shown(
      'the door stopped',
      ({ tiles }) => tiles[0]?.state === 'stopped' && tiles[1]?.state === 'live',
    );
    const stopped = now();
    await daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'one', dwell_seconds: 3600 }] });
    await shown('the other layout', ({ layout }) => layout === 'one');

    assert.deepEqual((await replay(both)).tiles, live.tiles);
    const then = await replay(stopped);
    assert.deepEqual([then.layout, then.tiles[0]?.state], ['both', 'stopped']);
    assert.ok(then.since <= stopped && then.until! >= stopped);
    const { changes } = await daemon.api<WallChanges>(
      'GET',
      `/api/wall/replay/changes?from=${began - 60}&to=${now()}`,
    );
    assert.equal(changes.at(-1)?.layout, 'one');
    assert.ok(changes.length >= 3);
    assert.ok(changes.every(({ at }, i) => i === 0 || at > changes[i - 1]!.at));
    await assert.rejects(replay(began - 3_600), /404.*nothing_recorded.*nearest/);
    await assert.rejects(daemon.api('GET', `/api/wall/replay?at=${now()}&screen=2`), /404/);
    await assert.rejects(daemon.api('GET', '/api/wall/replay?at=now'), /400/);
    await assert.rejects(daemon.api('GET', '/api/wall/replay/changes?from=2&to=1'), /400.*invalid_range/);
  });

  it('is in the API’s own description, as is playback', async () => {
    const { paths } = await daemon.api<{ paths: Record<string, unknown> }>('GET', '/api/docs/json');
    for (const path of [
      '/api/wall/replay',
      '/api/wall/replay/changes',
      '/api/recordings/timeline',
      '/api/recordings/days',
      '/api/recordings/cameras/{id}/media.mp4',
      '/api/recordings/cameras/{id}/picture.jpg',
      '/api/recordings/exports',
      '/api/recordings/exports/{id}/provenance.json',
    ])
      assert.ok(paths[path], path);
  });
});
