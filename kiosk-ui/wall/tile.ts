import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Camera, CameraStream, Tile as TilePlan } from '../../daemon/schema.ts';
import { type Face, faceOf } from './face.ts';
import type { Rect } from './grid.ts';
import type { Picture, PictureWish } from './picture.ts';
import { pictureAt } from './pictureAge.ts';
import { pictureBounds } from './pictureUrl.ts';
import { chooseStream } from './streamChoice.ts';
import { TilePictures } from './tilePictures.ts';
import { type StreamFact, tileState } from './tileState.ts';
import { nextTurn, type Turn } from './turn.ts';

const DWELL_SECONDS = 10;

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
}

/** One tile on the screen: which camera, from which stream, in what state. The page draws `rect`, `name` and `face`. */
export class Tile {
  /** Stays for the tile's life, lowest free number: its loopback address follows from it. */
  readonly slot: number;
  readonly pictures: TilePictures;
  readonly #face: Signal<Face> = signal({ kind: 'empty', title: '', time: '', note: '' });
  readonly #name = signal('');
  readonly #plan: Signal<TilePlan>;
  readonly rect: Signal<Rect>;
  /** Position in the layout, for the number keys. */
  readonly position = signal(0);
  #surroundings: Surroundings;
  #turn: Turn = { index: 0, since: performance.now() };

  constructor(slot: number, plan: TilePlan, surroundings: Surroundings) {
    this.slot = slot;
    this.#plan = signal(plan);
    this.rect = signal(plan);
    this.#surroundings = surroundings;
    this.pictures = new TilePictures({
      open: (wish, changed) => surroundings.openPicture(slot, wish, changed),
      changed: surroundings.changed,
    });
  }

  get face(): ReadonlySignal<Face> {
    return this.#face;
  }

  get name(): ReadonlySignal<string> {
    return this.#name;
  }

  get plan(): TilePlan {
    return this.#plan.value;
  }

  /** The camera on the tile, undefined on an empty one. */
  get camera(): string | undefined {
    return this.plan.cameras[this.#turn.index];
  }

  /** The tile goes on in another layout. `camera`: the one in turn, where the new plan has it too. */
  replan(plan: TilePlan): void {
    const index = this.camera === undefined ? -1 : plan.cameras.indexOf(this.camera);
    this.#turn = index >= 0 ? { ...this.#turn, index } : { index: 0, since: performance.now() };
    this.#plan.value = plan;
  }

  /**
   * Brings pictures, name and state up to the moment.
   * `fullScreen`: this tile fills the screen. `mayOpen`: the browser has a connection for it.
   */
  update(moment: Moment, fullScreen: boolean, mayOpen: boolean): void {
    const { now } = moment;
    const plan = this.plan;
    // A camera's time begins when it is on the screen.
    if (this.pictures.waiting(now)) this.#turn = { ...this.#turn, since: now };
    this.#turn = nextTurn(
      this.#turn,
      plan.cameras.length,
      plan.dwell_seconds ?? DWELL_SECONDS,
      now,
      fullScreen,
    );

    const wanted = this.camera;
    const wish = wanted !== undefined && mayOpen ? this.#wish(wanted, moment, fullScreen) : undefined;
    this.pictures.update(now, wanted, wish, moment.downSince === undefined);
    this.#show(moment, mayOpen);
  }

  #stream(id: string, moment: Moment, fullScreen: boolean): CameraStream | undefined {
    const camera = this.#surroundings.camera(id);
    if (!camera) return undefined;
    const { fact, failedLately } = this.#surroundings;
    const area = fullScreen ? { width: 1, height: 1 } : this.rect.peek();
    return chooseStream(
      camera.streams,
      {
        width: area.width * moment.screen.width * moment.pixelRatio,
        height: area.height * moment.screen.height * moment.pixelRatio,
        fit: this.plan.fit ?? 'contain',
        fullScreen,
      },
      (stream) => fact(stream.name)?.state ?? stream.state,
      // Who opens a camera over the whole screen wants its main stream tried now; the small one stays until then.
      (name) => !fullScreen && failedLately(name),
    );
  }

  #wish(id: string, moment: Moment, fullScreen: boolean): PictureWish | undefined {
    const stream = this.#stream(id, moment, fullScreen);
    if (!stream) return undefined;
    const area = fullScreen ? { width: 1, height: 1 } : this.rect.peek();
    return {
      camera: id,
      stream: stream.name,
      ...pictureBounds(
        area.width * moment.screen.width,
        area.height * moment.screen.height,
        moment.pixelRatio,
      ),
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
    const state = tileState({
      now: moment.now,
      downSince: moment.downSince,
      camera: id === undefined ? 'none' : camera ? 'known' : 'unknown',
      stream: streamFact,
      openedAt: this.pictures.askedAt,
      pictureAt: shown && pictureAt(shown.paintedAt, shown.report, streamFact?.state === 'live'),
      noConnection: !mayOpen,
    });
    const face = faceOf(state, id ?? '', moment.unixNow);
    const before = this.#face.peek();
    if (
      face.kind !== before.kind ||
      face.title !== before.title ||
      face.time !== before.time ||
      face.note !== before.note
    ) {
      this.#face.value = face;
    }
    this.#name.value = camera?.name ?? id ?? '';
  }

  /** The stream whose state belongs on the tile: the one shown, else the one being opened, else any that was stopped. */
  #streamOnTile(camera: Camera | undefined, shown: Picture | undefined): CameraStream | undefined {
    if (!camera) return undefined;
    const open = shown ?? this.pictures.open()[0];
    return camera.streams.find(({ name }) => name === open?.wish.stream) ?? camera.streams[0];
  }

  close(): void {
    this.pictures.close();
  }
}
