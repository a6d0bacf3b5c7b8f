/** Linear sound to G.711 (ITU-T G.711, RFC 3551 §4.5.14), which every camera with a loudspeaker takes. Pure. */

export type G711 = 'pcmu' | 'pcma';

const BIAS = 0x84;
const CLIP = 32_635;

/** One sample of µ-law: sign, three bits of exponent, four of mantissa, all inverted. */
function muLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const size = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 31 - Math.clz32(size >> 7);
  const mantissa = (size >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** One sample of A-law: thirteen bits are kept, every other bit of the result is inverted. */
function aLaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  // -1 and 0 are the same size: negative numbers have no zero.
  const size = Math.min(sample < 0 ? ~sample : sample, 32_767) >> 4;
  const exponent = size < 32 ? (size < 16 ? 0 : 1) : 31 - Math.clz32(size) - 3;
  const mantissa = (exponent < 2 ? size : size >> (exponent - 1)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

/** @param samples 16 bits, signed @returns a byte each */
export function encodeG711(coding: G711, samples: Int16Array): Buffer {
  const encode = coding === 'pcmu' ? muLaw : aLaw;
  const bytes = Buffer.allocUnsafe(samples.length);
  for (let at = 0; at < samples.length; at++) bytes[at] = encode(samples[at]!);
  return bytes;
}
