/** LATM (ISO/IEC 14496-3 §1.7.3) as RFC 6416 puts it into RTP: AAC with its config in the SDP. Pure and total. */
import { BitReader } from '../nal/bitReader.ts';
import { readAudioSpecificConfig } from './audioSpecificConfig.ts';

/**
 * The AudioSpecificConfig in a StreamMuxConfig, by its bits, since it begins amid a byte. Undefined where there is
 * more than one programme, layer or length for it, which no camera has.
 */
export function configOfStreamMux(bytes: Buffer): Buffer | undefined {
  const reader = new BitReader(bytes);
  const version = reader.bit();
  const sameFraming = reader.flag();
  reader.bits(6); // numSubFrames: there are as many as there are
  const others = reader.bits(4) + reader.bits(3); // programmes and layers beyond the first
  if (version !== 0 || !sameFraming || others > 0) return undefined;
  const begin = reader.position;
  if (!readAudioSpecificConfig(reader, false)) return undefined;
  const end = reader.position;
  // frameLengthType 0: each payload states its length. GStreamer's rtpmp4apay ends before it.
  if (reader.left >= 3 && reader.bits(3) !== 0) return undefined;

  const again = new BitReader(bytes);
  for (let i = 0; i < begin; i++) again.bit();
  const config = Buffer.alloc(Math.ceil((end - begin) / 8));
  for (let i = 0; i < end - begin; i++) config[i >> 3]! |= again.bit() << (7 - (i & 7));
  return config;
}

/** PayloadLengthInfo: ones (255) and a rest that add up. `size` is where the payload begins; undefined where it is cut off. */
export function payloadLength(bytes: Buffer): { length: number; size: number } | undefined {
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    length += bytes[at]!;
    if (bytes[at] !== 255) return { length, size: at + 1 };
  }
  return undefined;
}
