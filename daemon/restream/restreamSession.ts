/** One client's session, from SETUP to TEARDOWN (RFC 2326 §A): ready, or playing. */
import { randomBytes } from 'node:crypto';
import { RtpWriter } from '../rtsp/rtpWriter.ts';
import type { Outlet } from './outlet.ts';
import { PictureSender } from './pictureSender.ts';
import { StreamLease } from './streamLease.ts';
import { CLOCK_RATE, encodingOf, PAYLOAD_TYPE, type StreamPart, type Streams } from './streams.ts';

/** Milliseconds between sender reports: the first recommendation of RFC 3550 §6.2. */
const REPORT_PERIOD = 5_000;

/** What PLAY's RTP-Info tells (RFC 2326 §12.33). */
export interface Beginning {
  readonly sequence: number;
  /** Of the first picture; undefined where none has come yet. */
  readonly timestamp: number | undefined;
  /** To be called behind the answer: packets must not come before it. */
  begin(): void;
}

export class RestreamSession {
  readonly id = randomBytes(8).toString('hex');
  readonly writer: RtpWriter;
  readonly #streams: Streams;
  readonly #stream: string;
  readonly #ended: () => void;
  #outlet: Outlet;
  /** Gives up what keeps the stream open: a lease while ready, the pictures while playing. */
  #leave: () => void;
  #playing = false;
  /** How the pictures are coded; a client was told once. */
  #encoding: string | undefined;
  /** When the last sender report left; undefined: none has. */
  #reported: number | undefined;

  /** @param lease is the session's from now on · @param ended the stream is over, or is another one now */
  constructor(streams: Streams, lease: StreamLease, outlet: Outlet, ended: () => void) {
    this.#streams = streams;
    this.#stream = lease.stream;
    this.#leave = () => lease.close();
    this.#outlet = outlet;
    this.#ended = ended;
    // A name that tells nothing (RFC 7022 §4.2): one client must not learn of another.
    this.writer = new RtpWriter({ cname: this.id, payloadType: PAYLOAD_TYPE, clockRate: CLOCK_RATE });
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** SETUP again, with another transport: clients that get no UDP through try TCP. */
  move(outlet: Outlet): void {
    this.#outlet.close(undefined);
    this.#outlet = outlet;
  }

  /** The current group of pictures waits for `begin`, and what comes meanwhile. @throws what opening a stream throws */
  play(): Beginning {
    const waiting: StreamPart[] = [];
    let take = (part: StreamPart): void => {
      waiting.push(part);
    };
    this.#keep(this.#streams.open(this.#stream, { offer: (part) => take(part), end: () => this.#ended() }));
    this.#playing = true;
    const sender = new PictureSender(this.writer, this.#outlet);
    const first = waiting.find(({ kind }) => kind === 'picture');
    return {
      sequence: this.writer.sequence,
      timestamp: first && this.writer.timestamp(first.time),
      begin: () => {
        const send = (part: StreamPart, burst: boolean) => {
          if (!this.#playing) return;
          if (this.#isSame(part)) sender.send(part, burst);
          else this.#ended();
        };
        take = (part) => send(part, false);
        for (const part of waiting) send(part, true);
        this.tick(performance.now());
      },
    };
  }

  /** The stream stays open, so that it goes on at once. @throws what opening a stream throws */
  pause(): void {
    this.#playing = false;
    const lease = new StreamLease(this.#streams, this.#stream, this.#ended);
    this.#keep(() => lease.close());
  }

  /** Sender reports, when it is time. @param now milliseconds */
  tick(now: number): void {
    if (!this.#playing || (this.#reported !== undefined && now - this.#reported < REPORT_PERIOD)) return;
    this.#reported = now;
    this.#outlet.control(this.writer.report(now));
  }

  close(): void {
    this.#playing = false;
    this.#leave();
    this.#leave = () => {};
    // Who has sent nothing says no goodbye (RFC 3550 §6.3.7).
    this.#outlet.close(
      this.#reported === undefined ? undefined : this.writer.report(performance.now(), true),
    );
  }

  /** The new before the old: a stream that nobody has open for a moment begins to rest. */
  #keep(leave: () => void): void {
    const before = this.#leave;
    this.#leave = leave;
    before();
  }

  /** Another coding under the same payload type would be taken for what SDP said. Another size may be: its sets come along. */
  #isSame({ codec }: StreamPart): boolean {
    const encoding = encodingOf(codec);
    this.#encoding ??= encoding;
    return encoding === this.#encoding;
  }
}
