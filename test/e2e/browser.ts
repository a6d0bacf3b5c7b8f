import { existsSync } from 'node:fs';
import jpeg from 'jpeg-js';
import { type Browser, chromium, type Page } from 'playwright-core';
import { lumaFromRgba, readFrameStamp } from '../virtual-camera/index.ts';

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';

/** Why tests with a browser cannot run here; false where they can. */
export const noBrowser: string | false = existsSync(CHROMIUM)
  ? false
  : `there is no ${CHROMIUM} (Debian: apt install chromium)`;

/** Chromium with a user data folder of its own and no talk to the network. */
export function launchBrowser(args: string[] = [], executablePath = CHROMIUM): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
}

/** What a tile shows, as the page says. */
export interface TileSeen {
  name: string;
  kind: string;
  /** Title and time of the overlay or of the late mark, as one text. */
  text: string;
  full: boolean;
  /** Why the picture does not come as it was asked for. */
  note: string;
  images: number;
  /** Players of the live socket, by their elements. */
  players: string[];
  /** Of the picture on top: natural width, 0 while there is none. */
  width: number;
  box: { x: number; y: number; width: number; height: number };
}

/** Tiles in the order of the layout. In the page's own language: the tests are checked without the DOM's types. */
export function tilesOf(page: Page): Promise<TileSeen[]> {
  return page.evaluate<TileSeen[]>(`
    [...document.querySelectorAll('.tile')]
      .sort((a, b) => a.dataset.position - b.dataset.position)
      .map((tile) => {
        const { x, y, width, height } = tile.getBoundingClientRect();
        const images = [...tile.querySelectorAll('img')];
        return {
          name: tile.querySelector('.label span')?.textContent ?? '',
          kind: tile.dataset.kind,
          text: [...tile.querySelectorAll('.title, .time, .late')].map((p) => p.textContent).join(' '),
          full: tile.classList.contains('full'),
          note: tile.querySelector('.label small')?.textContent ?? '',
          players: [...tile.querySelectorAll('.remote.painted :is(video, canvas)')].map((player) => player.localName),
          images: images.length,
          width: Math.max(0, ...images.filter((i) => i.className === 'painted').map((i) => i.naturalWidth)),
          box: { x, y, width, height },
        };
      })
  `);
}

/**
 * The frame stamps in the tiles' pictures as they are on the screen, undefined where there is none. Pictures are 16:9,
 * shown whole in the middle of the tile within a border of one pixel.
 */
export async function stampsOf(page: Page, tiles: readonly TileSeen[]): Promise<(number | undefined)[]> {
  const screen = jpeg.decode(await page.screenshot({ type: 'jpeg', quality: 95 }), { useTArray: true });
  const luma = lumaFromRgba(screen.data, screen.width, screen.height);
  return tiles.map(({ box, full }) => {
    const border = full ? 0 : 1;
    const room = { width: box.width - 2 * border, height: box.height - 2 * border };
    const width = Math.min(room.width, (room.height * 16) / 9);
    const height = (width * 9) / 16;
    const left = Math.round(box.x + border + (room.width - width) / 2);
    const top = Math.round(box.y + border + (room.height - height) / 2);
    const start = top * screen.width + left;
    return readFrameStamp(luma.subarray(start), Math.round(width), Math.round(height), screen.width);
  });
}
