/** VP9 as RTP carries it (RFC 9628). Of a stream with spatial layers, the smallest. Pure. */
import { BitReader } from '../../nal/bitReader.ts';
import type { KeyPicture, PictureCoding } from './pictureCoding.ts';

const FRAME_MARKER = 2;
const SYNC_CODE = 0x498342;
const SRGB = 7;
/** Largest picture in luma samples of each level (VP9 bitstream, annex A), at the faster of two rates. */
const LEVELS = [
  [36_864, '10'],
  [73_728, '11'],
  [122_880, '20'],
  [245_760, '21'],
  [552_960, '30'],
  [983_040, '31'],
  [2_228_224, '41'],
  [8_912_896, '51'],
] as const;
const HIGHEST = '61';

export const vp9Coding: PictureCoding = {
  codec: 'vp9',
  begins: (payload) => ((payload[0] ?? 0) & 0x08) !== 0,
  pictures(payloads) {
    const parts = payloads.map(taken).filter((part) => part !== undefined);
    const whole = Buffer.concat(parts);
    return whole.length > 0 ? [{ data: whole, after: 0 }] : [];
  },
  key,
};

/** What is behind the descriptor (§4.2); undefined: of a larger spatial layer. */
function taken(payload: Buffer): Buffer | undefined {
  const flags = payload[0] ?? 0;
  const [hasId, predicted, hasLayers, flexible, hasStructure] = [0x80, 0x40, 0x20, 0x10, 0x02].map(
    (bit) => (flags & bit) !== 0,
  );
  let at = 1;
  if (hasId) at += (payload[at] ?? 0) & 0x80 ? 2 : 1;
  if (hasLayers) {
    if (((payload[at] ?? 0) & 0x0e) !== 0) return undefined;
    at += flexible ? 1 : 2;
  }
  // Up to three differences to the pictures that it refers to; the last bit says that another follows.
  if (flexible && predicted)
    for (let more = true, left = 3; more && left > 0; left--) more = ((payload[at++] ?? 0) & 1) !== 0;
  if (hasStructure) at += structureLength(payload, at);
  return payload.subarray(at);
}

/** §4.2.1. */
function structureLength(payload: Buffer, from: number): number {
  const flags = payload[from] ?? 0;
  let at = from + 1;
  if (flags & 0x10) at += ((flags >> 5) + 1) * 4;
  if (flags & 0x08)
    for (let left = payload[at++] ?? 0; left > 0; left--) at += 1 + (((payload[at] ?? 0) >> 2) & 3);
  return at - from;
}

/** The uncompressed header of the first frame (VP9 bitstream §6.2). */
function key(picture: Buffer): KeyPicture | undefined {
  const bits = new BitReader(picture);
  if (bits.bits(2) !== FRAME_MARKER) return undefined;
  const profile = bits.bit() + 2 * bits.bit();
  if (profile === 3) bits.bit();
  // show_existing_frame, frame_type (0: key).
  if (bits.flag() || bits.flag()) return undefined;
  // show_frame, error_resilient_mode.
  bits.bits(2);
  if (bits.bits(24) !== SYNC_CODE) return undefined;
  const depth = profile >= 2 ? (bits.flag() ? 12 : 10) : 8;
  const chroma = chromaOf(bits, profile);
  const [width, height] = [bits.bits(16) + 1, bits.bits(16) + 1];
  if (bits.overrun) return undefined;
  return {
    data: picture,
    video: { width, height, fps: undefined, codecString: codecString(), parameterSets: [] },
  };

  function codecString(): string {
    const level = LEVELS.find(([most]) => width * height <= most)?.[1] ?? HIGHEST;
    // What follows the depth may be left out together, and means 4:2:0 in BT.709 then; 2 is “unspecified”.
    const rest = chroma === 1 ? '' : `.0${chroma}.02.02.02.00`;
    return `vp09.0${profile}.${level}.${String(depth).padStart(2, '0')}${rest}`;
  }
}

/** As `vpcC` counts: 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4. 4:4:0 it does not have. */
function chromaOf(bits: BitReader, profile: number): number {
  const odd = profile === 1 || profile === 3;
  if (bits.bits(3) === SRGB) {
    if (odd) bits.bit();
    return 3;
  }
  bits.bit();
  if (!odd) return 1;
  const [halfWidth] = [bits.flag(), bits.flag(), bits.bit()];
  return halfWidth ? 2 : 3;
}
