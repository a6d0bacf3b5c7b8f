/** What SDP says of a stream's pictures. Pure. */
import { jpegParts } from '../../jpeg/jpegParts.ts';
import { annexBNals } from '../../nal/annexB.ts';
import { H264_PPS, H264_SPS, h264Type } from '../../nal/h264.ts';
import { H265_PPS, H265_SPS, H265_VPS, h265Type } from '../../nal/h265.ts';
import { type Encoding, encodingOf, type StreamPart } from '../streams.ts';

export interface VideoFormat {
  readonly encoding: Encoding;
  readonly fmtp: string | undefined;
  /** Other attributes of the track. */
  readonly attributes?: readonly string[];
}

/** MPEG-4 part 2: start codes of what follows the headers, a group of pictures or a picture (ISO/IEC 14496-2 §6.2.1). */
const MPEG4_PICTURES = [Buffer.of(0, 0, 1, 0xb3), Buffer.of(0, 0, 1, 0xb6)];

/** Read from a key picture, which begins with its parameter sets; undefined: of others, and of what RTP has no way to say. */
export function videoFormat({ kind, key, data, codec }: StreamPart): VideoFormat | undefined {
  const encoding = encodingOf(codec);
  if (kind !== 'picture' || !key) return undefined;
  switch (encoding) {
    case 'H264':
      return { encoding, fmtp: h264Format(data) };
    case 'H265':
      return { encoding, fmtp: h265Format(data) };
    case 'MP4V-ES':
      return { encoding, fmtp: mpeg4Format(data, codec) };
    case 'VP9':
      // RFC 9628 §7: the profile, without which it is 0.
      return { encoding, fmtp: `profile-id=${Number(codec.split('.')[1])}` };
    case 'AV1':
      return { encoding, fmtp: av1Format(codec) };
    case 'JPEG':
      return jpegFormat(data);
    case 'VP8':
      return { encoding, fmtp: undefined };
    case undefined:
      return undefined;
  }
}

function h264Format(picture: Buffer): string {
  const sets = parameterSets(picture, h264Type, [H264_SPS, H264_PPS]);
  const [sps] = sets[0]!;
  // RFC 6184 §8.1: profile_idc, the constraint flags and level_idc, as they stand in the sequence parameter set.
  const profile =
    sps === undefined || sps.length < 4 ? '' : `;profile-level-id=${sps.toString('hex', 1, 4).toUpperCase()}`;
  return `packetization-mode=1${profile};sprop-parameter-sets=${sets.map(base64).join(',')}`;
}

function h265Format(picture: Buffer): string {
  const [vps, sps, pps] = parameterSets(picture, h265Type, [H265_VPS, H265_SPS, H265_PPS]).map(base64);
  return `sprop-vps=${vps};sprop-sps=${sps};sprop-pps=${pps}`;
}

/** RFC 6416 §7.1: profile and level in decimal, the headers in hexadecimal. */
function mpeg4Format(picture: Buffer, codec: string): string {
  const ends = MPEG4_PICTURES.map((code) => picture.indexOf(code)).filter((at) => at >= 0);
  const headers = picture.subarray(0, Math.min(...ends, picture.length));
  return `profile-level-id=${codec.split('.')[2] ?? 1};config=${headers.toString('hex').toUpperCase()}`;
}

/** §7.2.1 of its RTP format, from `av01.0.08M.08`: profile, then level and tier. */
function av1Format(codec: string): string {
  const [, profile = '0', level = '05M'] = codec.split('.');
  return `profile=${profile};level-idx=${Number.parseInt(level, 10)};tier=${level.endsWith('H') ? 1 : 0}`;
}

function jpegFormat(picture: Buffer): VideoFormat | undefined {
  const parts = jpegParts(picture);
  if (!parts) return undefined;
  const { width, height } = parts.shape;
  // What the packets have no room for, as GStreamer says it.
  return { encoding: 'JPEG', fmtp: undefined, attributes: [`x-dimensions:${width},${height}`] };
}

/** Of each type those that there are. */
function parameterSets(
  picture: Buffer,
  typeOf: (header: number) => number,
  types: readonly number[],
): Buffer[][] {
  const nals = annexBNals(picture);
  return types.map((type) => nals.filter((nal) => typeOf(nal[0]!) === type));
}

const base64 = (nals: readonly Buffer[]) => nals.map((nal) => nal.toString('base64')).join(',');
