/** One client's session, from SETUP to TEARDOWN (RFC 2326 §A): ready, or playing. */
import { randomBytes } from 'node:crypto';
import { RtpWriter } from '../rtsp/rtpWriter.ts';
import type { Outlet } from './outlet.ts';
import { PictureSender } from './pictureSender.ts';
import type { Track } from './requestUrl.ts';
import { type SoundFormat, soundFormat } from './soundPacketizer.ts';
import { SoundSender } from './soundSender.ts';
import { StreamLease } from './streamLease.ts';
import {
  CLOCK_RATE,
  encodingOf,
  PAYLOAD_TYPE,
  SOUND_PAYLOAD_TYPE,
  type SoundPart,
  type StreamPart,
  type Streams,
} from './streams.ts';

/** Milliseconds between sender reports: the first recommendation of RFC 3550 §6.2. */
const REPORT_PERIOD = 5_000;

/** What PLAY's RTP-Info tells (RFC 2326 §12.33). */
export interface Beginning {
  readonly tracks: readonly {
    readonly track: Track;
    readonly sequence: number;
    /** Of the first picture; undefined where none has come yet, and of the sound. */
    readonly timestamp: number | undefined;
  }[];
  /** To be called behind the answer: packets must not come before it. */
  begin(): void;
}

interface TrackWay {
  readonly writer: RtpWriter;
  outlet: Outlet;
}

export class RestreamSession {
  readonly id = randomBytes(8).toString('hex');
  readonly #streams: Streams;
  readonly #stream: string;
  readonly #ended: () => void;
  readonly #ways = new Map<Track, TrackWay>();
  /** Gives up what keeps the stream open: a lease while ready, the pictures while playing. */
  #leave: () => void;
  #playing = false;
  /** How pictures and sound are coded; a client was told once. */
  #encoding: string | undefined;
  #sound: SoundFormat | undefined;
  /** When the last sender report left; undefined: none has. */
  #reported: number | undefined;

  /** @param lease is the session's from now on · @param ended the stream is over, or is another one now */
  constructor(streams: Streams, lease: StreamLease, ended: () => void) {
    this.#streams = streams;
    this.#stream = lease.stream;
    this.#leave = () => lease.close();
    this.#ended = ended;
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** SETUP of a track; again with another transport: clients that get no UDP through try TCP. @returns its SSRC */
  setUp(track: Track, outlet: Outlet, sound: SoundFormat | undefined): number {
    const known = this.#ways.get(track);
    known?.outlet.close(undefined);
    if (track === 1) this.#sound = sound;
    const writer = known?.writer ?? this.#writerOf(track, sound);
    this.#ways.set(track, { writer, outlet });
    return writer.ssrc;
  }

  #writerOf(track: Track, sound: SoundFormat | undefined): RtpWriter {
    // A name that tells nothing (RFC 7022 §4.2): one client must not learn of another. The same for both: they belong together.
    const cname = this.id;
    return track === 1 && sound
      ? new RtpWriter({ cname, payloadType: SOUND_PAYLOAD_TYPE, clockRate: sound.clockRate })
      : new RtpWriter({ cname, payloadType: PAYLOAD_TYPE, clockRate: CLOCK_RATE });
  }

  /** The current group of pictures waits for `begin`, and what comes meanwhile. @throws what opening a stream throws */
  play(): Beginning {
    const waiting: StreamPart[] = [];
    let take = (part: StreamPart): void => {
      waiting.push(part);
    };
    let hear = (_: SoundPart): void => {};
    const sound = this.#ways.get(1);
    const viewer = {
      offer: (part: StreamPart) => take(part),
      ...(sound && { hear: (part: SoundPart) => hear(part) }),
      end: () => this.#ended(),
    };
    this.#keep(this.#streams.open(this.#stream, viewer));
    this.#playing = true;
    const first = waiting.find(({ kind }) => kind === 'picture');
    return {
      tracks: [...this.#ways].map(([track, { writer }]) => ({
        ...{ track, sequence: writer.sequence },
        timestamp: track === 0 && first ? writer.timestamp(first.time) : undefined,
      })),
      begin: () => {
        const pictures = this.#ways.get(0);
        const sender = pictures && new PictureSender(pictures.writer, pictures.outlet);
        const send = (part: StreamPart, burst: boolean) => {
          if (!this.#playing) return;
          if (this.#isSame(part)) sender?.send(part, burst);
          else this.#ended();
        };
        take = (part) => send(part, false);
        for (const part of waiting) send(part, true);
        const singer = sound && new SoundSender(sound.writer, sound.outlet);
        hear = (part) => {
          if (!this.#playing) return;
          if (soundFormat(part.audio)?.rtpmap === this.#sound?.rtpmap) singer?.send(part);
          else this.#ended();
        };
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
    for (const { writer, outlet } of this.#ways.values()) outlet.control(writer.report(now));
  }

  close(): void {
    this.#playing = false;
    this.#leave();
    this.#leave = () => {};
    // Who has sent nothing says no goodbye (RFC 3550 §6.3.7).
    const said = this.#reported !== undefined;
    for (const { writer, outlet } of this.#ways.values())
      outlet.close(said ? writer.report(performance.now(), true) : undefined);
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
