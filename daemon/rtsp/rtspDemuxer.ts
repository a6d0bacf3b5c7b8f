/**
 * One TCP stream from a camera, or from a client of ours → responses, requests and interleaved frames (RFC 2326 §10.12). Pure.
 *
 * The items found do not depend on how the bytes were cut into chunks. Interleaved payloads are views into the chunks
 * (copied only where a frame straddles two of them), so a 10 Mbit/s camera costs next to nothing here. Nothing is kept of a chunk
 * once it was taken: its memory can be read into again.
 */
import { parseHead, type RtspMessage } from './rtspMessage.ts';

export interface InterleavedFrame {
  readonly kind: 'frame';
  readonly channel: number;
  /** RTP or RTCP packet. A view into memory that is used again: valid until the next `feed`. */
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

/** Room for the rest of a read: the end of a packet. More, which a long answer took, is not kept. */
const LEAST_KEPT = 4 * 1024;
const MOST_KEPT = 128 * 1024;
const NOTHING: Buffer = Buffer.alloc(0);

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
  /** Bytes not yet consumed: `#store[#begin, #end)`, of the chunk at hand, or of `#kept` where what is left of a chunk waits for the next. */
  #store: Buffer = NOTHING;
  #begin = 0;
  #end = 0;
  #kept: Buffer = NOTHING;
  /** From here on nothing that was handed out is a view into `#kept`. */
  #free = 0;
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

  /** What was taken and belongs to an item that is not whole yet. A view: valid until the next `feed`. */
  get rest(): Buffer {
    return this.#store.subarray(this.#begin, this.#end);
  }

  /** Takes the next bytes of the stream and returns every item that they complete. Never throws. */
  feed(chunk: Buffer): RtspItem[] {
    const items: RtspItem[] = [];
    this.#settle();
    for (let at = 0; at < chunk.length; ) {
      let until = chunk.length;
      if (this.#begin === this.#end) {
        this.#store = chunk;
        this.#begin = at;
        this.#end = until;
      } else {
        // What completes the item at hand and little more, so that what follows need not be copied.
        const wanted = Math.max(this.#need - (this.#end - this.#begin), 512);
        until = Math.min(at + wanted, until);
        this.#append(chunk, at, until);
      }
      at = until;
      this.#parse(items);
    }
    if (this.#store === chunk) this.#keep();
    return items;
  }

  /** What was handed out the last time is of no use any more, and what is left moves to the front. */
  #settle(): void {
    if (this.#begin > 0) this.#store.copyWithin(0, this.#begin, this.#end);
    this.#end -= this.#begin;
    this.#begin = 0;
    this.#free = 0;
    if (this.#end === 0 && this.#kept.length > MOST_KEPT) this.#kept = NOTHING;
  }

  #append(chunk: Buffer, from: number, to: number): void {
    const end = this.#end + to - from;
    if (end > this.#kept.length) this.#move(end);
    chunk.copy(this.#kept, this.#end, from, to);
    this.#end += to - from;
    this.#free = this.#end;
  }

  /** The chunk's memory is its owner's again. */
  #keep(): void {
    const held = this.#end - this.#begin;
    const end = this.#free + held;
    if (held > 0 && end > this.#kept.length) {
      this.#move(end);
      return;
    }
    this.#store.copy(this.#kept, this.#free, this.#begin, this.#end);
    this.#store = this.#kept;
    this.#begin = this.#free;
    this.#end = end;
  }

  /** Into new memory: items handed out are views into the old. Twice what comes to lie in it (`bytes`): a long head comes in many small pieces. */
  #move(bytes: number): void {
    const kept = Buffer.allocUnsafeSlow(Math.max(this.#need, 2 * bytes, LEAST_KEPT));
    this.#store.copy(kept, 0, this.#begin, this.#end);
    this.#end -= this.#begin;
    this.#begin = 0;
    this.#store = kept;
    this.#kept = kept;
  }

  #parse(items: RtspItem[]): void {
    while (this.#end - this.#begin >= this.#need) {
      const step = this.#step();
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

  #step(): Step {
    if (this.#store[this.#begin] === DOLLAR) return this.#frame(this.#store, this.#begin, this.#end);
    const bytes = this.#store.subarray(this.#begin, this.#end);
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
  #frame(bytes: Buffer, begin: number, end: number): Step {
    const length = end - begin;
    if (length < 5) return { need: 5 };
    const channel = bytes[begin + 1]!;
    const size = 4 + (bytes[begin + 2]! << 8) + bytes[begin + 3]!;
    if (size < 12 || (bytes[begin + 4]! & 0xc0) !== 0x80) return { skip: 1 };
    const known = this.#channels.has(channel);
    const need = known ? size : size + 1;
    if (length < need) return { need };
    if (!known) {
      const next = bytes[begin + size]!;
      if (!CAN_BEGIN[next] && next !== CR && next !== LF) return { skip: 1 };
    }
    const payload = bytes.subarray(begin + 4, begin + size);
    return { item: { kind: 'frame', channel, payload, known }, size };
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
    // A copy: who asked reads the answer later.
    return { item: { ...head, body: Buffer.from(bytes.subarray(headEnd, size)) }, size };
  }
}
