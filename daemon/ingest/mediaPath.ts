/** The way of the packets of one track: interleaved in the RTSP connection, a pair of UDP sockets, or a multicast group; then the receiver. */
import { isMulticast, MulticastTransport } from '../rtsp/multicastTransport.ts';
import type { TransportAnswer } from '../rtsp/transportHeader.ts';
import { plainAddress } from '../rtsp/udpSockets.ts';
import { UdpTransport } from '../rtsp/udpTransport.ts';
import type { RtpTrack } from './rtpTrack.ts';
import type { RtspConnection } from './rtspConnection.ts';

/** Who takes the packets of a track. */
export interface TrackReceiver {
  readonly track: RtpTrack;
  /** The stream is over: hands on what was still waited for. */
  end(): void;
}

export class MediaPath {
  readonly transport: 'tcp' | 'udp' | 'multicast';
  readonly #connection: RtspConnection;
  #udp: UdpTransport | undefined;
  #group: MulticastTransport | undefined;
  #receiver: TrackReceiver | undefined;
  /** TCP: those asked for, then those that the camera gave. */
  #channels: { readonly rtp: number; readonly rtcp: number };
  #flushTimer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `channel`: the first of the pair to ask for, on TCP. */
  constructor(transport: 'tcp' | 'udp' | 'multicast', connection: RtspConnection, channel: number) {
    this.transport = transport;
    this.#connection = connection;
    this.#channels = { rtp: channel, rtcp: channel + 1 };
  }

  /** SETUP was answered: packets have somewhere to go. */
  get ready(): boolean {
    return this.#receiver !== undefined;
  }

  /** When the last RTP packet came, `performance.now()` milliseconds. */
  get lastPacket(): number | undefined {
    return this.#receiver?.track.lastPacket;
  }

  /** TCP: channels of RTP and RTCP. */
  get channels(): { readonly rtp: number; readonly rtcp: number } {
    return this.#channels;
  }

  /**
   * The `Transport` to ask for: one per SETUP and no `mode` (case 13). Rejects with the system's error if no
   * UDP ports are free.
   */
  async ask(): Promise<string> {
    const { rtp, rtcp } = this.#channels;
    if (this.transport === 'tcp') return `RTP/AVP/TCP;unicast;interleaved=${rtp}-${rtcp}`;
    if (this.transport === 'multicast') return 'RTP/AVP;multicast';
    const { localAddress, remoteAddress } = this.#connection;
    const take = (datagram: Buffer) => this.packet(datagram);
    this.#udp ??= await UdpTransport.open({ localAddress, remoteAddress, rtp: take, rtcp: take });
    if (this.#closed) this.#udp.close();
    return `RTP/AVP;unicast;client_port=${this.#udp.ports.rtp}-${this.#udp.ports.rtcp}`;
  }

  /**
   * Takes the camera's answer. False if it chose another transport than it was asked for (case 52). Rejects with the system's error if
   * the group cannot be joined.
   */
  async accept(
    answer: TransportAnswer,
    receiver: (how: { ssrc: number | undefined; reorder: boolean }) => TrackReceiver,
  ): Promise<boolean> {
    if (answer.protocol !== this.transport) return false;
    this.#receiver = receiver({ ssrc: answer.ssrc, reorder: this.transport !== 'tcp' });
    if (this.transport === 'multicast') return this.#join(answer);
    if (!this.#udp) {
      // The camera's channels count, not those asked for (case 40).
      this.#channels = answer.interleaved ?? this.#channels;
      this.#connection.addChannel(this.#channels.rtp);
      this.#connection.addChannel(this.#channels.rtcp);
    } else if (answer.serverPort) {
      const { track } = this.#receiver;
      this.#udp.setTarget({ address: this.#connection.remoteAddress, ...answer.serverPort }, answer.source);
      this.#udp.punch(track.emptyPacket(), track.report());
    }
    return true;
  }

  async #join({ group, source }: TransportAnswer): Promise<boolean> {
    // Without a group the packets come by nothing that we know of; one address alone would be us.
    if (!group || !isMulticast(group.address)) return false;
    const { localAddress, remoteAddress } = this.#connection;
    const senders = [remoteAddress, ...(source ? [source] : [])].map(plainAddress);
    const take = (datagram: Buffer) => this.packet(datagram);
    this.#group = await MulticastTransport.open({ group, localAddress, senders, rtp: take, rtcp: take });
    if (this.#closed) this.#group.close();
    return true;
  }

  /** Takes a packet. RTP or RTCP is told by the packet itself, because servers mix up the channels (case 41). */
  packet(bytes: Buffer): void {
    const track = this.#receiver?.track;
    if (!track || this.#closed) return;
    track.packet(bytes);
    this.#armFlush(track);
  }

  /** A packet that is missing is given up in time, also if no other follows; again until nothing waits (timers can fire early). */
  #armFlush(track: RtpTrack): void {
    const { deadline } = track;
    if (deadline === undefined || this.#flushTimer !== undefined) return;
    const wait = Math.max(deadline - performance.now(), 0) + 1;
    this.#flushTimer = setTimeout(() => {
      // What came in time, while the process was busy, is read first: timers come before sockets, immediates after them.
      setImmediate(() => {
        this.#flushTimer = undefined;
        if (this.#closed) return;
        track.flush(performance.now());
        this.#armFlush(track);
      });
    }, wait);
  }

  /** Sends a receiver report the way that the packets come. */
  sendReport(): void {
    const report = this.#receiver?.track.report();
    if (!report || this.#closed) return;
    if (this.#group) this.#group.sendRtcp(report);
    else if (this.#udp) this.#udp.sendRtcp(report);
    else this.#connection.sendFrame(this.#channels.rtcp, report);
  }

  /** The stream is over: hands on what was still waited for. */
  end(): void {
    this.#receiver?.end();
  }

  /** Nothing is handed on from now on; the UDP ports are free again. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#flushTimer);
    this.#udp?.close();
    this.#group?.close();
  }
}
