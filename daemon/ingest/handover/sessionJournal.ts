import { closeSync, mkdirSync, openSync, rmSync, unlinkSync, writeFileSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { RtspResponse } from '../../rtsp/rtspMessage.ts';
import { type Exchange, exchangeOf } from './exchange.ts';
import { CLOCK_BASE, type Handover } from './handover.ts';
import { recordHead } from './journalRecords.ts';
import { PART, TALK } from './leftFolder.ts';

/** Milliseconds for which it is written before systemd is told: a session that breaks at once is not worth a process. */
const STEADY = 5_000;
/** Milliseconds of what is kept, and a group of pictures more: what a recorder may not have written yet. */
const KEPT = 2_500;
/** Milliseconds of a part at the least. */
const PART_LENGTH = 1_000;
/** Bytes of all parts of a stream: they lie in memory. */
const MOST_BYTES = 8 * 1024 * 1024;

interface Part {
  number: number;
  file: number;
  bytes: number;
  pictures: number;
  /** When its first whole key picture was there; a first picture may have begun before the part. */
  keyAt: number | undefined;
  begunAt: number;
}

/**
 * Writes down what goes through one connection, so that another process can go on with it. Written at once and without waiting: the
 * folder is in memory, and the kernel keeps what is written there when we are killed. Errors end it: recording goes on without.
 */
export class SessionJournal {
  readonly #handover: Handover;
  readonly #descriptor: () => number | undefined;
  readonly #log: Logger;
  readonly #takenOver: boolean;
  readonly #talk: Exchange[] = [];
  #isPlaying = false;
  #begunAt = 0;
  /** systemd was told. */
  #kept = false;
  #parts: Part[] = [];
  #number = 0;
  #ended = false;

  /** @param descriptor of the connection's socket @param takenOver it was steady before */
  constructor(handover: Handover, descriptor: () => number | undefined, log: Logger, takenOver = false) {
    this.#takenOver = takenOver;
    this.#handover = handover;
    this.#descriptor = descriptor;
    this.#log = log;
  }

  answered(method: string, url: string, response: RtspResponse): void {
    if (!this.#isPlaying) this.#talk.push(exchangeOf(method, url, response));
  }

  /** PLAY was answered. */
  playing(): void {
    this.#isPlaying = true;
  }

  /** The next bytes, before anybody takes them. @param at `performance.now()` milliseconds */
  received(bytes: Buffer, at: number): void {
    const part = this.#parts.at(-1);
    if (part) this.#attempt(() => this.#write(part, bytes, at));
  }

  /** Came out of what was received. */
  picture(key: boolean, now: number): void {
    const part = this.#parts.at(-1);
    if (part && part.pictures++ > 0 && key) part.keyAt ??= now;
  }

  /** Those bytes were taken. @param demuxer whose `rest` was not yet, since it is no whole item */
  taken(demuxer: { readonly rest: Buffer }, now: number): void {
    if (this.#ended || !this.#isPlaying) return;
    const part = this.#parts.at(-1);
    if (part && !this.#handover.wanted) this.#stop();
    else if (part) {
      const over = this.#parts.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_BYTES;
      const full = part.keyAt !== undefined && now - part.begunAt >= PART_LENGTH;
      if (full || over) this.#attempt(() => this.#next(demuxer.rest, now, over));
    } else if (this.#handover.wanted) this.#attempt(() => this.#begin(demuxer.rest, now));
    const isSteady = this.#takenOver || now - this.#begunAt >= STEADY;
    if (this.#parts.length > 0 && isSteady && !this.#kept) this.#keep();
  }

  /** The connection is no more, or nothing more comes of it. */
  end(): void {
    if (this.#parts.length > 0) this.#stop();
    this.#ended = true;
  }

  #begin(rest: Buffer, now: number): void {
    const { folder } = this.#handover;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, TALK), JSON.stringify(this.#talk), { mode: 0o600 });
    this.#begunAt = now;
    this.#next(rest, now, false);
  }

  #keep(): void {
    this.#kept = true;
    this.#handover.keep(() => (this.#parts.length > 0 ? this.#descriptor() : undefined));
  }

  /** @param alone without those before, which have become too many */
  #next(rest: Buffer, now: number, alone: boolean): void {
    const number = ++this.#number;
    const file = openSync(join(this.#handover.folder, `${number}${PART}`), 'wx', 0o600);
    const part: Part = { number, file, bytes: 0, pictures: 0, keyAt: undefined, begunAt: now };
    this.#parts.push(part);
    // The part before has it as well: who reads both leaves it out (leftFolder.ts).
    this.#write(part, rest, now);
    const isEnough = ({ keyAt }: Part) => keyAt !== undefined && now - keyAt >= KEPT;
    const oldest = alone ? this.#parts.length - 1 : this.#parts.findLastIndex(isEnough);
    for (const old of this.#parts.splice(0, Math.max(oldest, 0))) {
      closeSync(old.file);
      unlinkSync(join(this.#handover.folder, `${old.number}${PART}`));
    }
  }

  #write(part: Part, bytes: Buffer, at: number): void {
    const head = recordHead(bytes.length, at + CLOCK_BASE);
    const written = writevSync(part.file, [head, bytes]);
    if (written < head.length + bytes.length) throw new Error('no memory is left for the journal');
    part.bytes += written;
  }

  #stop(): void {
    if (this.#kept) this.#handover.release();
    this.#kept = false;
    for (const { file } of this.#parts.splice(0)) closeSync(file);
    rmSync(this.#handover.folder, { recursive: true, force: true });
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#log.warn({ err: error }, 'the session cannot be handed over to the next daemon');
      this.#ended = true;
      this.#stop();
    }
  }
}
