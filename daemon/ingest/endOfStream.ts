/** How a stream can end, and whether that is the end of a recording or the failure of a live camera. Pure. */
import type { RtspRequest } from '../rtsp/rtspMessage.ts';
import type { SdpRange } from './sdp.ts';

/**
 * goodbye: RTCP BYE · announced: ANNOUNCE with an end-of-stream notice · teardown: TEARDOWN from the server ·
 * closed: the connection ended · stalled: no RTP · udp_silent: UDP was agreed on, and never a packet came ·
 * udp_lossy: too many of its packets are lost
 */
export type EndOfStream = 'goodbye' | 'announced' | 'teardown' | 'closed' | 'stalled' | UdpFault;
export type UdpFault = 'udp_silent' | 'udp_lossy';

/** A recording's last picture may lie this far (ms) before the end that its SDP states. */
const END_TOLERANCE = 2000;

/**
 * Whether a recording (a finite `a=range`) is over: the server says so, or the connection ended or fell silent at the
 * end of the range. `mediaTime`: of the last picture, milliseconds from the first.
 */
export function isOver(how: EndOfStream, range: SdpRange | undefined, mediaTime: number): boolean {
  if (range?.kind !== 'finite' || how === 'udp_silent' || how === 'udp_lossy') return false;
  if (how === 'goodbye' || how === 'announced' || how === 'teardown') return true;
  if (range.duration === undefined) return false;
  const duration = range.duration * 1000;
  return mediaTime >= Math.max(duration - END_TOLERANCE, duration / 2);
}

/**
 * Whether a request of the server ends the stream: TEARDOWN, or ANNOUNCE with `X-Notice: 2101 End-of-Stream Reached`
 * as ffmpeg reads it (case 7).
 */
export function endsStream(request: RtspRequest): EndOfStream | undefined {
  if (request.method === 'TEARDOWN') return 'teardown';
  if (request.method !== 'ANNOUNCE' && request.method !== 'PLAY_NOTIFY') return undefined;
  const told = ['Notice', 'X-Notice', 'Notify', 'Notify-Reason'].some((name) =>
    /^(?:2101|2104|2306)\b|end-of-stream/i.test(request.headers.get(name) ?? ''),
  );
  return told ? 'announced' : undefined;
}
