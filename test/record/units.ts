import type { AccessUnit, VideoParameters } from '../../daemon/frame.ts';

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

/** A camera at 25 pictures a second, of so many bytes each. What is in them nobody decodes. */
export class SyntheticCamera {
  readonly #bytes: number;
  #at = 0;

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
}
