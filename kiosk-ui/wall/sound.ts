import { signal } from '@preact/signals';
import type { Tile } from './tile.ts';
import type { WallSound } from './wallSound.ts';

export interface Heard {
  readonly camera: string;
  readonly state: string;
  /** 0 to 1. */
  readonly level: number;
  /** It is silent. */
  readonly why: string;
}

/** The camera that somebody listens to, and how it is with that. */
export const heard = signal<Heard | undefined>(undefined);

let control: Promise<WallSound> | undefined;

/** Lets the tile's camera be heard, or no more. To be called where somebody touched the page: browsers let it sound nowhere else. */
export function toggleSound(tile: Tile): void {
  control ??= import('./wallSound.ts').then(({ WallSound }) => new WallSound(heard));
  control.then(
    (sound) => sound.toggle(tile),
    () => {
      control = undefined;
    },
  );
}

/** Nobody wants to hear a camera that is not among these, without a button to silence it. */
export function keepSound(cameras: readonly (string | undefined)[]): void {
  const { camera } = heard.peek() ?? {};
  if (camera !== undefined && !cameras.includes(camera)) void control?.then((sound) => sound.stop());
}
