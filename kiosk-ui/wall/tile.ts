import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Camera, CameraStream, Tile as TilePlan } from '../../daemon/schema.ts';
import { type Face, faceOf, NO_FACE, sameFace } from './face.ts';
import type { Rect } from './grid.ts';
import { stuckFor } from './paintProof.ts';
import type { Picture, PictureWish } from './picture.ts';
import { pictureAt } from './pictureAge.ts';
import { pictureBounds } from './pictureUrl.ts';
import { isProblem, type Trouble } from './problems.ts';
import { Still } from './still.ts';
import { chooseStream } from './streamChoice.ts';
import { TilePictures } from './tilePictures.ts';
import { type StreamFact, tileState } from './tileState.ts';
import { nextTurn, type Turn } from './turn.ts';

const DWELL_SECONDS = 10;
/** Milliseconds. A kept picture stays so long beneath the first live one; a dead one is told when not replaced by then. */
const STILL_OVERLAP = 250;
const DEAD_TOLD = 1_000;

const WHOLE: Rect = { x: 0, y: 0, width: 1, height: 1 };

/** What a tile must know of the wall around it. */
export interface Surroundings {
  camera: (id: string) => Camera | undefined;
  fact: (stream: string) => StreamFact | undefined;
  failedLately: (stream: string) => boolean;
  openPicture: (slot: number, wish: PictureWish, changed: () => void) => Picture;
  /** Something happened to a picture: look again soon. */
  changed: () => void;
}

/** The wall at one moment. Times are milliseconds of the page's clock. */
export interface Moment {
  now: number;
  unixNow: number;
  downSince: number | undefined;
  /** CSS pixels of the screen. */
  screen: { width: number; height: number };
  pixelRatio: number;
  paced: boolean;
  /** Milliseconds of the same picture that are worth saying; Infinity: never. */
  unchangedLimit: number;
}

/** One tile on the screen: which camera, from which stream, in what state. The page draws `rect`, `name` and `face`. */
export class Tile {
  /** Stays for the tile's life, lowest free number: its loopback address follows from it. */
  readonly slot: number;
  readonly pictures: TilePictures;
  readonly #face: Signal<Face> = signal(NO_FACE);
  readonly #name = signal('');
  readonly #recording = signal(false);
  readonly #audio = signal(false);
  readonly #note = signal('');
  readonly #plan: Signal<TilePlan>;
  readonly rect: Signal<Rect>;
  /** Position in the layout, for the number keys. */
  readonly position = signal(0);
  #surroundings: Surroundings;
  #still: Still;
  #turn: Turn = { index: 0, since: performance.now() };
  /** Where the turn was in the plan before this one, for when an alarm's camera leaves again. */
  #before: { cameras: string; index: number } | undefined;
  #trouble: Trouble | undefined;

  constructor(slot: number, plan: TilePlan, surroundings: Surroundings) {
    this.slot = slot;
    this.#plan = signal(plan);
    this.rect = signal(plan);
    this.#surroundings = surroundings;
    this.pictures = new TilePictures({
      open: (wish, changed) => surroundings.openPicture(slot, wish, changed),
      changed: surroundings.changed,
    });
    this.#still = new Still(this.pictures.host, surroundings.changed);
  }

  /** What to tell the next shift of this tile; undefined while all is well, or was a moment ago. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  get face(): ReadonlySignal<Face> {
    return this.#face;
  }

  get name(): ReadonlySignal<string> {
    return this.#name;
  }

  /** The camera in the picture records what it sees. */
  get recording(): ReadonlySignal<boolean> {
    return this.#recording;
  }

  /** It has a microphone. */
  get audio(): ReadonlySignal<boolean> {
    return this.#audio;
  }

  /** Why the picture does not come as it was asked for; empty: it does. */
  get note(): ReadonlySignal<string> {
    return this.#note;
  }

  get plan(): TilePlan {
    return this.#plan.value;
  }

  /** The camera on the tile, undefined on an empty one. */
  get camera(): string | undefined {
    return this.plan.cameras[this.#turn.index];
  }

  /** The tile goes on in another layout: with the camera in turn where the new plan has it too. */
  replan(plan: TilePlan): void {
    const now = performance.now();
    const cameras = JSON.stringify(this.plan.cameras);
    const next = JSON.stringify(plan.cameras);
    if (next !== cameras) {
      const index = this.camera === undefined ? -1 : plan.cameras.indexOf(this.camera);
      const returning = this.#before?.cameras === next ? this.#before.index : 0;
      this.#before = { cameras, index: this.#turn.index };
      this.#turn = index >= 0 ? { ...this.#turn, index } : { index: returning, since: now };
    }
    this.#plan.value = plan;
  }

  /** Opens, unseen, what the tile will show in the layout that comes next; undefined: nothing. */
  prepare(plan: TilePlan | undefined, rect: Rect, moment: Moment): void {
    const camera = plan && (plan.cameras.find((id) => id === this.camera) ?? plan.cameras[0]);
    const wish = plan && camera !== undefined ? this.#wish(camera, plan, rect, moment, false) : undefined;
    this.pictures.prepare(wish);
  }

  /**
   * Brings pictures, name and state up to the moment.
   * `fullScreen`: this tile fills the screen. `mayOpen`: the browser has a connection for it. `held`: no camera takes turns.
   */
  update(moment: Moment, fullScreen: boolean, mayOpen: boolean, held: boolean): void {
    const { now } = moment;
    const plan = this.plan;
    // A camera's time begins when it is on the screen.
    if (this.pictures.waiting(now)) this.#turn = { ...this.#turn, since: now };
    this.#turn = nextTurn(this.#turn, plan.cameras.length, plan.dwell_seconds ?? DWELL_SECONDS, now, held);

    const wanted = this.camera;
    const rect = fullScreen ? WHOLE : this.rect.peek();
    const wish =
      wanted !== undefined && mayOpen ? this.#wish(wanted, plan, rect, moment, fullScreen) : undefined;
    this.pictures.update(now, wanted, wish, moment.downSince === undefined);
    this.#show(moment, mayOpen);
  }

  #wish(
    id: string,
    plan: TilePlan,
    rect: Rect,
    moment: Moment,
    fullScreen: boolean,
  ): PictureWish | undefined {
    const camera = this.#surroundings.camera(id);
    if (!camera) return undefined;
    const { fact, failedLately } = this.#surroundings;
    const width = rect.width * moment.screen.width;
    const height = rect.height * moment.screen.height;
    const stream = chooseStream(
      camera.streams,
      {
        width: width * moment.pixelRatio,
        height: height * moment.pixelRatio,
        fit: plan.fit ?? 'contain',
        fullScreen: fullScreen || plan.stream === 'main',
        small: !fullScreen && plan.stream === 'sub',
      },
      (stream) => fact(stream.name)?.state ?? stream.state,
      // Who opens a camera over the whole screen wants its main stream tried now; the small one stays until then.
      (name) => !fullScreen && failedLately(name),
    );
    if (!stream) return undefined;
    return {
      camera: id,
      stream: stream.name,
      ...pictureBounds(width, height, moment.pixelRatio),
      paced: moment.paced && !fullScreen,
    };
  }

  #show(moment: Moment, mayOpen: boolean): void {
    const { camera: cameraOf, fact } = this.#surroundings;
    const id = this.pictures.camera ?? this.camera;
    const camera = id === undefined ? undefined : cameraOf(id);
    const shown = this.pictures.shown;
    const stream = this.#streamOnTile(camera, shown);
    const streamFact = stream && fact(stream.name);
    const live = streamFact?.state === 'live';
    const { deadSince } = this.pictures;
    const dead = deadSince !== undefined && moment.now - deadSince > DEAD_TOLD && live;
    // Until the first live picture of this camera, and out of the way as soon as that has been drawn.
    const drawn = shown?.paintedAt !== undefined && moment.now - shown.paintedAt > STILL_OVERLAP;
    const kept = camera?.last_picture !== null && camera?.last_picture !== undefined;
    if (drawn || !kept) this.#still.want(undefined);
    else if (!shown) this.#still.want(camera.id);
    const state = tileState({
      now: moment.now,
      downSince: moment.downSince,
      camera: id === undefined ? 'none' : camera ? 'known' : 'unknown',
      stream: streamFact,
      openedAt: this.pictures.askedAt,
      pictureAt: shown && pictureAt(shown.paintedAt, shown.report, live),
      noConnection: !mayOpen,
      unchangedFor: shown?.report?.unchangedMs ?? undefined,
      unchangedLimit: moment.unchangedLimit,
      unpaintedFor: dead ? moment.now - deadSince : stuckFor(shown?.proof, moment.now),
    });
    const face = faceOf(state, id ?? '', moment.unixNow, shown ? undefined : this.#still.from);
    if (!sameFace(face, this.#face.peek())) this.#face.value = face;
    const name = camera?.name ?? id ?? '';
    this.#name.value = name;
    this.#note.value = shown?.note ?? '';
    this.#recording.value = camera?.recording ?? false;
    this.#audio.value = camera?.audio ?? false;
    const { kind } = state;
    const began = 'since' in state && state.age === undefined ? state.since : undefined;
    const age = 'age' in state ? (state.age ?? 0) : 0;
    this.#trouble = isProblem(kind)
      ? { kind, name, since: began ?? (moment.unixNow - age) / 1000 }
      : undefined;
  }

  /** The stream whose state belongs on the tile: the one shown, else the one being opened, else any that was stopped. */
  #streamOnTile(camera: Camera | undefined, shown: Picture | undefined): CameraStream | undefined {
    if (!camera) return undefined;
    const open = shown ?? this.pictures.open()[0];
    return camera.streams.find(({ name }) => name === open?.wish.stream) ?? camera.streams[0];
  }

  close(): void {
    this.#still.close();
    this.pictures.close();
  }
}
