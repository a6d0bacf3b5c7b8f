import type { Signal } from '@preact/signals';
import { whySilent } from '../i18n/soundTexts.ts';
import { Listening } from '../player/listening.ts';
import { remoteSocket } from './remoteSocket.ts';
import type { Heard } from './sound.ts';
import type { Tile } from './tile.ts';

/** The one camera that the page lets hear; loaded when somebody touches a button for it. */
export class WallSound {
  readonly #heard: Signal<Heard | undefined>;
  #listening: Listening | undefined;

  constructor(heard: Signal<Heard | undefined>) {
    this.#heard = heard;
  }

  /** Of the tile's camera, or of none if it is heard already. */
  toggle(tile: Tile): void {
    const { camera } = tile;
    const stream = tile.pictures.shown?.wish.stream;
    // Apple’s browsers may want a second touch: the first had to load what plays.
    const again = this.#listening?.state === 'blocked';
    const on =
      camera !== undefined && stream !== undefined && (camera !== this.#heard.peek()?.camera || again);
    this.stop();
    if (on) this.#begin(camera, stream, tile);
  }

  #begin(camera: string, stream: string, tile: Tile): void {
    const tell = () => {
      if (this.#listening !== listening) return;
      const { state, level = 0 } = listening;
      // Coarse: each step is drawn anew.
      this.#heard.value = { camera, state, level: Math.round(level * 10) / 10, why: whySilent(state) };
    };
    const listening = new Listening({
      ...{ socket: remoteSocket(), stream, volume: 1, changed: tell },
      pictureAge: () => {
        const { shown } = tile.pictures;
        return shown?.wish.camera === camera ? (shown.report?.ageMs ?? undefined) : undefined;
      },
    });
    this.#listening = listening;
    tell();
  }

  stop(): void {
    const listening = this.#listening;
    this.#listening = undefined;
    listening?.close();
    this.#heard.value = undefined;
  }
}
