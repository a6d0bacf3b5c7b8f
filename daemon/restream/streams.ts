/** What restreaming needs of the cameras' streams; `camera/streamMedia.ts` gives it. */
import type { AudioParameters } from '../frame.ts';

/** One access unit of a stream, or the news that others follow. */
export interface StreamPart {
  /** `init`: other parameter sets hold for the pictures that follow. */
  readonly kind: 'init' | 'picture';
  /** As access units have it (`frame.ts`); of an `init` nothing. A key picture begins with its parameter sets. */
  readonly data: Buffer;
  /** RFC 6381, e.g. `avc1.42C01E`. */
  readonly codec: string;
  readonly key: boolean;
  /** When it is shown: milliseconds on one clock for all sessions of the camera, that of `performance.now()`. */
  readonly time: number;
}

/** A frame of the stream's sound, as the camera coded it. */
export interface SoundPart {
  readonly audio: AudioParameters;
  readonly data: Buffer;
  /** When it is heard, on the clock of the pictures; milliseconds. */
  readonly time: number;
  /** Milliseconds. */
  readonly duration: number;
}

export interface StreamViewer {
  offer(part: StreamPart): void;
  /** Given by who wants the sound too. */
  hear?(part: SoundPart): void;
  /** The stream was stopped or removed. */
  end(): void;
}

export interface Streams {
  /**
   * Opens a stream; its current group of pictures is offered before this returns. The returned function ends it.
   * @throws where there is no such stream (`status` 404), or it is stopped
   */
  open(stream: string, viewer: StreamViewer): () => void;
  /** The sound that comes with the pictures; undefined: none, or not known yet. */
  sound(stream: string): AudioParameters | undefined;
}

/** Of pictures and of sound: the first of the dynamic ones (RFC 3551 §3). */
export const PAYLOAD_TYPE = 96;
export const SOUND_PAYLOAD_TYPE = 97;
/** Hz, of video, whatever its coding. */
export const CLOCK_RATE = 90_000;

/** Encoding names of RTP's video. */
export type Encoding = 'H264' | 'H265' | 'MP4V-ES' | 'VP8' | 'VP9' | 'AV1' | 'JPEG';

const ENCODINGS: readonly [RegExp, Encoding][] = [
  [/^avc[13]\./, 'H264'],
  [/^h(vc|ev)1\./, 'H265'],
  [/^mp4v\.20/, 'MP4V-ES'],
  [/^mp4v\.6C/, 'JPEG'],
  [/^vp08/, 'VP8'],
  [/^vp09/, 'VP9'],
  [/^av01/, 'AV1'],
];

/** What RTP calls a coding; undefined: one that is not sent. @param codec of RFC 6381 */
export function encodingOf(codec: string): Encoding | undefined {
  return ENCODINGS.find(([known]) => known.test(codec))?.[1];
}
