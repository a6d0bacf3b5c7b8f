/** The `Transport` header of a SETUP answer (RFC 2326 §12.39). Pure and total. */

export interface TransportAnswer {
  /** What the camera will do, whatever it was asked for (case 52). */
  readonly protocol: 'tcp' | 'udp' | 'multicast';
  /** Channels of RTP and RTCP. The camera's word counts, not ours (case 40). */
  readonly interleaved: { readonly rtp: number; readonly rtcp: number } | undefined;
  readonly serverPort: { readonly rtp: number; readonly rtcp: number } | undefined;
  /** Where the packets come from, if the camera says so. */
  readonly source: string | undefined;
  readonly ssrc: number | undefined;
}

/** `0-1`, or `0` alone: then the second is the next one (case 39). */
function pair(text: string | undefined, max: number): { rtp: number; rtcp: number } | undefined {
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text ?? '');
  if (!match) return undefined;
  const rtp = Number(match[1]);
  const rtcp = match[2] === undefined ? rtp + 1 : Number(match[2]);
  return rtp <= max && rtcp <= max ? { rtp, rtcp } : undefined;
}

/**
 * Parameters are taken in any order: `ssrc` before `interleaved` (Luckfox rkipc), `interleaved` without `/TCP`
 * (Escam Q6), `ssrc=     D93FF` (Dahua), `ssrc=1449463210` (no hex of 32 bits: treated as absent), an empty `source`,
 * a single or missing `server_port` (OpenIPC), `RTP/AVP/UDP` (Panasonic) — case 39.
 */
export function parseTransport(value: string): TransportAnswer {
  const [protocol = '', ...parts] = (value.split(',')[0] ?? '').split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const part of parts.slice(0, 64)) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    const text = equals < 0 ? '' : part.slice(equals + 1).trim();
    parameters.set(name, text.replace(/^"(.*)"$/, '$1'));
  }
  const interleaved = pair(parameters.get('interleaved'), 255);
  const serverPort = pair(parameters.get('server_port'), 65535);
  const ssrc = parameters.get('ssrc') ?? '';
  const tcp = interleaved !== undefined || /\/TCP\b/i.test(protocol);
  return {
    protocol: tcp ? 'tcp' : parameters.has('multicast') ? 'multicast' : 'udp',
    interleaved,
    serverPort: serverPort && serverPort.rtp > 0 ? serverPort : undefined,
    source: parameters.get('source') || undefined,
    ssrc: /^[0-9A-Fa-f]{1,8}$/.test(ssrc) ? Number.parseInt(ssrc, 16) : undefined,
  };
}
