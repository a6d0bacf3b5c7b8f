/** The `Transport` header of SETUP, asked and answered (RFC 2326 §12.39). Pure and total. */

export interface TransportAnswer {
  /** What the camera will do, whatever it was asked for (case 52). */
  readonly protocol: 'tcp' | 'udp' | 'multicast';
  /** Channels of RTP and RTCP. The camera's word counts, not ours (case 40). */
  readonly interleaved: { readonly rtp: number; readonly rtcp: number } | undefined;
  readonly serverPort: { readonly rtp: number; readonly rtcp: number } | undefined;
  /** Where the packets come from, if the camera says so. */
  readonly source: string | undefined;
  readonly ssrc: number | undefined;
  /** Multicast: where the packets go to, if the camera says so. */
  readonly group:
    | { readonly address: string; readonly ports: { readonly rtp: number; readonly rtcp: number } }
    | undefined;
}

/** `0-1`, or `0` alone: then the second is the next one (case 39). */
function pair(text: string | undefined, max: number): { rtp: number; rtcp: number } | undefined {
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text ?? '');
  if (!match) return undefined;
  const rtp = Number(match[1]);
  const rtcp = match[2] === undefined ? rtp + 1 : Number(match[2]);
  return rtp <= max && rtcp <= max ? { rtp, rtcp } : undefined;
}

/** One of the transports that a header names: its protocol and what is said of it. */
function parseSpec(spec: string): { protocol: string; parameters: Map<string, string> } {
  const [protocol = '', ...parts] = spec.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const part of parts.slice(0, 64)) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    const text = equals < 0 ? '' : part.slice(equals + 1).trim();
    parameters.set(name, text.replace(/^"(.*)"$/, '$1'));
  }
  return { protocol, parameters };
}

/**
 * Parameters are taken in any order: `ssrc` before `interleaved` (Luckfox rkipc), `interleaved` without `/TCP`
 * (Escam Q6), `ssrc=     D93FF` (Dahua), `ssrc=1449463210` (no hex of 32 bits: treated as absent), an empty `source`,
 * a single or missing `server_port` (OpenIPC), `RTP/AVP/UDP` (Panasonic) — case 39.
 */
export function parseTransport(value: string): TransportAnswer {
  const { protocol, parameters } = parseSpec(value.split(',')[0] ?? '');
  const interleaved = pair(parameters.get('interleaved'), 255);
  const serverPort = pair(parameters.get('server_port'), 65535);
  const groupPorts = pair(parameters.get('port') ?? parameters.get('client_port'), 65535) ?? serverPort;
  const destination = parameters.get('destination');
  const ssrc = parameters.get('ssrc') ?? '';
  const tcp = interleaved !== undefined || /\/TCP\b/i.test(protocol);
  return {
    protocol: tcp ? 'tcp' : parameters.has('multicast') ? 'multicast' : 'udp',
    interleaved,
    serverPort: serverPort && serverPort.rtp > 0 ? serverPort : undefined,
    source: parameters.get('source') || undefined,
    ssrc: /^[0-9A-Fa-f]{1,8}$/.test(ssrc) ? Number.parseInt(ssrc, 16) : undefined,
    group:
      destination && groupPorts && groupPorts.rtp > 0
        ? { address: destination, ports: groupPorts }
        : undefined,
  };
}

/** A transport that a client can do. */
export type TransportOffer =
  | { readonly protocol: 'tcp'; readonly interleaved: { readonly rtp: number; readonly rtcp: number } }
  | { readonly protocol: 'udp'; readonly clientPort: { readonly rtp: number; readonly rtcp: number } };

const MAX_OFFERS = 8;

/**
 * What a client asks for and we can do, in its order of preference: RTP/AVP interleaved, or over UDP to ports of its own. Left out
 * are multicast, other profiles (SRTP) and recording. `unicast` may be missing, although RFC 2326 then says multicast: clients
 * leave it out and mean unicast.
 */
export function parseTransportOffers(value: string): TransportOffer[] {
  const offers: TransportOffer[] = [];
  for (const spec of value.split(',').slice(0, MAX_OFFERS)) {
    const { protocol, parameters } = parseSpec(spec);
    const lower = /^RTP\/AVP(?:\/(TCP|UDP))?$/i.exec(protocol);
    const records = /RECORD/i.test(parameters.get('mode') ?? '');
    if (!lower || records || parameters.has('multicast')) continue;
    const interleaved = pair(parameters.get('interleaved'), 255);
    const clientPort = pair(parameters.get('client_port'), 65535);
    if (lower[1]?.toUpperCase() === 'TCP' || (interleaved && lower[1] === undefined))
      offers.push({ protocol: 'tcp', interleaved: interleaved ?? { rtp: 0, rtcp: 1 } });
    else if (clientPort && clientPort.rtp > 0 && clientPort.rtcp > 0)
      offers.push({ protocol: 'udp', clientPort });
  }
  return offers;
}
