/** `rtsp://box:8554/door_main`: which stream a request is about (RFC 2326 §3.2). Pure and total. */

export interface RequestUrl {
  readonly stream: string;
  /** The stream's URL as this client writes it, without credentials, track and query; for Content-Base and RTP-Info. */
  readonly base: string;
  /** Of SETUP; undefined: no track is named. */
  readonly track: Track | undefined;
}

/** 0: the pictures · 1: the sound */
export type Track = 0 | 1;

// The track behind the name is that of our SDP. Clients put their query before it or behind it (ingest has both, case 26).
const URL = /^rtsps?:\/\/(?:[^/?#@]*@)?([^/?#@]*)\/([A-Za-z0-9_-]{1,64})\/?(?:trackID=([01])\/?)?(?:\?.*)?$/i;

/** Undefined: no address of a stream. Whether there is such a stream, its owner knows. */
export function parseRequestUrl(url: string): RequestUrl | undefined {
  const [, authority, stream, track] = URL.exec(url) ?? [];
  if (authority === undefined || stream === undefined) return undefined;
  const named = track === undefined ? undefined : track === '1' ? 1 : 0;
  return { stream, base: `rtsp://${authority}/${stream}`, track: named };
}
