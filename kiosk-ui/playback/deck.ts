/** What the page plays: cameras, one clock for all of them, the part of time on the timeline, marks. */

import { computed, effect, signal } from '@preact/signals';
import type { ShownState } from '../../daemon/schema.ts';
import { DeckClock } from './clock.ts';
import { Player } from './player.ts';
import { around, following, lengthOf, type View, zoomed } from './scale.ts';
import { type CameraEvent, eventBeside, eventsOf, isRecorded, LEAD, nextRecorded } from './spans.ts';
import { stepBackTarget, stepTarget } from './sync.ts';
import { TimelineData } from './timelineData.ts';

/** A tile of the page. Unit coordinates; undefined: wherever there is room. */
export interface DeckTile {
  camera: string | undefined;
  rect?: { x: number; y: number; width: number; height: number };
  /** What the wall said of it then; undefined: nothing. */
  state?: Trouble;
}

/** What the wall writes over a picture. */
export type Trouble = Exclude<ShownState, 'live' | 'empty'>;

export type Note =
  | { kind: 'skipped'; seconds: number }
  | { kind: 'end' }
  | { kind: 'noEvent' }
  | { kind: 'noFrames' };

/** Seconds. */
const FIRST_LENGTH = 3600;
/** As far behind the camera as this is live. */
const LIVE_EDGE = 3;
/** Milliseconds. */
const NOTE_SHOWN = 4_000;
const PICTURE_WAIT = 350;
const MOST_TRIES = 12;
/**
 * Browsers open six connections to a box, and a video that plays holds one all the time: with more of them nothing else would
 * get through.
 */
const MOST_STREAMED = 4;

export class Deck {
  readonly tiles = signal<readonly DeckTile[]>([]);
  /** In the order of the tiles; undefined where one is empty. */
  readonly players = signal<readonly (Player | undefined)[]>([]);
  readonly cameras = computed(() => [...new Set(this.tiles.value.flatMap(({ camera }) => camera ?? []))]);
  /** The clock for the eye: changes ten times a second at most. */
  readonly at = signal(0);
  readonly playing = signal(false);
  readonly speed = signal(1);
  readonly sound = signal(false);
  readonly live = signal(false);
  /** Index of the tile that sound, snapshot, frame steps and export are about. */
  readonly chosen = signal(0);
  readonly view = signal<View>(around(0, FIRST_LENGTH));
  readonly marks = signal<{ in: number | undefined; out: number | undefined }>({
    in: undefined,
    out: undefined,
  });
  readonly note = signal<Note | undefined>(undefined);
  /** Somebody drags the playhead: the timeline does not run away. */
  readonly scrubbing = signal(false);
  readonly data = new TimelineData();
  /** Called when the picture may have changed. */
  drawn: () => void = () => {};
  #clock = new DeckClock(0);
  #frame = 0;
  #timer: ReturnType<typeof setInterval>;
  #searching = false;
  #noteTimer: ReturnType<typeof setTimeout> | undefined;
  #stepping = false;
  #end: () => void;

  /** @param length seconds that the timeline shows at first */
  constructor(at: number, length = FIRST_LENGTH) {
    this.#clock.at = at;
    this.at.value = at;
    this.view.value = around(at, length);
    // Frames come to pages that are seen only; reading ahead goes on in any case.
    this.#timer = setInterval(() => this.#tick(), 250);
    document.addEventListener('visibilitychange', this.#visibility);
    this.#end = effect(() => this.data.setCameras(this.cameras.value));
    this.#loop();
  }

  /** The exact time of the playhead, Unix seconds. */
  get time(): number {
    return this.#clock.at;
  }

  get camera(): string | undefined {
    return (this.tiles.value[this.chosen.value] ?? this.tiles.value[0])?.camera;
  }

  get player(): Player | undefined {
    return this.players.peek()[this.chosen.peek()] ?? this.players.peek().find(Boolean);
  }

  /** Players of cameras that stay are taken along, so that another arrangement is no new beginning. */
  show(tiles: readonly DeckTile[]): void {
    const left = this.players.peek().filter((player) => player !== undefined);
    this.players.value = tiles.map(({ camera }) => {
      if (camera === undefined) return undefined;
      const index = left.findIndex((player) => player.camera === camera);
      return index >= 0 ? left.splice(index, 1)[0] : new Player(camera, () => this.drawn());
    });
    for (const player of left) player.close();
    this.tiles.value = tiles;
    if (this.chosen.peek() >= tiles.length) this.chosen.value = 0;
  }

  choose(camera: string): void {
    const index = this.tiles.peek().findIndex((tile) => tile.camera === camera);
    if (index >= 0) this.chosen.value = index;
  }

  seek(at: number, options: { center?: boolean } = {}): void {
    this.live.value = false;
    this.#clock.set(Math.min(at, Date.now() / 1000));
    if (options.center) this.view.value = around(this.#clock.at, lengthOf(this.view.peek()));
    this.#tick();
  }

  /** So many seconds on; the playhead stays in sight. */
  jump(seconds: number): void {
    this.seek(this.time + seconds);
    this.#follow();
  }

  /** Begin or end of the range that is to be exported, here. Another range is begun where these two cross. */
  mark(edge: 'in' | 'out', at: number | undefined = this.time): void {
    const marks = { ...this.marks.peek(), [edge]: at };
    if (marks.in !== undefined && marks.out !== undefined && marks.out <= marks.in)
      marks[edge === 'in' ? 'out' : 'in'] = undefined;
    this.marks.value = marks;
  }

  play(playing = !this.playing.peek()): void {
    if (playing) this.live.value = false;
    this.playing.value = playing;
    this.#clock.playing = playing;
    if (!playing) this.#settle();
    this.#tick();
  }

  setSpeed(speed: number): void {
    this.speed.value = speed;
    this.#clock.speed = speed;
  }

  zoom(factor: number, anchor = this.time): void {
    this.view.value = zoomed(this.view.peek(), factor, anchor);
  }

  goLive(): void {
    this.play(false);
    this.live.value = true;
    this.#seekTo(Date.now() / 1000);
  }

  say(note: Note): void {
    this.note.value = note;
    clearTimeout(this.#noteTimer);
    this.#noteTimer = setTimeout(() => {
      this.note.value = undefined;
    }, NOTE_SHOWN);
  }

  toEvent(step: 1 | -1): void {
    const event = eventBeside(eventsOf(this.data.rows.peek()), this.time, step);
    if (event) this.toThat(event);
    else this.say({ kind: 'noEvent' });
  }

  toThat({ from, camera }: CameraEvent): void {
    this.choose(camera);
    const spans = this.data.rowOf(camera)?.spans ?? [];
    this.seek(isRecorded(spans, from - LEAD) ? from - LEAD : from);
    this.#follow();
  }

  /** The next or the last picture of the chosen camera; the others go along. */
  async step(direction: 1 | -1): Promise<void> {
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      if (this.playing.peek()) this.play(false);
      const player = this.player;
      await this.#picture();
      const shown = player?.pictureAt;
      if (!player || shown === undefined) return this.say({ kind: 'noFrames' });
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        this.seek(
          direction > 0
            ? stepTarget(shown, player.frame, tries)
            : stepBackTarget(shown - tries * player.frame),
        );
        await this.#picture();
        const now = player.pictureAt;
        if (now !== undefined && now !== shown) {
          // At the beginning of the picture, where the next step is sure to find it.
          this.#clock.set(now + Math.min(0.002, player.frame / 4));
          break;
        }
      }
    } finally {
      this.#stepping = false;
    }
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    clearInterval(this.#timer);
    clearTimeout(this.#noteTimer);
    document.removeEventListener('visibilitychange', this.#visibility);
    this.#end();
    for (const player of this.players.peek()) player?.close();
  }

  /** Without leaving live. */
  #seekTo(at: number): void {
    this.#clock.set(at);
    this.#tick();
  }

  #loop(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#tick();
      this.drawn();
      this.#loop();
    });
  }

  #tick(): void {
    const now = Date.now() / 1000;
    this.data.tick(this.view.peek(), this.time, now);
    if (this.live.peek()) {
      this.#clock.set(now);
      for (const player of this.players.peek()) player?.pause();
    } else {
      this.#clock.tick(performance.now(), this.#direct());
      if (this.playing.peek() && !this.scrubbing.peek()) this.#overGaps(now);
    }
    const shown = Math.floor(this.time * 10) / 10;
    if (shown !== this.at.peek()) this.at.value = shown;
    if (!this.scrubbing.peek() && (this.playing.peek() || this.live.peek())) this.#follow();
  }

  /** @returns whether all that is looked at is there */
  #direct(): boolean {
    const playing = this.playing.peek() && !this.scrubbing.peek() && !document.hidden;
    const covered = this.data.covers(this.time);
    const chosen = this.player;
    const whole = this.players.peek().length > MOST_STREAMED;
    let ready = true;
    for (const player of this.players.peek()) {
      if (!player) continue;
      const sound = this.sound.peek() && player === chosen;
      const wish = { at: this.time, playing, speed: this.speed.peek(), sound, whole };
      const spans = covered ? (this.data.rowOf(player.camera)?.spans ?? []) : undefined;
      if (!player.follow(wish, spans)) ready = false;
    }
    return ready;
  }

  /** Where no camera has anything, playing goes on where the next one has. */
  #overGaps(now: number): void {
    const rows = this.data.rows.peek();
    if (!this.data.covers(this.time) || rows.length === 0) return;
    const open = Math.max(...rows.map(({ spans }) => (spans.at(-1)?.open ? spans.at(-1)!.to : 0)));
    if (open > 0 && this.time > open - 0.5 && now - this.time < LIVE_EDGE * 4) {
      this.goLive();
      return;
    }
    if (rows.some(({ spans }) => isRecorded(spans, this.time))) return;
    const next = nextRecorded(rows, this.time);
    if (next !== undefined) this.#skipTo(next);
    else if (!this.#searching) void this.#search(now);
  }

  async #search(now: number): Promise<void> {
    this.#searching = true;
    const from = this.time;
    const next = await this.data.next(from, now);
    this.#searching = false;
    if (!this.playing.peek() || Math.abs(this.time - from) > 5) return;
    if (next !== undefined) return this.#skipTo(next);
    this.seek(from);
    this.play(false);
    this.say({ kind: 'end' });
  }

  #skipTo(at: number): void {
    const seconds = at - this.time;
    this.seek(at + 0.05);
    if (seconds > 1) this.say({ kind: 'skipped', seconds });
  }

  /** Where playing stopped the clock stands at a picture that all show. */
  #settle(): void {
    const shown = this.player?.pictureAt;
    if (shown !== undefined && Math.abs(shown - this.time) < 1) this.#clock.set(shown + 0.002);
  }

  #follow(): void {
    const view = following(this.view.peek(), this.time);
    if (view !== this.view.peek()) this.view.value = view;
  }

  /** Waits until the videos stand where the clock does, and have painted that. */
  async #picture(): Promise<void> {
    const end = performance.now() + PICTURE_WAIT * 10;
    do {
      await new Promise((resolve) => setTimeout(resolve, 30));
      this.#tick();
    } while (!this.#direct() && performance.now() < end);
    // A picture that is there is painted in the frame after.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }

  #visibility = (): void => {
    if (document.hidden) for (const player of this.players.peek()) player?.pause();
  };
}
