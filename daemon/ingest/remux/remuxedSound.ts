/** From the samples of a sound track, as ffmpeg copied them, to frames on the video's clock. Pure. */
import type { AudioFrame, AudioParameters } from '../../frame.ts';
import type { FragmentSample } from '../../mp4/fragmentReader.ts';
import type { ReadEntry } from '../../mp4/readSampleEntry.ts';
import { aacStream } from '../aacParameters.ts';
import { GaplessTime } from '../gaplessTime.ts';
import { opusDuration, opusParameters } from '../opusDepacketizer.ts';
import { type RemuxedVideo, VIDEO_TIMESCALE } from './remuxedVideo.ts';

export class RemuxedSound {
  readonly audio: AudioParameters;
  readonly #timescale: number;
  /** Of one frame (ms); undefined: each says how long it is. */
  readonly #duration: number | undefined;
  readonly #gapless = new GaplessTime();

  private constructor(audio: AudioParameters, duration: number | undefined, timescale: number) {
    this.audio = audio;
    this.#duration = duration;
    this.#timescale = timescale;
  }

  /** @returns undefined: it is coded in a way that is not taken as it is */
  static of(entry: ReadEntry | undefined, timescale: number): RemuxedSound | undefined {
    if (entry?.codec === 'opus')
      return new RemuxedSound(opusParameters(entry.channels), undefined, timescale);
    const stream = entry?.codec === 'aac' ? aacStream(Buffer.from(entry.config)) : undefined;
    return stream && new RemuxedSound(stream.audio, stream.duration, timescale);
  }

  /** @returns undefined: it is before the first picture, or where its time was filled already */
  push({ shownAt, data }: FragmentSample, video: RemuxedVideo, arrival: number): AudioFrame | undefined {
    const duration = this.#duration ?? opusDuration(data);
    const time = video.timeOf(Math.round((shownAt * VIDEO_TIMESCALE) / this.#timescale) >>> 0);
    if (duration === undefined || time === undefined) return undefined;
    const mediaTime = this.#gapless.place(time, duration, false);
    if (mediaTime === undefined) return undefined;
    return { audio: this.audio, data: Buffer.from(data), mediaTime, duration, receivedAt: arrival };
  }
}
