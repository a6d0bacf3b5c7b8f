import type { VideoParameters } from '../frame.ts';
import { BitReader } from './bitReader.ts';
import { H264_PPS, H264_SPS, h264Nals, h264Type, rbsp, trimZeros } from './h264.ts';
import { type H264Sps, parseH264Sps } from './h264Sps.ts';

/** Beyond these a set is taken for rubbish; real ones have 10–200 bytes, and a stream has one or two. */
const MAX_SET_BYTES = 2048;
const MAX_PPS = 16;

/**
 * The sequence and picture parameter sets that a stream has sent, by their ids. The `VideoParameters` object stays
 * the same until the bytes of a set that is in use change.
 */
export class H264ParameterSets {
  readonly #sps = new Map<number, { nal: Buffer; sps: H264Sps }>();
  readonly #pps = new Map<number, { nal: Buffer; spsId: number }>();
  #video: VideoParameters | undefined;
  /** The PPS that `#video` was made for, undefined as soon as any set changed. */
  #videoPps: number | undefined;

  /**
   * Takes the SDP's `sprop-parameter-sets`. What makes no sense is left out and awaited in band (case 37): VStarcam
   * sends no NAL headers, GW Security a start code at the end, Revotech one at the beginning.
   */
  addSprop(sprop: string): void {
    for (const part of sprop.split(',')) {
      for (const nal of h264Nals(Buffer.from(part, 'base64'))) this.add(nal);
    }
  }

  /** Takes an SPS or PPS NAL unit. `same`: known already, but for zeros at its end. The bytes are copied. */
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
    } else {
      const bits = new BitReader(rbsp(copy, 16));
      const id = bits.ue();
      const spsId = bits.ue();
      if (bits.overrun || id > 255 || spsId > 31) return 'invalid';
      if (this.#pps.size >= MAX_PPS && !this.#pps.has(id)) return 'invalid';
      this.#pps.set(id, { nal: copy, spsId });
    }
    this.#videoPps = undefined;
    return 'new';
  }

  /** What holds for a key picture whose slices name this PPS; undefined while a set of it is missing. */
  activate(ppsId: number): VideoParameters | undefined {
    if (this.#video !== undefined && this.#videoPps === ppsId) return this.#video;
    const pps = this.#pps.get(ppsId);
    const active = pps && this.#sps.get(pps.spsId);
    if (pps === undefined || active === undefined) return undefined;

    // All PPS of this SPS: the pictures until the next key picture may name any of them.
    const ids = [...this.#pps.keys()]
      .filter((id) => this.#pps.get(id)!.spsId === pps.spsId)
      .sort((a, b) => a - b);
    const parameterSets = [active.nal, ...ids.map((id) => this.#pps.get(id)!.nal)];
    this.#videoPps = ppsId;
    if (this.#video !== undefined && sameSets(this.#video.parameterSets, parameterSets)) return this.#video;
    const { width, height, fps, codecString } = active.sps;
    this.#video = { codec: 'h264', width, height, fps, codecString, parameterSets };
    return this.#video;
  }
}

function sameSets(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((set, i) => set.equals(b[i]!));
}
