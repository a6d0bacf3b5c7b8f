/** What DESCRIBE answers: SDP (RFC 8866, RFC 2326 appendix C) of the pictures, and of the sound where there is any. Pure. */
import type { Track } from './requestUrl.ts';
import type { SoundFormat } from './soundPacketizer.ts';
import { CLOCK_RATE, PAYLOAD_TYPE, SOUND_PAYLOAD_TYPE } from './streams.ts';
import type { VideoFormat } from './video/videoFormat.ts';

/** The track's name in URLs. */
export const trackName = (track: Track) => `trackID=${track}`;

/**
 * @param sound of the second track; undefined: there is none
 * @param name shown by some players · @param address ours on this connection · @param version another for each description
 */
export function sessionDescription(
  { encoding, fmtp, attributes = [] }: VideoFormat,
  sound: SoundFormat | undefined,
  { name, address, version }: { name: string; address: string; version: number },
): string {
  const family = address.includes(':') ? 'IP6' : 'IP4';
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
    ...(fmtp === undefined ? [] : [`a=fmtp:${PAYLOAD_TYPE} ${fmtp}`]),
    ...attributes.map((attribute) => `a=${attribute}`),
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
