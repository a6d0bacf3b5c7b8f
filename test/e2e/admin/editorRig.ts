/** A daemon with nine cameras, and hands that work the layout editor: mouse, keys and fingers. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Layout } from '../../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../../virtual-camera/index.ts';
import { launchBrowser } from '../browser.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { until } from '../until.ts';

export const NAMES = [
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
export const DESKTOP: BrowserContextOptions = {
  viewport: { width: 1600, height: 1000 },
  locale: 'en-GB',
};
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  locale: 'en-GB',
};

export interface Point {
  x: number;
  y: number;
}

export interface Rig {
  daemon: Daemon;
  /** A page in a context of its own; what goes wrong in it ends up in `errors`. */
  open(options: BrowserContextOptions): Promise<Page>;
  errors: string[];
  layout(name: string): Promise<Layout>;
  /** The cameras of each tile as they are saved, `cam1+cam2`. */
  shown(name: string): Promise<string[]>;
  /** Saves a square layout with a camera in each of `count` tiles. */
  put(name: string, count: number): Promise<unknown>;
  /** Opens a layout in the editor and waits until its tiles stand. */
  edit(name: string, on: Page): Promise<void>;
  close(): Promise<void>;
}

/** Cameras `cam1` to `cam9` by the names above, their small streams only. */
export async function startRig(): Promise<Rig> {
  const ends: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const cameras: VirtualCameras = await startVirtualCameras({ cameras: NAMES.map((name) => ({ name })) });
    ends.push(() => cameras.close());
    const daemon = await startDaemon();
    ends.push(() => daemon.stop());
    for (const [n, camera] of cameras.cameras.entries())
      await daemon.api('POST', '/api/cameras', {
        id: `cam${n + 1}`,
        name: camera.name,
        streams: [{ profile: 'sub', rtsp_url: camera.rtspUrl('sub'), keep_warm: false }],
      });
    await daemon.api('PATCH', '/api/settings', { setup_done: true });
    const browser: Browser = await launchBrowser();
    ends.push(() => browser.close());
    return { ...hands(daemon, browser), daemon, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function hands(daemon: Daemon, browser: Browser): Omit<Rig, 'daemon' | 'close'> {
  const errors: string[] = [];
  const layout = (name: string) => daemon.api<Layout>('GET', `/api/layouts/${name}`);
  return {
    errors,
    open: async (options) => {
      const context = await browser.newContext(options);
      const opened = await context.newPage();
      opened.on('pageerror', (error) => errors.push(error.message));
      opened.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) errors.push(message.text());
      });
      return opened;
    },
    layout,
    shown: async (name) => (await layout(name)).tiles.map(({ cameras: ids }) => ids.join('+')),
    put: (name, count) => {
      const side = Math.ceil(Math.sqrt(count));
      const tiles = Array.from({ length: count }, (_, n) => ({
        x: (n % side) / side,
        y: Math.floor(n / side) / side,
        width: 1 / side,
        height: 1 / side,
        cameras: [`cam${n + 1}`],
      }));
      return daemon.api('PUT', `/api/layouts/${name}`, { tiles });
    },
    edit: async (name, on) => {
      await on.goto(`${daemon.url}/admin/layouts/${name}`);
      await on.locator('.layouts-stage').waitFor();
      await until('the stage to be arranged', () =>
        on.evaluate<boolean>(
          `[...document.querySelectorAll('[data-tile]')].every((item) => item.hasAttribute('gs-x'))`,
        ),
      );
    },
  };
}

/** What the stage says of each tile, in order. */
export const stage = (on: Page) =>
  on
    .locator('.layouts-tile')
    .evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('aria-label')?.replace(/^Tile \d+: /, '')));

export async function stageIs(on: Page, expected: string[]): Promise<void> {
  await until(
    `the stage to show ${expected.join(', ')}`,
    async () => (await stage(on)).join() === expected.join(),
  ).catch(async () => assert.deepEqual(await stage(on), expected));
}

export const tile = (on: Page, n: number) => on.locator('.layouts-tile').nth(n);

export async function middle(on: Page, selector: string): Promise<Point> {
  const box = await on.locator(selector).boundingBox();
  assert.ok(box, selector);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** With the mouse. */
export async function drag(on: Page, from: Point, to: Point): Promise<void> {
  await on.mouse.move(from.x, from.y);
  await on.mouse.down();
  await on.mouse.move(from.x + 12, from.y + 9, { steps: 3 });
  await on.mouse.move(to.x, to.y, { steps: 8 });
  await on.mouse.up();
}

export const dragTile = async (on: Page, from: number, to: number) =>
  drag(on, await middle(on, `[data-tile="${from}"]`), await middle(on, `[data-tile="${to}"]`));

/** With one finger, as the browser gets it from the glass. */
export async function swipe(on: Page, from: Point, to: Point): Promise<void> {
  const finger = await on.context().newCDPSession(on);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: Point) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] });
  await touch('touchStart', from);
  for (let step = 1; step <= 10; step++)
    await touch('touchMove', {
      x: from.x + ((to.x - from.x) * step) / 10,
      y: from.y + ((to.y - from.y) * step) / 10,
    });
  await touch('touchEnd');
  await finger.detach();
}

export async function save(on: Page): Promise<void> {
  const button = on.getByRole('button', { name: 'Save', exact: true });
  await button.click();
  await until('it to be saved', () => button.isDisabled());
}

/** Writes down when the wall’s tiles changed their names; read with `wallChangedTo`. */
export const watchWall = (wall: Page) =>
  wall.evaluate(`
    globalThis.changed = [];
    new MutationObserver(() => {
      const names = [...document.querySelectorAll('.tile')]
        .sort((a, b) => a.dataset.position - b.dataset.position)
        .map((tile) => tile.querySelector('.label span')?.textContent).join();
      if (names !== changed.at(-1)?.names) changed.push({ names, at: Date.now() });
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  `);

/** When the wall first showed these names after `since`, Unix milliseconds. */
export const wallChangedTo = (wall: Page, names: string, since: number) =>
  until(`the wall to show ${names}`, () =>
    wall.evaluate<number>(
      `changed.find(({ names, at }) => names === ${JSON.stringify(names)} && at >= ${since})?.at ?? 0`,
    ),
  );
