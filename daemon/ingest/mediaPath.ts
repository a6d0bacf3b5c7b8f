/** The way of the packets of one session: interleaved in the RTSP connection, or a pair of UDP sockets; then the receiver. */
import type { RtspConnection } from './rtspConnection.ts';
import type { TransportAnswer } from './transportHeader.ts';
import { UdpTransport } from './udpTransport.ts';
import { VideoReceiver, type VideoReceiverOptions } from './videoReceiver.ts';

export class MediaPath {
  readonly transport: 'tcp' | 'udp';
  readonly #connection: RtspConnection;
  #udp: UdpTransport | undefined;
  #receiver: VideoReceiver | undefined;
  #rtcpChannel = 1;
  #flushTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(transport: 'tcp' | 'udp', connection: RtspConnection) {
    this.transport = transport;
    this.#connection = connection;
  }

  /** SETUP was answered: packets have somewhere to go. */
  get ready(): boolean {
    return this.#receiver !== undefined;
  }

  /** When the last RTP packet came, `performance.now()` milliseconds. */
  get lastPacket(): number | undefined {
    return this.#receiver?.lastPacket;
  }

  /** Media time of the last access unit, milliseconds. */
  get mediaTime(): number {
    return this.#receiver?.mediaTime ?? 0;
  }

  /**
   * The `Transport` to ask for: one per SETUP and no `mode` (case 13). Rejects with the system's error if no
   * UDP ports are free.
   */
  async ask(): Promise<string> {
    if (this.transport === 'tcp') return 'RTP/AVP/TCP;unicast;interleaved=0-1';
    const { localAddress, remoteAddress } = this.#connection;
    const take = (datagram: Buffer) => this.packet(datagram);
    this.#udp ??= await UdpTransport.open({ localAddress, remoteAddress, rtp: take, rtcp: take });
    if (this.#closed) this.#udp.close();
    return `RTP/AVP;unicast;client_port=${this.#udp.ports.rtp}-${this.#udp.ports.rtcp}`;
  }

  /** Takes the camera's answer. False if it chose another transport than it was asked for (case 52). */
  accept(answer: TransportAnswer, receiver: Omit<VideoReceiverOptions, 'ssrc' | 'reorder'>): boolean {
    if (answer.protocol !== this.transport) return false;
    this.#receiver = new VideoReceiver({ ...receiver, ssrc: answer.ssrc, reorder: this.transport === 'udp' });
    if (!this.#udp) {
      // The camera's channels count, not those asked for (case 40).
      const channels = answer.interleaved ?? { rtp: 0, rtcp: 1 };
      this.#rtcpChannel = channels.rtcp;
      this.#connection.addChannel(channels.rtp);
      this.#connection.addChannel(channels.rtcp);
    } else if (answer.serverPort) {
      this.#udp.setTarget({ address: this.#connection.remoteAddress, ...answer.serverPort }, answer.source);
      this.#udp.punch(this.#receiver.emptyPacket(), this.#receiver.report());
    }
    return true;
  }

  /** Takes a packet. RTP or RTCP is told by the packet itself, because servers mix up the channels (case 41). */
  packet(bytes: Buffer): void {
    const receiver = this.#receiver;
    if (!receiver || this.#closed) return;
    receiver.packet(bytes);
    this.#armFlush(receiver);
  }

  /** A packet that is missing is given up in time, also if no other follows; again until nothing waits (timers can fire early). */
  #armFlush(receiver: VideoReceiver): void {
    const { deadline } = receiver;
    if (deadline === undefined || this.#flushTimer !== undefined) return;
    const wait = Math.max(deadline - performance.now(), 0) + 1;
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      receiver.flush(performance.now());
      this.#armFlush(receiver);
    }, wait);
  }

  /** Sends a receiver report the way that the packets come. */
  sendReport(): void {
    const report = this.#receiver?.report();
    if (!report || this.#closed) return;
    if (this.#udp) this.#udp.sendRtcp(report);
    else this.#connection.sendFrame(this.#rtcpChannel, report);
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
  }
}
