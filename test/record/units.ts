import type { AccessUnit, AudioFrame, AudioParameters, VideoParameters } from '../../daemon/frame.ts';

const START = Buffer.from([0, 0, 0, 1]);
const SPS = Buffer.from('6742c01ed901e0896d', 'hex');
const PPS = Buffer.from('68cb83cb20', 'hex');

export const VIDEO: VideoParameters = {
  codec: 'h264',
  width: 640,
  height: 360,
  fps: undefined,
  codecString: 'avc1.42C01E',
  parameterSets: [SPS, PPS],
};

/** AAC-LC, mono, 16 kHz: frames of 64 ms. */
export const SOUND: AudioParameters = {
  ...{ codec: 'aac', sampleRate: 16_000, channels: 1, codecString: 'mp4a.40.2', codeBits: undefined },
  config: Buffer.from('1408', 'hex'),
};
const SOUND_FRAME = 64;
/** What a decoder takes. */
const SILENCE = Buffer.from('00c800802380', 'hex');

/** A camera at 25 pictures a second, of so many bytes each. What is in them nobody decodes. */
export class SyntheticCamera {
  readonly #bytes: number;
  #at = 0;
  #heardUpTo = 0;

  constructor(bytes = 50) {
    this.#bytes = bytes;
  }

  /** The next picture comes so many milliseconds later. */
  skip(milliseconds: number): void {
    this.#at += milliseconds;
  }

  picture(key: boolean, video: VideoParameters = VIDEO): AccessUnit {
    const slice = Buffer.concat([Buffer.from([key ? 0x65 : 0x41, 0x88]), Buffer.alloc(this.#bytes, 1)]);
    const data = Buffer.concat(key ? [START, SPS, START, PPS, START, slice] : [START, slice]);
    const unit = { video, data, key, mediaTime: this.#at, receivedAt: 5_000 + this.#at };
    this.#at += 40;
    return unit;
  }

  /** So many seconds with a key picture every `gop` pictures. */
  seconds(count: number, gop = 25): AccessUnit[] {
    return Array.from({ length: count * 25 }, (_, i) => this.picture(i % gop === 0));
  }

  /**
   * Pictures and sound in the order in which they come: a frame of sound comes when the last of it was heard, and so much later.
   * @param lag milliseconds
   */
  *withSound(seconds: number, gop = 25, audio: AudioParameters = SOUND, lag = 0) {
    for (const unit of this.seconds(seconds, gop)) {
      for (; this.#heardUpTo + SOUND_FRAME + lag <= unit.mediaTime; this.#heardUpTo += SOUND_FRAME)
        yield soundAt(this.#heardUpTo, this.#heardUpTo + SOUND_FRAME + lag, audio);
      yield unit;
    }
  }
}

export function soundAt(mediaTime: number, arrival: number, audio: AudioParameters = SOUND): AudioFrame {
  const times = { mediaTime, duration: SOUND_FRAME, receivedAt: 5_000 + arrival };
  return { audio, data: SILENCE, ...times };
}
