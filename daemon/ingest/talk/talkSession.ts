/**
 * Talking through a camera's loudspeaker: a connection of its own, in which sound goes the other way (ONVIF Streaming Specification
 * §5.3). The pictures' session is left alone, since cameras that do not know the word `Require` refuse it whole.
 */
import type { Logger } from 'pino';
import { RtpWriter } from '../../rtsp/rtpWriter.ts';
import type { JudgeCertificate } from '../cameraSocket.ts';
import { IngestError } from '../ingestError.ts';
import { connectRtsp, type RtspConnection } from '../rtspConnection.ts';
import { parseRtspUrl } from '../sourceUrl.ts';
import { encodeG711 } from './g711.ts';
import { Resampler } from './resampler.ts';
import { TalkDialog, type Told } from './talkDialog.ts';
import type { TalkTrack } from './talkTrack.ts';

/** Milliseconds of sound in a packet (RFC 3551 §4.2). */
const PACKET = 20;
/** Milliseconds of sound that may wait to be sent: what comes faster than it is heard is left out. */
const MOST_WAITING = 500;
const REQUEST_TIMEOUT = 5_000;
const LEAVE_TIMEOUT = 1_000;
const REPORT_PERIOD = 5_000;

export interface TalkOptions {
  /** `rtsp://` address of one of the camera's streams. */
  url: string;
  username: string | undefined;
  password: string | undefined;
  judge?: JudgeCertificate | undefined;
  /** Hz, of what `send` is given. */
  sampleRate: number;
  log: Logger;
}

export class TalkSession {
  /** Resolves when the camera ended it, or `close` did. */
  readonly closed: Promise<IngestError>;
  /** What the camera is sent. */
  readonly coding: TalkTrack['coding'];
  readonly #connection: RtspConnection;
  readonly #aggregate: string;
  readonly #channel: number;
  readonly #clockRate: number;
  readonly #writer: RtpWriter;
  readonly #resampler: Resampler;
  readonly #timers: NodeJS.Timeout[];
  /** Encoded, and not sent yet. */
  #waiting = Buffer.alloc(0);
  /** When the next packet is due, `performance.now()`; undefined: nobody speaks. */
  #due: number | undefined;

  private constructor(told: Told, options: TalkOptions) {
    const { connection, track, sessionTimeout } = told;
    this.#connection = connection;
    this.#aggregate = told.aggregate;
    this.#channel = told.channel;
    this.closed = connection.closed;
    this.coding = track.coding;
    const { payloadType, clockRate } = track.format;
    this.#clockRate = clockRate;
    this.#writer = new RtpWriter({ cname: 'walleye', payloadType, clockRate });
    this.#resampler = new Resampler(options.sampleRate, clockRate);
    this.#timers = [
      setInterval(() => this.#pace(), PACKET / 2),
      setInterval(() => this.#report(), REPORT_PERIOD),
      setInterval(() => this.#stayAlive(), Math.min(sessionTimeout, 60) * 500),
    ];
    connection.closed.then(() => this.#stop());
  }

  /** @throws IngestError: `unsupported` where the camera has no loudspeaker for us, and as a session does */
  static async open(options: TalkOptions, signal: AbortSignal): Promise<TalkSession> {
    return new TalkSession(await withCamera(options, signal, (dialog) => dialog.begin()), options);
  }

  /** The next of what is said: 16 bits, signed, one channel. */
  send(samples: Int16Array): void {
    const bytes = encodeG711(this.coding, this.#resampler.push(samples));
    const room = (MOST_WAITING * this.#clockRate) / 1000 - this.#waiting.length;
    this.#waiting = Buffer.concat([this.#waiting, bytes.subarray(0, Math.max(0, room))]);
  }

  /** As fast as it is heard: a camera's buffer is small, and what it cannot hold is lost. */
  #pace(): void {
    const bytes = (this.#clockRate * PACKET) / 1000;
    const now = performance.now();
    while (this.#waiting.length >= bytes && (this.#due ?? now) <= now) {
      // The first of what somebody says is marked (RFC 3551 §4.1), and its time is now: silence was not sent.
      const begins = this.#due === undefined;
      const at = this.#due ?? now;
      const payload = { head: Buffer.alloc(0), body: this.#waiting.subarray(0, bytes) };
      this.#waiting = this.#waiting.subarray(bytes);
      this.#connection.sendFrame(
        this.#channel,
        this.#writer.packet(payload, this.#writer.timestamp(at), begins),
      );
      this.#due = at + PACKET;
    }
    if (this.#due !== undefined && now - this.#due > 5 * PACKET) this.#due = undefined;
  }

  #report(): void {
    this.#connection.sendFrame(this.#channel + 1, this.#writer.report(performance.now()));
  }

  #stayAlive(): void {
    const headers = { Session: this.#connection.session };
    this.#connection.notify('OPTIONS', this.#aggregate, headers, () => {});
  }

  /** TEARDOWN, waited for a second at most. */
  async close(): Promise<void> {
    this.#stop();
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, LEAVE_TIMEOUT);
    const farewell = this.#connection.request('TEARDOWN', this.#aggregate, {
      Session: this.#connection.session,
    });
    await Promise.race([farewell.catch(() => {}), this.#connection.closed, limit.promise]);
    clearTimeout(timer);
    this.#connection.close();
    await this.#connection.closed;
  }

  #stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

/** Whether the camera has a loudspeaker for us: DESCRIBE alone, which takes none of its sessions. @throws IngestError as `open` */
export async function findLoudspeaker(
  options: Omit<TalkOptions, 'sampleRate'>,
  signal: AbortSignal,
): Promise<void> {
  await withCamera(options, signal, async (dialog) => {
    await dialog.describe();
    dialog.connection.close();
  });
}

async function withCamera<T>(
  options: Omit<TalkOptions, 'sampleRate'>,
  signal: AbortSignal,
  then: (dialog: TalkDialog) => Promise<T>,
): Promise<T> {
  const url = parseRtspUrl(options.url);
  if ('invalid' in url) throw new IngestError('invalid_url', url.invalid, { place: 'the stream’s address' });
  const username = options.username ?? url.username;
  const password = options.username === undefined ? url.password : options.password;
  const connection = await connectRtsp(
    {
      ...{ url, username, password, log: options.log, judge: options.judge, refusesSha256: false },
      ...{ connectTimeout: REQUEST_TIMEOUT, requestTimeout: REQUEST_TIMEOUT },
    },
    {
      frame: () => {},
      unknownFrame: () => {},
      skipped: () => {},
      request: () => ({ status: 200, reason: 'OK' }),
    },
    signal,
  );
  const abort = () => connection.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await then(new TalkDialog(connection, url, username !== undefined));
  } catch (error) {
    connection.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
