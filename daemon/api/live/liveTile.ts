import type { VideoPart } from '../../camera/streamVideo.ts';
import type { Viewer } from '../../fanout/hub.ts';
import type { LiveViewer } from '../../fanout/live/liveViewer.ts';
import { initPayload } from '../../fanout/live/message.ts';
import type { JpegFrame } from '../../frame.ts';
import type { LiveEvent } from '../../schema.ts';
import type { Cameras } from '../deps.ts';
import { planTile, type TilePlan, type TileWish } from './tilePlan.ts';

export interface LiveTileOptions {
  tile: number;
  wish: TileWish;
  cameras: Pick<Cameras, 'camera' | 'stream' | 'openRendition' | 'openVideo'>;
  viewer: LiveViewer;
  /** Codec strings that the browser does not play; of the whole socket. */
  unplayable: ReadonlySet<string>;
  tell: (event: LiveEvent) => void;
  /** What the browser is sent now is something that it does not play. */
  unfit: (tile: LiveTile) => void;
  /** The stream was removed or stopped. */
  ended: (tile: LiveTile) => void;
}

/** One tile of a live socket: what it is sent now, and what else when the connection, the browser or the wish changes. */
export class LiveTile {
  readonly tile: number;
  readonly #options: LiveTileOptions;
  #plan: TilePlan | undefined;
  #release: () => void = () => {};
  /** Codec string of each stream that this tile was sent. */
  #codecs = new Map<string, string>();

  constructor(options: LiveTileOptions) {
    this.#options = options;
    this.tile = options.tile;
  }

  /** The stream that the tile is sent. */
  get stream(): string {
    return this.#plan?.stream ?? this.#options.wish.stream;
  }

  get wish(): TileWish {
    return this.#options.wish;
  }

  /**
   * Sends what is right now; nothing happens when that is what it is sent already.
   * @param level of the ladder
   * @throws CameraError, or what else opening a stream throws
   * @returns false: the browser plays nothing of what it asked for
   */
  update(level: number): boolean {
    const { wish, cameras, unplayable } = this.#options;
    const camera = cameras.camera(cameras.stream(wish.stream)?.camera ?? '');
    const plan = planTile({
      wish,
      streams: camera?.streams ?? [],
      level,
      unplayable: (stream) => unplayable.has(this.#codecs.get(stream) ?? ''),
    });
    if (!plan) return false;
    if (!samePlan(plan, this.#plan)) this.#open(plan);
    return true;
  }

  #open(plan: TilePlan): void {
    const { tile, viewer, tell } = this.#options;
    this.pause();
    const feed = viewer.begin(tile);
    const { stream, format, reason } = plan;
    tell({ type: 'tile', tile, feed, stream, format, reason });
    this.#release = format === 'jpeg' ? this.#openJpeg(plan, feed) : this.#openVideo(plan, format, feed);
    this.#plan = plan;
  }

  #openJpeg({ stream, size }: TilePlan, feed: number): () => void {
    const { tile, viewer, cameras } = this.#options;
    const { rendition, release } = cameras.openRendition(stream, size);
    const receiver: Viewer = {
      get dropped() {
        return viewer.droppedBy(tile, feed);
      },
      offer: ({ data, receivedAt }: JpegFrame) =>
        viewer.offer(tile, feed, { kind: 'jpeg', payload: data, receivedAt, key: true, past: false }),
      end: () => this.#options.ended(this),
    };
    const leave = rendition.hub.add(receiver);
    return () => {
      leave();
      release();
    };
  }

  #openVideo({ stream }: TilePlan, format: 'mp4' | 'annexb', feed: number): () => void {
    const { tile, viewer, cameras, unplayable } = this.#options;
    return cameras.openVideo(stream, format, {
      offer: (part: VideoPart) => {
        const { receivedAt, key, past } = part;
        if (part.kind === 'picture') {
          viewer.offer(tile, feed, { kind: format, payload: part.data, receivedAt, key, past });
          return;
        }
        this.#codecs.set(stream, part.codec);
        // Not at once: this may be the very call that opens it.
        if (unplayable.has(part.codec)) queueMicrotask(() => this.#options.unfit(this));
        const payload = initPayload({ ...part, segment: part.data });
        viewer.offer(tile, feed, { kind: 'init', payload, receivedAt, key: false, past });
      },
      end: () => this.#options.ended(this),
    });
  }

  /** Nothing more is sent until the next `update`. */
  pause(): void {
    this.#plan = undefined;
    const release = this.#release;
    this.#release = () => {};
    this.#options.viewer.close(this.tile);
    release();
  }
}

function samePlan(a: TilePlan, b: TilePlan | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
