import type { AudioFrame, AudioParameters } from '../frame.ts';
import { AudioSamples } from './audioSamples.ts';
import { fragment } from './fragment.ts';
import { AUDIO_TRACK, initSegment } from './initSegment.ts';
import type { MediaClock } from './mediaClock.ts';
import type { Mp4Part } from './videoTrack.ts';

/**
 * Packs the sound of a stream (AAC, Opus) for live viewers, each frame in a fragment of its own, behind silence where some is
 * missing. Counterpart of Mp4Video.
 */
export class Mp4Audio {
  readonly #samples: AudioSamples;
  #audio: AudioParameters | undefined;
  /** Undefined: this sound cannot be put into MP4. */
  #init: Buffer | undefined;
  /** The initialization segment is still to be sent. */
  #changed = false;
  #sequence = 0;

  /** `clock`: of the pictures that the sound belongs to (`Mp4Video.clock`). */
  constructor({ clock }: { clock?: MediaClock } = {}) {
    this.#samples = new AudioSamples(clock);
  }

  /** The next frame: its fragment, behind a new initialization segment where its parameters are others than before. */
  push(frame: AudioFrame): Mp4Part[] {
    const { audio, receivedAt } = frame;
    if (audio !== this.#audio) {
      this.#audio = audio;
      this.#init = audio.codecString === undefined ? undefined : initSegment({ audio });
      this.#changed = true;
    }
    if (this.#init === undefined || audio.codecString === undefined) return [];
    const timed = this.#samples.push(frame);
    if (timed === undefined) return [];
    const { samples, presentedAt, discontinuity } = timed;
    const part: Mp4Part = {
      kind: 'media',
      data: fragment({ sequence: ++this.#sequence, track: AUDIO_TRACK, samples }),
      codecString: audio.codecString,
      key: true,
      presentedAt,
      decodeTime: samples[0]!.dts,
      receivedAt,
      discontinuity,
    };
    const parts: Mp4Part[] = this.#changed ? [{ ...part, kind: 'init', data: this.#init }, part] : [part];
    this.#changed = false;
    return parts;
  }
}
