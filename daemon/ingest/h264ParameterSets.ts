import type { VideoParameters } from '../frame.ts';
import { trimZeros } from '../nal/annexB.ts';
import { H264_HEADER, H264_PPS, H264_SPS, h264Type } from '../nal/h264.ts';
import { type H264Sps, parseH264Sps } from './h264Sps.ts';
import type { ParameterSets } from './nalCoding.ts';
import { PictureParameterSets } from './pictureParameterSets.ts';

/** Beyond this a set is taken for rubbish; real ones have 10–200 bytes, and a stream has one or two. */
const MAX_SET_BYTES = 2048;

/** The sequence and picture parameter sets that a stream has sent, by their ids. */
export class H264ParameterSets implements ParameterSets {
  readonly #sps = new Map<number, { nal: Buffer; sps: H264Sps }>();
  readonly #pps = new PictureParameterSets(H264_HEADER, { id: 255, spsId: 31 });

  add(nal: Buffer): 'new' | 'same' | 'invalid' {
    const bytes = trimZeros(nal);
    if (bytes.length < 2 || bytes.length > MAX_SET_BYTES || bytes[0]! >> 7 !== 0) return 'invalid';
    const type = h264Type(bytes[0]!);
    if (type !== H264_SPS && type !== H264_PPS) return 'invalid';
    const known = type === H264_SPS ? this.#sps : this.#pps;
    for (const { nal: old } of known.values()) if (old.equals(bytes)) return 'same';

    const copy = Buffer.from(bytes);
    if (type === H264_SPS) {
      const sps = parseH264Sps(copy);
      if ('invalid' in sps) return 'invalid';
      this.#sps.set(sps.id, { nal: copy, sps });
    } else if (!this.#pps.add(copy)) return 'invalid';
    this.#pps.changed();
    return 'new';
  }

  activate(ppsId: number): VideoParameters | undefined {
    return this.#pps.activate(ppsId, (spsId) => {
      const active = this.#sps.get(spsId);
      if (active === undefined) return undefined;
      const { width, height, fps, codecString } = active.sps;
      return { nals: [active.nal], video: { codec: 'h264', width, height, fps, codecString } };
    });
  }
}
