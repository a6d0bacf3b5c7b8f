import type { VideoParameters } from '../frame.ts';
import { trimZeros } from '../nal/annexB.ts';
import { H265_HEADER, H265_PPS, H265_SPS, H265_VPS, h265Layer, h265Type } from '../nal/h265.ts';
import { type H265Sps, parseH265Sps } from './h265Sps.ts';
import type { ParameterSets } from './nalCoding.ts';
import { PictureParameterSets } from './pictureParameterSets.ts';

/** Beyond this a set is taken for rubbish; real ones have 10–200 bytes, and a stream has one or two. */
const MAX_SET_BYTES = 4096;

/** The video, sequence and picture parameter sets that a stream has sent, by their ids. */
export class H265ParameterSets implements ParameterSets {
  readonly #vps = new Map<number, { nal: Buffer }>();
  readonly #sps = new Map<number, { nal: Buffer; sps: H265Sps }>();
  readonly #pps = new PictureParameterSets(H265_HEADER, { id: 63, spsId: 15 });

  add(nal: Buffer): 'new' | 'same' | 'invalid' {
    const bytes = trimZeros(nal);
    if (bytes.length < 4 || bytes.length > MAX_SET_BYTES || bytes[0]! >> 7 !== 0 || h265Layer(bytes) !== 0)
      return 'invalid';
    const type = h265Type(bytes[0]!);
    const known = { [H265_VPS]: this.#vps, [H265_SPS]: this.#sps, [H265_PPS]: this.#pps }[type];
    if (known === undefined) return 'invalid';
    for (const { nal: old } of known.values()) if (old.equals(bytes)) return 'same';

    const copy = Buffer.from(bytes);
    if (type === H265_VPS) {
      this.#vps.set(copy[H265_HEADER]! >> 4, { nal: copy });
    } else if (type === H265_SPS) {
      const sps = parseH265Sps(copy);
      if ('invalid' in sps) return 'invalid';
      this.#sps.set(sps.id, { nal: copy, sps });
    } else if (!this.#pps.add(copy)) return 'invalid';
    this.#pps.changed();
    return 'new';
  }

  activate(ppsId: number): VideoParameters | undefined {
    return this.#pps.activate(ppsId, (spsId) => {
      const active = this.#sps.get(spsId);
      const vps = active && this.#vps.get(active.sps.vpsId);
      if (active === undefined || vps === undefined) return undefined;
      const { width, height, fps, codecString } = active.sps;
      return { nals: [vps.nal, active.nal], video: { codec: 'hevc', width, height, fps, codecString } };
    });
  }
}
