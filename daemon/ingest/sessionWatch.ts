/** What goes on beside the packets while a session plays: keep-alive, receiver reports, and the look at the clock. */
import type { Logger } from 'pino';
import type { TrackCounters } from './counters.ts';
import type { UdpFault } from './endOfStream.ts';
import { LossWatch } from './lossWatch.ts';
import type { RtspConnection } from './rtspConnection.ts';
import type { SessionMedia } from './sessionMedia.ts';

/** Milliseconds without a packet after which UDP counts as blocked (case 52). */
const UDP_SILENCE = 3000;
/** Some cameras stop without a receiver report every 5 s (case 50). */
const REPORT_PERIOD = 4000;

export interface SessionWatchOptions {
  connection: RtspConnection;
  media: SessionMedia;
  /** URL of the whole session. */
  url: string;
  /** Seconds, of the Session header. */
  sessionTimeout: number;
  /** Milliseconds without RTP that count as a stall. */
  stallTimeout: number;
  keepAlive: 'OPTIONS' | 'GET_PARAMETER';
  /** Nobody knows when the camera was sent a keep-alive: it gets one at once. */
  isOld: boolean;
  /** Of the video, and whether TCP may be tried where UDP loses too many of its packets. */
  counters: TrackCounters;
  yieldsToLoss: boolean;
  /** The session is of no use as it is. */
  useless: (how: 'stalled' | UdpFault) => void;
  log: Logger;
}

export class SessionWatch {
  readonly #options: SessionWatchOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #loss = new LossWatch();
  #keepAlive: 'OPTIONS' | 'GET_PARAMETER';
  #keepAlives = 0;
  /** When PLAY was answered last, milliseconds; undefined while nothing has to come. */
  #playing: number | undefined;
  readonly #begin = performance.now();

  /** Begins at once: construct it when PLAY was answered. */
  constructor(options: SessionWatchOptions) {
    const { media, sessionTimeout, stallTimeout } = options;
    this.#options = options;
    this.#keepAlive = options.keepAlive;
    this.#playing = this.#begin;
    media.sendReports();
    if (options.isOld) this.#sendKeepAlive();
    this.#timers.push(
      setInterval(() => media.sendReports(), REPORT_PERIOD),
      // Half of min(timeout, 60 s): Tapo C220 gives 15 s, FLIR 20 s (case 47).
      setInterval(() => this.#sendKeepAlive(), Math.min(sessionTimeout, 60) * 500),
      setInterval(() => this.#look(), Math.min(Math.max(stallTimeout / 5, 20), 500)),
    );
  }

  /** Packets have to come, from now on. */
  expectPackets(): void {
    this.#playing = performance.now();
  }

  /** Paused, or about to be: silence is right. Keep-alives go on. */
  expectSilence(): void {
    this.#playing = undefined;
    this.#loss.reset();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /**
   * Whether the session ended at about its timeout although OPTIONS was sent: then the camera wants GET_PARAMETER
   * (case 48, VLC's server). To be asked at its end.
   */
  keepAliveSuspect(stalled: boolean): boolean {
    const until = stalled ? (this.#options.media.lastPacket ?? 0) : performance.now();
    const lived = (until - this.#begin) / 1000;
    const { sessionTimeout } = this.#options;
    return (
      this.#keepAlive === 'OPTIONS' &&
      this.#keepAlives > 0 &&
      lived > sessionTimeout * 0.8 &&
      lived < sessionTimeout * 1.4 + 2
    );
  }

  /** Never awaited: liveness is judged by RTP, and some cameras never answer (case 49). */
  #sendKeepAlive(): void {
    const { connection, url, log } = this.#options;
    this.#keepAlives++;
    connection.notify(this.#keepAlive, url, { Session: connection.session }, (response) => {
      if ([405, 501, 551].includes(response.status)) this.#keepAlive = 'OPTIONS';
      log.debug({ status: response.status }, 'keep-alive answered');
    });
  }

  #look(): void {
    if (this.#playing === undefined) return;
    const { media, stallTimeout, counters, yieldsToLoss, useless } = this.#options;
    const last = media.lastPacket;
    const now = performance.now();
    if (media.transport !== 'tcp' && last === undefined) {
      if (now - this.#playing > UDP_SILENCE) useless('udp_silent');
    } else if (now - Math.max(last ?? 0, this.#playing) > stallTimeout) {
      useless('stalled');
    } else if (media.transport !== 'tcp' && yieldsToLoss) {
      const { packets_received: received, packets_lost: lost } = counters;
      if (this.#loss.look({ received, lost }, now) !== undefined) useless('udp_lossy');
    }
  }
}
