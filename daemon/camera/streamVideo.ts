import type { AccessUnit } from '../frame.ts';
import { MediaClock } from '../mp4/mediaClock.ts';
import { type Mp4Part, Mp4Video } from '../mp4/videoTrack.ts';

/** A camera's own video, for viewers who decode it themselves. */
export type VideoFormat = 'mp4' | 'annexb';

export interface VideoPart {
  /** `init`: what a decoder has to know of the pictures that follow. */
  kind: 'init' | 'picture';
  /** MP4: the segment or fragment. Annex B: the access unit, of an `init` nothing. */
  data: Buffer;
  width: number;
  height: number;
  /** RFC 6381. */
  codec: string;
  key: boolean;
  /** Of the group of pictures that the viewer begins with: to be decoded, not to be shown. */
  past: boolean;
  /** When it is shown, on one clock for all sessions of the camera, that of `performance.now()`; milliseconds. */
  time: number;
  /** Annex B: its place in the camera's session, milliseconds, which its sound is told by. */
  mediaTime?: number;
  /** `performance.now()` milliseconds. */
  receivedAt: number;
}

/** Never blocks, never throws. */
export interface VideoViewer {
  offer(part: VideoPart): void;
  /** The stream was removed or stopped. */
  end(): void;
}

/** Bytes of one group of pictures that is kept for those who join; a longer one makes them wait for the next key picture. */
const MOST = 16 * 1024 * 1024;

/**
 * A stream's coded video for its viewers, packed once however many they are. Who joins is sent the current group of pictures at
 * once.
 */
export class StreamVideo {
  readonly #gop: () => readonly AccessUnit[];
  #ways = new Map<VideoFormat, Way>();

  constructor(gop: () => readonly AccessUnit[]) {
    this.#gop = gop;
  }

  get viewers(): number {
    let viewers = 0;
    for (const { viewers: some } of this.#ways.values()) viewers += some.size;
    return viewers;
  }

  /** The returned function takes the viewer away again; it may be called twice. */
  add(format: VideoFormat, viewer: VideoViewer): () => void {
    let way = this.#ways.get(format);
    if (!way) {
      way = new Way(format);
      for (const unit of this.#gop()) way.push(unit);
      this.#ways.set(format, way);
    }
    way.join(viewer);
    const joined = way;
    return () => {
      if (joined.viewers.delete(viewer) && joined.viewers.size === 0) this.#ways.delete(format);
    };
  }

  feed(unit: AccessUnit): void {
    for (const way of this.#ways.values()) for (const part of way.push(unit)) way.offer(part);
  }

  /** The session is over: what comes next does not continue these pictures. */
  interrupt(): void {
    for (const way of this.#ways.values()) way.forget();
  }

  end(): void {
    for (const { viewers } of this.#ways.values()) for (const viewer of [...viewers]) viewer.end();
    this.#ways.clear();
  }
}

/** One format: how access units are packed, and the group of pictures so packed. */
class Way {
  readonly viewers = new Set<VideoViewer>();
  #pack: (unit: AccessUnit) => VideoPart[];
  #init: VideoPart | undefined;
  #group: VideoPart[] = [];
  #bytes = 0;

  constructor(format: VideoFormat) {
    this.#pack = format === 'mp4' ? mp4Packer() : annexBPacker();
  }

  push(unit: AccessUnit): VideoPart[] {
    const parts = this.#pack(unit);
    for (const part of parts) this.#keep(part);
    return parts;
  }

  #keep(part: VideoPart): void {
    if (part.kind === 'init') {
      this.forget();
      this.#init = part;
      return;
    }
    if (part.key) this.forget();
    else if (this.#group.length === 0) return;
    this.#group.push(part);
    this.#bytes += part.data.length;
    if (this.#bytes > MOST) this.forget();
  }

  forget(): void {
    this.#group = [];
    this.#bytes = 0;
  }

  join(viewer: VideoViewer): void {
    this.viewers.add(viewer);
    if (this.#init) viewer.offer(this.#init);
    const last = this.#group.length - 1;
    for (const [i, part] of this.#group.entries()) viewer.offer({ ...part, past: i < last });
  }

  offer(part: VideoPart): void {
    for (const viewer of this.viewers) viewer.offer(part);
  }
}

function mp4Packer(): (unit: AccessUnit) => VideoPart[] {
  const track = new Mp4Video();
  return (unit) =>
    track.push(unit).map(({ kind, data, key, presentedAt, receivedAt }: Mp4Part) => ({
      ...{ data, key, time: presentedAt, receivedAt, past: false },
      kind: kind === 'init' ? 'init' : 'picture',
      ...shapeOf(unit),
    }));
}

function annexBPacker(): (unit: AccessUnit) => VideoPart[] {
  const clock = new MediaClock();
  let video: AccessUnit['video'] | undefined;
  return (unit) => {
    const { data, key, mediaTime, receivedAt } = unit;
    if (video === undefined && !key) return [];
    const { time } = clock.at(unit);
    const picture: VideoPart = {
      kind: 'picture',
      data,
      key,
      time,
      mediaTime,
      receivedAt,
      past: false,
      ...shapeOf(unit),
    };
    if (unit.video === video) return [picture];
    video = unit.video;
    return [{ ...picture, kind: 'init', data: Buffer.alloc(0), key: false }, picture];
  };
}

function shapeOf({ video: { width, height, codecString } }: AccessUnit) {
  return { width, height, codec: codecString };
}
