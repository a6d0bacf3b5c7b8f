/** `rtsp://box:8554/door_main`: which stream a request is about (RFC 2326 §3.2). Pure and total. */

export interface RequestUrl {
  readonly stream: string;
  /** The stream's URL as this client writes it, without credentials, track and query; for Content-Base and RTP-Info. */
  readonly base: string;
}

// The track behind the name is that of our SDP. Clients put their query before it or behind it (ingest has both, case 26).
const URL = /^rtsps?:\/\/(?:[^/?#@]*@)?([^/?#@]*)\/([A-Za-z0-9_-]{1,64})\/?(?:trackID=0\/?)?(?:\?.*)?$/i;

/** Undefined: no address of a stream. Whether there is such a stream, its owner knows. */
export function parseRequestUrl(url: string): RequestUrl | undefined {
  const [, authority, stream] = URL.exec(url) ?? [];
  if (authority === undefined || stream === undefined) return undefined;
  return { stream, base: `rtsp://${authority}/${stream}` };
}
