import { open } from 'node:fs/promises';
import type { FfmpegBinary } from '../decode/ffmpegChoice.ts';
import type { Sandbox } from '../decode/sandbox.ts';
import { still } from '../decode/still.ts';
import { readFragmentHead } from '../mp4/fragmentHead.ts';
import { VIDEO_TRACK } from '../mp4/initSegment.ts';
import { toRead } from '../record/diskTurns.ts';
import { type LaidOut, readerOf } from '../record/layouts.ts';
import type { ReadAt } from '../record/segmentLayout.ts';
import { CameraError } from './cameraError.ts';
import { type Footage, MOST_BEFORE } from './footage.ts';

const AT_ONCE = 2;
/** Whoever drags along a timeline asks for many; he has moved on by the time of the last one. */
const MOST_WAITING = 100;
/** Bytes of pictures in memory. */
const MOST_KEPT = 32 * 1024 * 1024;
const QUALITY = 85;
/** Units of the video's times in a millisecond. */
const PER_MS = 90;

export interface RecordedPicture {
  /** A JPEG. */
  readonly data: Buffer;
  /** Unix milliseconds. */
  readonly time: number;
  /** It will always be the answer to the same question. */
  readonly final: boolean;
}

export interface PictureAsk {
  camera: string;
  /** Unix milliseconds. */
  at: number;
  /** Pixels at the most. */
  width: number | undefined;
  /** What was shown then, rather than the key picture before it. */
  exact: boolean;
}

/** What a decoder is given, and which of its pictures is meant. */
interface Source {
  from: LaidOut;
  /** Of the key picture's fragment, and how many of them. */
  first: number;
  count: number;
  /** Presentation time in the segment, 1/90000 s. */
  time: number;
}

/** Single pictures of recordings. Each is decoded by a child of its own, a few at a time, and kept for a while. */
export class RecordedPictures {
  readonly #tools: { ffmpeg: FfmpegBinary; sandbox: Sandbox };
  readonly #footage: Footage;
  #kept = new Map<string, Buffer>();
  #bytes = 0;
  #running = 0;
  #waiting: (() => void)[] = [];

  constructor(tools: { ffmpeg: FfmpegBinary; sandbox: Sandbox }, footage: Footage) {
    this.#tools = tools;
    this.#footage = footage;
  }

  /**
   * @param signal nobody waits for it any more
   * @throws CameraError `camera_not_found`, `nothing_recorded`, `picture_broken`, `busy`
   */
  async read(ask: PictureAsk, signal: AbortSignal): Promise<RecordedPicture> {
    this.#footage.require(ask.camera);
    const source = await this.#source(ask);
    if (!source) throw this.#footage.nothing(ask.camera, ask.at);
    const { from, time } = source;
    const { segment } = from;
    const key = `${from.path} ${time} ${ask.width ?? ''}`;
    const data = this.#recall(key) ?? (await this.#inTurn(signal, () => this.#decode(key, source, ask)));
    return { data, time: segment.from + time / PER_MS, final: !segment.open };
  }

  async #source({ camera, at, exact }: PictureAsk): Promise<Source | undefined> {
    const found = await this.#footage.find(camera, at, at + 1);
    for (const from of found.toReversed()) {
      const wanted = (at - from.segment.from) * PER_MS;
      const { fragments } = from.layout;
      const first = fragments.findLastIndex(({ key, shown }) => key && shown <= wanted);
      if (first < 0) continue;
      const key = fragments[first]!;
      if (wanted - key.shown > MOST_BEFORE * PER_MS) return undefined;
      const next = fragments.findIndex(({ begins }, i) => i > first && begins > wanted);
      const count = exact ? (next < 0 ? fragments.length : next) - first : 1;
      const times = await presentationTimes(from, first, count);
      const shown = times.filter((time) => time <= wanted);
      const time = exact && shown.length > 0 ? Math.max(...shown) : times[0];
      return time === undefined ? undefined : { from, first, count, time };
    }
    return undefined;
  }

  async #decode(key: string, source: Source, { width, exact }: PictureAsk): Promise<Buffer> {
    const { from, first, count, time } = source;
    const { init, fragments } = from.layout;
    const parts = fragments.slice(first, first + count);
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    const media = await withFile(from.path, (read) => read(parts[0]!.offset, bytes));
    const at = exact ? time / (PER_MS * 1000) : undefined;
    const wanted = { at, width, quality: QUALITY };
    const picture = await still(this.#tools, Buffer.concat([init, media]), wanted).catch((cause: Error) => {
      throw new CameraError(502, 'picture_broken', `That picture cannot be decoded: ${cause.message}`, {
        cause,
      });
    });
    this.#keep(key, picture);
    return picture;
  }

  async #inTurn(signal: AbortSignal, job: () => Promise<Buffer>): Promise<Buffer> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= MOST_WAITING)
        throw new CameraError(
          503,
          'busy',
          'Too many pictures are asked for at a time. Try again in a moment.',
        );
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      if (signal.aborted) throw new CameraError(503, 'gone', 'Nobody waits for the picture any more.');
      return await job();
    } finally {
      // The place is handed on, not given up: nobody may slip in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #recall(key: string): Buffer | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  #keep(key: string, picture: Buffer): void {
    this.#bytes += picture.length - (this.#kept.get(key)?.length ?? 0);
    this.#kept.set(key, picture);
    for (const [oldest, { length }] of this.#kept) {
      if (this.#bytes <= MOST_KEPT) return;
      this.#kept.delete(oldest);
      this.#bytes -= length;
    }
  }
}

/** Of all pictures of so many fragments, in decoding order, 1/90000 s from the segment's beginning. */
async function presentationTimes({ path, layout }: LaidOut, first: number, count: number): Promise<number[]> {
  return withFile(path, async (read) => {
    const times: number[] = [];
    for (const { offset, head } of layout.fragments.slice(first, first + count)) {
      const runs = readFragmentHead(await read(offset, head))?.runs ?? [];
      const video = runs.find(({ track }) => track === VIDEO_TRACK);
      let dts = video?.begins ?? 0;
      for (const { duration, delay } of video?.samples ?? []) {
        times.push(dts + delay);
        dts += duration;
      }
    }
    return times;
  });
}

/** @throws errors of the file system: retention may have taken it in this moment */
async function withFile<T>(path: string, use: (read: ReadAt) => Promise<T>): Promise<T> {
  const file = await toRead(() => open(path, 'r')).catch((cause: Error) => {
    const message = 'The recording was deleted in this moment.';
    throw new CameraError(404, 'nothing_recorded', message, { cause });
  });
  try {
    return await use(readerOf(file));
  } finally {
    await file.close();
  }
}
