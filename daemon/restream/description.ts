/** What DESCRIBE answers: SDP (RFC 8866, RFC 2326 appendix C) of the pictures, and of the sound where there is any. Pure. */
import { annexBNals } from '../nal/annexB.ts';
import { H264_PPS, H264_SPS, h264Type } from '../nal/h264.ts';
import { H265_PPS, H265_SPS, H265_VPS, h265Type } from '../nal/h265.ts';
import type { Track } from './requestUrl.ts';
import type { SoundFormat } from './soundPacketizer.ts';
import {
  CLOCK_RATE,
  type Encoding,
  encodingOf,
  PAYLOAD_TYPE,
  SOUND_PAYLOAD_TYPE,
  type StreamPart,
} from './streams.ts';

/** The track's name in URLs. */
export const trackName = (track: Track) => `trackID=${track}`;

/** What a decoder has to know before the first picture. */
export interface VideoDescription {
  readonly encoding: Encoding;
  /** NAL units by their type, as they stand in the stream. */
  readonly parameterSets: ReadonlyMap<number, readonly Buffer[]>;
}

/** Read from a key picture, which begins with its parameter sets; undefined: of others, and of codings that RTP does not send. */
export function describePicture({ kind, key, data, codec }: StreamPart): VideoDescription | undefined {
  const encoding = encodingOf(codec);
  if (kind !== 'picture' || !key || encoding === undefined) return undefined;
  const typeOf = encoding === 'H264' ? h264Type : h265Type;
  const wanted = encoding === 'H264' ? [H264_SPS, H264_PPS] : [H265_VPS, H265_SPS, H265_PPS];
  const nals = annexBNals(data);
  return {
    encoding,
    parameterSets: new Map(wanted.map((type) => [type, nals.filter((nal) => typeOf(nal[0]!) === type)])),
  };
}

/**
 * @param sound of the second track; undefined: there is none
 * @param name shown by some players · @param address ours on this connection · @param version another for each description
 */
export function sessionDescription(
  { encoding, parameterSets }: VideoDescription,
  sound: SoundFormat | undefined,
  { name, address, version }: { name: string; address: string; version: number },
): string {
  const family = address.includes(':') ? 'IP6' : 'IP4';
  const base64 = (type: number) =>
    (parameterSets.get(type) ?? []).map((nal) => nal.toString('base64')).join(',');
  const format =
    encoding === 'H264'
      ? `packetization-mode=1${h264Profile(parameterSets.get(H264_SPS)?.[0])}` +
        `;sprop-parameter-sets=${[H264_SPS, H264_PPS].map(base64).join(',')}`
      : `sprop-vps=${base64(H265_VPS)};sprop-sps=${base64(H265_SPS)};sprop-pps=${base64(H265_PPS)}`;
  const lines = [
    'v=0',
    `o=- ${version} 1 IN ${family} ${address}`,
    `s=${name}`,
    // To whom is settled by SETUP (RFC 2326 §C.1.7).
    `c=IN ${family} ${family === 'IP6' ? '::' : '0.0.0.0'}`,
    't=0 0',
    'a=tool:Walleye',
    'a=control:*',
    // Live: no end, and no place to go to (RFC 2326 §C.1.5).
    'a=range:npt=now-',
    `m=video 0 RTP/AVP ${PAYLOAD_TYPE}`,
    `a=rtpmap:${PAYLOAD_TYPE} ${encoding}/${CLOCK_RATE}`,
    `a=fmtp:${PAYLOAD_TYPE} ${format}`,
    `a=control:${trackName(0)}`,
    ...(sound ? soundLines(sound) : []),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function soundLines({ rtpmap, fmtp }: SoundFormat): string[] {
  return [
    `m=audio 0 RTP/AVP ${SOUND_PAYLOAD_TYPE}`,
    `a=rtpmap:${SOUND_PAYLOAD_TYPE} ${rtpmap}`,
    ...(fmtp === undefined ? [] : [`a=fmtp:${SOUND_PAYLOAD_TYPE} ${fmtp}`]),
    `a=control:${trackName(1)}`,
  ];
}

/** RFC 6184 §8.1: profile_idc, the constraint flags and level_idc, as they stand in the sequence parameter set. */
function h264Profile(sps: Buffer | undefined): string {
  return sps === undefined || sps.length < 4
    ? ''
    : `;profile-level-id=${sps.toString('hex', 1, 4).toUpperCase()}`;
}
