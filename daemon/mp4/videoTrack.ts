import type { AccessUnit, VideoParameters } from '../frame.ts';
import { fragment } from './fragment.ts';
import { initSegment, VIDEO_TRACK } from './initSegment.ts';
import type { MediaClock } from './mediaClock.ts';
import { VideoSamples } from './videoSamples.ts';

/** A piece of one track's byte stream (Media Source Extensions, ISO BMFF Byte Stream Format), for live viewers. */
export interface Mp4Part {
  /** `init`: an initialization segment; what follows needs it. `media`: a fragment, of one picture or frame. */
  readonly kind: 'init' | 'media';
  readonly data: Buffer;
  /** RFC 6381, of what this part is of. */
  readonly codecString: string;
  /** A viewer can begin here. Of an `init` part: always. */
  readonly key: boolean;
  /** Presentation time in milliseconds on the daemon's timeline; of an `init` part, that of the sample after it. */
  readonly presentedAt: number;
  /** Decoding time in units of the track's timescale; of an `init` part, that of the sample after it. */
  readonly decodeTime: number;
  /** Arrival of the last packet, `performance.now()` milliseconds. */
  readonly receivedAt: number;
  /** The distance in time from the part before is not the camera's: a new session, a clock that jumped. */
  readonly discontinuity: boolean;
}

/**
 * Packs the pictures of a stream for live viewers, each in a fragment of its own as soon as it is there. One for all
 * viewers, for as long as the stream is configured: sessions may come and go. Keeps nothing but the parameter sets.
 */
export class Mp4Video {
  readonly #samples: VideoSamples;
  #video: VideoParameters | undefined;
  /** Undefined: these parameters cannot be put into MP4. */
  #init: Buffer | undefined;
  /** The initialization segment is still to be sent. */
  #changed = false;
  #sequence = 0;

  constructor({ clock }: { clock?: MediaClock } = {}) {
    this.#samples = new VideoSamples(clock);
  }

  /** For the sound of the same stream. */
  get clock(): MediaClock {
    return this.#samples.clock;
  }

  /**
   * The next access unit in decoding order: its fragment, behind a new initialization segment where its parameters are
   * others than before; nothing before a key picture, and of what cannot be put into MP4.
   */
  push(unit: AccessUnit): Mp4Part[] {
    if (unit.video !== this.#video) {
      if (!unit.key) return [];
      this.#video = unit.video;
      this.#init = initSegment({ video: unit.video });
      this.#changed = true;
    }
    if (this.#init === undefined) return [];
    const timed = this.#samples.push(unit);
    if (timed === undefined) return [];
    const { sample, presentedAt, discontinuity } = timed;
    const part: Mp4Part = {
      kind: 'media',
      data: fragment({ sequence: ++this.#sequence, track: VIDEO_TRACK, samples: [sample] }),
      codecString: unit.video.codecString,
      key: sample.key,
      presentedAt,
      decodeTime: sample.dts,
      receivedAt: unit.receivedAt,
      discontinuity,
    };
    const parts: Mp4Part[] = this.#changed ? [{ ...part, kind: 'init', data: this.#init }, part] : [part];
    this.#changed = false;
    return parts;
  }
}
