/** What the box has of the cameras that are looked at: read ahead of the view, and again while it is being recorded. */
import { signal } from '@preact/signals';
import { type CameraTimeline, readTimeline, type Timeline } from '../api/recordings.ts';
import type { Failure } from '../api/request.ts';
import type { View } from './scale.ts';
import { nextRecorded } from './spans.ts';

/** Milliseconds between two readings of what is being written. */
const FRESH = 4_000;
const RETRY = 3_000;
/** The box answers for so many days at once. */
const MOST = 31 * 86_400;

export class TimelineData {
  /** In the order of the cameras. */
  readonly rows = signal<readonly CameraTimeline[]>([]);
  readonly failure = signal<Failure | undefined>(undefined);
  /** What `rows` cover; undefined: nothing yet. */
  #covered: View | undefined;
  #cameras: readonly string[] = [];
  #asking = false;
  #asked = 0;
  #readAt = -Infinity;

  covers(time: number): boolean {
    return this.#covered !== undefined && time >= this.#covered.from && time <= this.#covered.to;
  }

  rowOf(camera: string): CameraTimeline | undefined {
    return this.rows.peek().find((row) => row.camera === camera);
  }

  setCameras(cameras: readonly string[]): void {
    if (cameras.join() === this.#cameras.join()) return;
    const known = this.rows.peek();
    this.#cameras = [...cameras];
    this.rows.value = cameras.flatMap((camera) => known.find((row) => row.camera === camera) ?? []);
    this.#covered = undefined;
    this.#asking = false;
    this.#readAt = -Infinity;
  }

  /** Reads it again soon: something was protected, or begun. */
  stale(): void {
    this.#readAt = -Infinity;
    this.#covered = this.#covered && { ...this.#covered, to: this.#covered.from };
  }

  /** Called often. `now` in Unix seconds; `playhead` may be outside the view for a moment. */
  tick(view: View, playhead: number, now: number): void {
    if (this.#asking || this.#cameras.length === 0) return;
    const covered = this.#covered;
    const need = { from: Math.min(view.from, playhead), to: Math.min(Math.max(view.to, playhead), now) };
    const missing = !covered || need.from < covered.from || need.to > covered.to;
    const age = performance.now() - this.#readAt;
    // Without news only the end can have changed.
    const grown = need.to >= now - 60 && age > FRESH;
    if ((!missing && !grown) || (this.failure.peek() && age < RETRY)) return;
    if (missing && covered && need.from >= covered.from && need.to - covered.to < 60 && age < FRESH) return;
    const room = Math.max(view.to - view.from, 600);
    void this.#read({ from: need.from - room, to: Math.min(need.to + room, now + 5) });
  }

  /**
   * The first time from then on at which there is something, however far away.
   * @returns undefined where there is none
   */
  async next(from: number, now: number): Promise<number | undefined> {
    for (let begin = from; begin < now; begin += MOST) {
      const answer = await readTimeline(this.#cameras, begin, Math.min(begin + MOST, now + 5));
      if (!answer.ok) return undefined;
      const found = nextRecorded(answer.value.cameras, Math.max(from, begin));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #read({ from, to }: View): Promise<void> {
    this.#asking = true;
    const asked = ++this.#asked;
    const cameras = this.#cameras;
    const answer = await readTimeline(cameras, Math.max(from, to - MOST), to);
    // Other cameras meanwhile: theirs is asked for already.
    if (asked !== this.#asked || cameras !== this.#cameras) return;
    this.#asking = false;
    this.#readAt = performance.now();
    this.failure.value = answer.ok ? undefined : answer;
    if (!answer.ok) return;
    this.#covered = { from, to };
    this.rows.value = cameras.map((camera) => rowOf(answer.value, camera));
  }
}

const rowOf = ({ cameras }: Timeline, camera: string): CameraTimeline =>
  cameras.find((row) => row.camera === camera) ?? { camera, spans: [], events: [] };
