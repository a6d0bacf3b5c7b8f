/** What each request does (RFC 2326 §10): one stream at a time, and one session a connection. */
import { parseSession, type RtspRequest } from '../rtsp/rtspMessage.ts';
import { parseTransportOffers, type TransportOffer } from '../rtsp/transportHeader.ts';
import type { UdpTransport, UdpTransportOptions } from '../rtsp/udpTransport.ts';
import { type Answer, refusal, unavailable } from './answer.ts';
import { sessionDescription, trackName } from './description.ts';
import { InterleavedOutlet, type Outlet, type Peer, UdpOutlet } from './outlet.ts';
import { parseRequestUrl, type RequestUrl, type Track } from './requestUrl.ts';
import { RestreamSession } from './restreamSession.ts';
import { type SoundFormat, soundFormat } from './soundPacketizer.ts';
import { StreamLease } from './streamLease.ts';
import type { Streams } from './streams.ts';

/** Seconds without a sign of life after which a session ends; told in every Session header. */
export const SESSION_TIMEOUT = 60;
/** Milliseconds that DESCRIBE waits for a camera that rested. */
const DESCRIBE_LIMIT = 8_000;
/** Seconds after which a client may ask for a camera again that did not come. */
const RETRY_AFTER = 5;
const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER';

export interface DialogOptions {
  streams: Streams;
  peer: Peer;
  openUdp: (options: UdpTransportOptions) => Promise<UdpTransport>;
  /** Takes a place among all sessions; false: there is none. */
  takePlace: () => boolean;
  leavePlace: () => void;
  /** Interleaved packets on this channel are the client's reports. */
  addChannel: (channel: number) => void;
  /** The client gave a sign of life. */
  alive: () => void;
  /** The stream is over: the connection is to end. */
  ended: () => void;
}

export class RestreamDialog {
  readonly #options: DialogOptions;
  #lease: StreamLease | undefined;
  #session: RestreamSession | undefined;
  #closed = false;

  constructor(options: DialogOptions) {
    this.#options = options;
  }

  get session(): RestreamSession | undefined {
    return this.#session;
  }

  /** Never rejects but for faults of our own. */
  async handle(request: RtspRequest): Promise<Answer> {
    // ONVIF's replay, and all else that a client depends on: we have none of it (RFC 2326 §12.32).
    const required = request.headers.get('Require');
    if (this.#closed) return unavailable(RETRY_AFTER);
    if (required !== undefined) return refusal(551, { Unsupported: required });
    try {
      return await this.#handle(request);
    } catch (error) {
      return streamRefusal(error);
    }
  }

  async #handle(request: RtspRequest): Promise<Answer> {
    const url = parseRequestUrl(request.url);
    switch (request.method) {
      case 'OPTIONS':
        return { status: 200, headers: { Public: METHODS } };
      case 'DESCRIBE':
        return url ? this.#describe(url) : refusal(404);
      case 'SETUP':
        return url ? this.#setup(request, url) : refusal(404);
      case 'PLAY':
        return this.#ofSession(request, (session) => play(session, url));
      case 'PAUSE':
        return this.#ofSession(request, (session) => {
          if (session.playing) session.pause();
          return { status: 200 };
        });
      case 'TEARDOWN':
        return this.#ofSession(request, () => {
          this.#end();
          return { status: 200 };
        });
      // As a keep-alive, with nothing in them (RFC 2326 §10.8).
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return { status: 200 };
      default:
        return refusal(501, { Public: METHODS });
    }
  }

  #ofSession(request: RtspRequest, answer: (session: RestreamSession) => Answer): Answer {
    const { id } = parseSession(request.headers.get('Session') ?? '');
    return this.#session && id === this.#session.id ? answer(this.#session) : refusal(454);
  }

  async #describe({ stream, base }: RequestUrl): Promise<Answer> {
    const lease = this.#leaseOf(stream);
    const description = await lease.description(DESCRIBE_LIMIT);
    if (this.#session || description === undefined) this.#release(lease);
    if (description === undefined) return unavailable(RETRY_AFTER);
    const { localAddress: address } = this.#options.peer;
    const version = Math.floor(Date.now() / 1000);
    const body = sessionDescription(description, this.#soundOf(stream), { name: stream, address, version });
    return { status: 200, headers: { 'Content-Base': `${base}/`, 'Content-Type': 'application/sdp' }, body };
  }

  #soundOf(stream: string): SoundFormat | undefined {
    const audio = this.#options.streams.sound(stream);
    return audio && soundFormat(audio);
  }

  async #setup(request: RtspRequest, { stream, track = 0 }: RequestUrl): Promise<Answer> {
    if (this.#session) {
      const { id } = parseSession(request.headers.get('Session') ?? '');
      if (this.#session.playing || id !== this.#session.id) return refusal(455);
    }
    const sound = track === 1 ? this.#soundOf(stream) : undefined;
    if (track === 1 && !sound) return refusal(404);
    const [offer] = parseTransportOffers(request.headers.get('Transport') ?? '');
    if (offer === undefined) return refusal(461);
    const lease = this.#session ? undefined : this.#leaseOf(stream);
    const { outlet, transport } = await this.#outlet(offer);
    const session = this.#closed ? undefined : this.#takeSession(lease);
    if (!session) {
      outlet.close(undefined);
      return refusal(453);
    }
    const ssrc = session.setUp(track, outlet, sound).toString(16).padStart(8, '0').toUpperCase();
    return { status: 200, headers: { Transport: `${transport};ssrc=${ssrc}` } };
  }

  #takeSession(lease: StreamLease | undefined): RestreamSession | undefined {
    if (lease === undefined) return this.#session;
    if (!this.#options.takePlace()) return undefined;
    this.#lease = undefined;
    this.#session = new RestreamSession(this.#options.streams, lease, this.#options.ended);
    return this.#session;
  }

  async #outlet(offer: TransportOffer): Promise<{ outlet: Outlet; transport: string }> {
    const { peer, openUdp, addChannel, alive } = this.#options;
    if (offer.protocol === 'tcp') {
      const { rtp, rtcp } = offer.interleaved;
      addChannel(rtp);
      addChannel(rtcp);
      const transport = `RTP/AVP/TCP;unicast;interleaved=${rtp}-${rtcp}`;
      return { outlet: new InterleavedOutlet(peer, offer.interleaved, alive), transport };
    }
    const { address, localAddress } = peer;
    const take = () => alive();
    const udp = await openUdp({ localAddress, remoteAddress: address, rtp: take, rtcp: take });
    // Never to a `destination` of the client's choice: we would be a cannon for whoever aims at others (RFC 2326 §16).
    udp.setTarget({ address, ...offer.clientPort }, undefined);
    const ports = `client_port=${offer.clientPort.rtp}-${offer.clientPort.rtcp};server_port=${udp.ports.rtp}-${udp.ports.rtcp}`;
    return { outlet: new UdpOutlet(udp), transport: `RTP/AVP;unicast;${ports}` };
  }

  /** The lease of the stream that was asked for last: a connection holds one stream open. */
  #leaseOf(stream: string): StreamLease {
    if (this.#lease?.stream === stream) return this.#lease;
    this.#release(this.#lease);
    this.#lease = new StreamLease(this.#options.streams, stream, () => this.#options.ended());
    return this.#lease;
  }

  #release(lease: StreamLease | undefined): void {
    lease?.close();
    if (this.#lease === lease) this.#lease = undefined;
  }

  #end(): void {
    this.#release(this.#lease);
    if (!this.#session) return;
    this.#session.close();
    this.#session = undefined;
    this.#options.leavePlace();
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }
}

function play(session: RestreamSession, url: RequestUrl | undefined): Answer {
  // Live, so a `Range` is not looked at: there is but one place (RFC 2326 §10.5).
  if (session.playing) return { status: 200 };
  const { tracks, begin } = session.play();
  const told = (track: Track, sequence: number, timestamp: number | undefined) =>
    `url=${url?.base}/${trackName(track)};seq=${sequence}${timestamp === undefined ? '' : `;rtptime=${timestamp}`}`;
  const info =
    url && tracks.map(({ track, sequence, timestamp }) => told(track, sequence, timestamp)).join(',');
  return { status: 200, headers: { Range: 'npt=now-', 'RTP-Info': info }, afterwards: begin };
}

/** @throws what is no refusal of a stream's owner: a fault of our own */
function streamRefusal(error: unknown): Answer {
  const { status } = error as { status?: unknown };
  if (status === 404) return refusal(404);
  if (status === 409) return unavailable(SESSION_TIMEOUT);
  throw error;
}
