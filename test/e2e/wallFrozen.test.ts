import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { ServiceRecord } from '../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { launchBrowser, noBrowser, tilesOf } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

/** Milliseconds in which a tile must say what is wrong with it. */
const TOLD = 5_000;

interface Look {
  kind: string;
  text: string;
  /** `performance.now()` of the page. */
  at: number;
}

/**
 * Three tiles stand still, each for another reason: the camera repeats its last frame, the camera has stopped, the page
 * does not paint what it is sent. Real cameras, real daemon, real browser.
 */
describe('three tiles that stand still', { skip: noBrowser, timeout: 180_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let browser: Browser;
  let page: Page;

  const allLive = () =>
    until('three live tiles', async () => {
      const seen = await tilesOf(page);
      return seen.length === 3 && seen.every(({ kind }) => kind === 'live');
    });
  const looks = (position: number) => page.evaluate<Look[]>(`looks[${position}]`);
  const record = (id: string) => daemon.api<ServiceRecord>('GET', `/api/cameras/${id}/record`);

  before(async () => {
    const names = ['Repeats', 'Stops', 'Broken'];
    cameras = await startVirtualCameras({ cameras: names.map((name) => ({ name, seconds: 8 })) });
    daemon = await startDaemon();
    for (const camera of cameras.cameras) {
      await daemon.api('POST', '/api/cameras', {
        id: camera.id,
        name: camera.name,
        streams: [{ profile: 'sub', rtsp_url: camera.rtspUrl('sub'), keep_warm: false }],
      });
    }
    const tiles = cameras.cameras.map(({ id }, i) => ({
      x: i / 3,
      y: 0,
      width: 1 / 3,
      height: 1,
      cameras: [id],
    }));
    await daemon.api('PUT', '/api/layouts/three', { tiles });
    await daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'three', dwell_seconds: 3600 }] });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1440, height: 270 } });
    await page.goto(daemon.url);
    await allLive();
  });

  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
  });

  it('are told apart within five seconds, and what is said of each is written down', async (t) => {
    // In the page itself: no look is missed, and its clock is the one that counts.
    await page.evaluate(`{
      globalThis.looks = [[], [], []];
      for (const tile of document.querySelectorAll('.tile')) {
        const note = () => looks[tile.dataset.position].push({
          kind: tile.dataset.kind,
          text: tile.innerText,
          at: performance.now(),
        });
        new MutationObserver(note).observe(tile, { attributes: true, attributeFilter: ['data-kind'] });
      }
    }`);
    const begun = await page.evaluate<number>('performance.now()');
    const [repeats, stops] = cameras.cameras;
    await repeats!.fault({ repeat: true });
    await stops!.fault({ stopSending: true });
    // The daemon goes on sending to that viewer, into an image that is not on the page.
    await page.evaluate(`{
      const image = document.querySelector('[data-position="2"] img.painted');
      const still = document.createElement('canvas');
      still.width = 640;
      still.height = 360;
      globalThis.fedElsewhere = new Image();
      fedElsewhere.crossOrigin = 'anonymous';
      fedElsewhere.src = image.src;
      image.src = still.toDataURL();
    }`);

    const told = async (position: number, kind: string) => {
      const look = await until(`tile ${position} to be ${kind}`, async () =>
        (await looks(position)).find((one) => one.kind === kind),
      );
      t.diagnostic(`${kind}: after ${((look.at - begun) / 1000).toFixed(1)} s`);
      assert.ok(look.at - begun < TOLD, `${kind} was told after ${Math.round(look.at - begun)} ms`);
      return look;
    };
    const said = [await told(0, 'unchanged'), await told(1, 'frozen'), await told(2, 'notPainted')];
    assert.equal(new Set(said.map(({ text }) => text)).size, 3);
    for (const [position, kind] of ['unchanged', 'frozen', 'notPainted'].entries()) {
      const others = (await looks(position)).map((look) => look.kind);
      for (const other of ['unchanged', 'frozen', 'notPainted'])
        assert.ok(other === kind || !others.includes(other), `tile ${position} was ${others.join(', ')}`);
    }

    // The page mends by itself what was its own fault.
    await until('the broken tile to play again', async () => (await looks(2)).at(-1)?.kind === 'live');
    await until('the repair in its record', async () => ((await record('broken')).days[0]?.repairs ?? 0) > 0);
    await until(
      'the same picture in its record',
      async () => (await record('repeats')).days[0]?.unchanged === 1,
    );
    await until(
      'the time without pictures in its record',
      async () => ((await record('stops')).days[0]?.stalled_seconds ?? 0) > 0,
    );
    assert.equal((await record('stops')).days[0]?.repairs, 0);
    assert.equal((await record('repeats')).days[0]?.repairs, 0);
  });

  it('are live again as soon as the cameras are', async () => {
    for (const camera of cameras.cameras) await camera.clearFaults();
    await allLive();
  });
});
