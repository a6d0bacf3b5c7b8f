/**
 * One TCP stream from a camera, or from a client of ours → responses, requests and interleaved frames (RFC 2326 §10.12). Pure.
 *
 * The items found do not depend on how the bytes were cut into chunks. Interleaved payloads are views into the chunks
 * (copied only where a frame straddles two of them), so a 10 Mbit/s camera costs next to nothing here.
 */
import { parseHead, type RtspMessage } from './rtspMessage.ts';

export interface InterleavedFrame {
  readonly kind: 'frame';
  readonly channel: number;
  /** RTP or RTCP packet. A view: valid for ever, but it keeps its chunk in memory. */
  readonly payload: Buffer;
  /** The channel was never set up: count and drop (case 42). */
  readonly known: boolean;
}

/** A message whose size is beyond what we take; its bytes are skipped. */
export interface OversizedMessage {
  readonly kind: 'oversized';
  readonly reason: string;
}

export type RtspItem = RtspMessage | InterleavedFrame | OversizedMessage;

export const MAX_HEAD_BYTES = 64 * 1024;
export const MAX_BODY_BYTES = 1024 * 1024;

const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;

const STARTS = [
  'RTSP/',
  'OPTIONS ',
  'ANNOUNCE ',
  'SET_PARAMETER ',
  'GET_PARAMETER ',
  'TEARDOWN ',
  'REDIRECT ',
  'DESCRIBE ',
  'PLAY_NOTIFY ',
  'PLAY ',
  'PAUSE ',
  'SETUP ',
  'RECORD ',
].map((text) => Buffer.from(text));

/** Bytes that can begin an item or the empty line before one. */
const CAN_BEGIN = new Uint8Array(256);
CAN_BEGIN[DOLLAR] = 1;
for (const start of STARTS) CAN_BEGIN[start[0] ?? 0] = 1;

type Step =
  | { readonly need: number } // not decidable before so many bytes are there
  | { readonly skip: number } // no item begins here
  | { readonly item: RtspItem; readonly size: number };

export class RtspDemuxer {
  /** Bytes that belonged to no item. */
  bytesSkipped = 0;
  readonly #channels = new Set<number>();
  /** Bytes not yet consumed: `#store[#begin, #end)`. Beyond `#end` the store is free to append to when it is ours. */
  #store: Buffer = Buffer.alloc(0);
  #begin = 0;
  #end = 0;
  #owned = false;
  /** Parsing is worth another try from so many unconsumed bytes on. */
  #need = 1;
  /** How far an incomplete head was looked at, and where its last line begins. */
  #scanned = 0;
  #lineStart = 0;
  readonly #maxHead: number;
  readonly #maxBody: number;

  /** Sizes in bytes beyond which a message is not taken. */
  constructor({ head = MAX_HEAD_BYTES, body = MAX_BODY_BYTES }: { head?: number; body?: number } = {}) {
    this.#maxHead = head;
    this.#maxBody = body;
  }

  /** Frames on this channel are ours from now on. */
  addChannel(channel: number): void {
    this.#channels.add(channel);
  }

  /** Takes the next bytes of the stream and returns every item that they complete. Never throws. */
  feed(chunk: Buffer): RtspItem[] {
    const items: RtspItem[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#begin === this.#end) {
        this.#store = rest;
        this.#begin = 0;
        this.#end = rest.length;
        this.#owned = false;
        rest = rest.subarray(rest.length);
      } else {
        // Take what completes the item at hand and little more, so that what follows need not be copied.
        const wanted = Math.max(this.#need - (this.#end - this.#begin), 512);
        const taken = rest.subarray(0, wanted);
        this.#append(taken);
        rest = rest.subarray(taken.length);
      }
      while (this.#end - this.#begin >= this.#need) {
        const step = this.#step(this.#store.subarray(this.#begin, this.#end));
        if ('need' in step) {
          this.#need = step.need;
          continue;
        }
        this.#need = 1;
        this.#scanned = 0;
        this.#lineStart = 0;
        if ('skip' in step) {
          this.#begin += step.skip;
          this.bytesSkipped += step.skip;
        } else {
          this.#begin += step.size;
          items.push(step.item);
        }
      }
    }
    return items;
  }

  #append(bytes: Buffer): void {
    const held = this.#end - this.#begin;
    if (!this.#owned || this.#end + bytes.length > this.#store.length) {
      // A new store rather than moving bytes: items handed out are views into the old one.
      const store = Buffer.allocUnsafeSlow(Math.max(this.#need, 2 * (held + bytes.length)));
      this.#store.copy(store, 0, this.#begin, this.#end);
      this.#store = store;
      this.#begin = 0;
      this.#end = held;
      this.#owned = true;
    }
    bytes.copy(this.#store, this.#end);
    this.#end += bytes.length;
  }

  #step(bytes: Buffer): Step {
    if (bytes[0] === DOLLAR) return this.#frame(bytes);
    if (!CAN_BEGIN[bytes[0] ?? 0]) {
      let skip = 1;
      while (skip < bytes.length && !CAN_BEGIN[bytes[skip] ?? 0]) skip++;
      return { skip };
    }
    let possible = false;
    for (const start of STARTS) {
      const length = Math.min(start.length, bytes.length);
      if (bytes.compare(start, 0, length, 0, length) !== 0) continue;
      if (length === start.length) return this.#message(bytes);
      possible = true;
    }
    return possible ? { need: bytes.length + 1 } : { skip: 1 };
  }

  /**
   * `$ channel length16 payload`. Cameras put rubbish between frames (case 6), so a `$` counts only if its
   * payload is RTP or RTCP of version 2 and the channel is set up. A channel that never was (case 42: cameras that
   * push audio anyway) counts if another item begins where the frame ends.
   */
  #frame(bytes: Buffer): Step {
    if (bytes.length < 5) return { need: 5 };
    const channel = bytes[1] ?? 0;
    const size = 4 + bytes.readUInt16BE(2);
    if (size < 12 || ((bytes[4] ?? 0) & 0xc0) !== 0x80) return { skip: 1 };
    const known = this.#channels.has(channel);
    const need = known ? size : size + 1;
    if (bytes.length < need) return { need };
    if (!known) {
      const next = bytes[size] ?? 0;
      if (!CAN_BEGIN[next] && next !== CR && next !== LF) return { skip: 1 };
    }
    return { item: { kind: 'frame', channel, payload: bytes.subarray(4, size), known }, size };
  }

  #message(bytes: Buffer): Step {
    // From where the last try stopped. A control character means that this is no text after all: say so at once
    // instead of swallowing 64 KiB of frames while waiting for an empty line.
    const limit = Math.min(bytes.length, this.#maxHead);
    let lineStart = this.#lineStart;
    let headEnd = -1;
    for (let at = this.#scanned; at < limit; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= 0x20 || byte === 0x09 || byte === CR) continue;
      if (byte !== LF) return { skip: 1 };
      if (at === lineStart || (at === lineStart + 1 && bytes[lineStart] === CR)) {
        headEnd = at + 1;
        break;
      }
      lineStart = at + 1;
    }
    if (headEnd < 0) {
      if (limit === this.#maxHead)
        return { item: { kind: 'oversized', reason: `head of more than ${limit} bytes` }, size: limit };
      this.#scanned = limit;
      this.#lineStart = lineStart;
      return { need: bytes.length + 1 };
    }

    const head = parseHead(bytes.toString('utf8', 0, headEnd).trimEnd());
    if (!head) return { skip: 1 };
    const lengthText = head.headers.get('Content-Length') ?? '0';
    const length = /^\d{1,15}$/.test(lengthText) ? Number(lengthText) : 0;
    if (length > this.#maxBody)
      return { item: { kind: 'oversized', reason: `body of ${length} bytes announced` }, size: headEnd };
    const size = headEnd + length;
    if (bytes.length < size) return { need: size };
    return { item: { ...head, body: bytes.subarray(headEnd, size) }, size };
  }
}
