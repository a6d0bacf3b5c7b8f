import type { Layout } from '../../daemon/schema.ts';
import { backoff } from '../api/backoff.ts';
import { readCameras, readLayout, readWall, readWalls } from '../api/client.ts';
import type { Facts } from './facts.ts';
import { type Configuration, layoutsOf } from './plan.ts';
import { wallsByScreen } from './screens.ts';
import { type View, viewedCamera, viewedWall } from './view.ts';

/** Milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;

/**
 * Reads cameras, wall and layouts, again whenever `reread` was called, one reading at a time however many changes come
 * meanwhile. What could not be read stays as it was and is tried again.
 */
export class ConfigurationReader {
  #facts: Facts;
  #screen: number;
  #view: View;
  #read: (configuration: Configuration) => void;
  #stale = true;
  #reading = false;
  #failures = 0;
  #attemptAt = 0;

  /** @param screen whose wall it is, or whose wall would be shown if the view were not another one */
  constructor(facts: Facts, screen: number, view: View, read: (configuration: Configuration) => void) {
    this.#facts = facts;
    this.#screen = screen;
    this.#view = view;
    this.#read = read;
  }

  reread(): void {
    this.#stale = true;
    this.#attemptAt = 0;
  }

  /** `now` in milliseconds of the page's clock. */
  tick(now: number): void {
    if (!this.#stale || this.#reading || now < this.#attemptAt) return;
    this.#stale = false;
    this.#reading = true;
    void this.#once().then((done) => {
      this.#reading = false;
      if (done) {
        this.#failures = 0;
        return;
      }
      this.#failures++;
      this.#stale = true;
      this.#attemptAt =
        performance.now() + backoff(this.#failures, FIRST_PAUSE, LONGEST_PAUSE, Math.random());
    });
  }

  async #once(): Promise<boolean> {
    const [cameras, wall, walls] = await Promise.all([readCameras(), readWall(this.#screen), readWalls()]);
    if (!cameras.ok || !wall.ok) return false;
    const shown = viewedWall(this.#view, wall.value);
    const camera = viewedCamera(this.#view);
    const names = layoutsOf(shown).filter((name) => name !== camera?.name);
    const answers = await Promise.all(names.map(readLayout));
    const layouts = new Map<string, Layout>(camera ? [[camera.name, camera]] : []);
    for (const answer of answers) {
      if (answer.ok) layouts.set(answer.value.name, answer.value);
      else if (answer.status !== 404) return false;
    }
    this.#facts.setCameras(cameras.value, Date.now());
    this.#read({
      cameras: cameras.value.map(({ id }) => id),
      wall: shown,
      missing: this.#view.kind === 'layout' && layouts.size === 0 ? this.#view.name : undefined,
      // Of no use to this page itself.
      walls: wallsByScreen(walls.ok ? walls.value.walls : []),
      layouts,
    });
    return true;
  }
}
