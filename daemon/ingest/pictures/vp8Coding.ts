/** VP8 (RFC 6386) as RTP carries it (RFC 7741). Pure. */
import type { KeyPicture, PictureCoding } from './pictureCoding.ts';

/** Of a key frame: its three bytes of header, the start code, width and height (RFC 6386 §9.1). */
const KEY_HEADER = 10;
const START_CODE = Buffer.of(0x9d, 0x01, 0x2a);
/** Above it are two bits of how to show it larger. */
const EDGE = 0x3fff;

export const vp8Coding: PictureCoding = {
  codec: 'vp8',
  /** S, and partition 0. */
  begins: (payload) => ((payload[0] ?? 0) & 0x17) === 0x10,
  pictures(payloads) {
    const parts = payloads.map((payload) => payload.subarray(descriptorLength(payload)));
    const whole = Buffer.concat(parts);
    return whole.length > 0 ? [{ data: whole, after: 0 }] : [];
  },
  key,
};

/** RFC 7741 §4.2. */
function descriptorLength(payload: Buffer): number {
  if (((payload[0] ?? 0) & 0x80) === 0) return 1;
  const extension = payload[1] ?? 0;
  let length = 2;
  // A picture's number of seven or of fifteen bits.
  if (extension & 0x80) length += (payload[length] ?? 0) & 0x80 ? 2 : 1;
  if (extension & 0x40) length++;
  if (extension & 0x30) length++;
  return length;
}

function key(picture: Buffer): KeyPicture | undefined {
  if (picture.length < KEY_HEADER || (picture[0]! & 1) !== 0) return undefined;
  if (!picture.subarray(3, 6).equals(START_CODE)) return undefined;
  const [width, height] = [picture.readUInt16LE(6) & EDGE, picture.readUInt16LE(8) & EDGE];
  if (width === 0 || height === 0) return undefined;
  // VP Codec ISO media file format binding §codec string: its level is not in the stream.
  const video = { width, height, fps: undefined, codecString: 'vp08.00.10.08', parameterSets: [] };
  return { data: picture, video };
}
