/** Which track of a camera takes our sound: ONVIF Streaming Specification §5.3, the back channel. Pure. */
import type { Sdp, SdpFormat, SdpMedia } from '../sdp.ts';
import type { G711 } from './g711.ts';

/** Must stand in DESCRIBE, SETUP and PLAY: without it a camera does not tell of its loudspeaker (ONVIF Streaming §5.3.1). */
export const BACKCHANNEL = 'www.onvif.org/ver20/backchannel';

export interface TalkTrack {
  readonly media: SdpMedia;
  readonly format: SdpFormat;
  readonly coding: G711;
}

const isG711 = (codec: string): codec is G711 => codec === 'pcmu' || codec === 'pcma';

/**
 * The first that is `sendonly`, which is meant from our side, and takes G.711 of one channel, as all that is known does. Why not, in
 * words, where there is none.
 */
export function chooseTalk(sdp: Sdp): TalkTrack | { readonly unsupported: string } {
  const tracks = sdp.media.filter(({ type, direction }) => type === 'audio' && direction === 'sendonly');
  if (tracks.length === 0) return { unsupported: 'the camera offers no loudspeaker' };
  for (const media of tracks)
    for (const format of media.formats)
      if (isG711(format.codec) && format.clockRate > 0 && (format.channels ?? 1) === 1)
        return { media, format, coding: format.codec };
  const codecs = tracks.flatMap(({ formats }) => formats.map(({ codec }) => codec.slice(0, 32)));
  return {
    unsupported: `the camera’s loudspeaker takes ${codecs.slice(0, 8).join(', ') || 'nothing that is known'}, not G.711`,
  };
}
