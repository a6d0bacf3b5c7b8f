import { mimeOf, playsType } from './mediaSources.ts';

/** Bytes that may wait to be appended; beyond, they are given up for the next key picture. */
const MOST_WAITING = 8 * 1024 * 1024;
/** Bytes of one append: a burst is appended in few pieces, since each takes its turn on the page's thread. */
const MOST_AT_ONCE = 1024 * 1024;
/** Seconds that are kept behind what is played, and by how much that is exceeded before anything is removed. */
const KEPT = 3;
const SLACK = 2;
/** Seconds by which the browser's times may be rounded. */
const ROUNDING = 0.001;

interface Piece {
  readonly data: Uint8Array<ArrayBuffer>;
  /** Of an initialisation segment. */
  readonly codec: string | undefined;
  readonly key: boolean;
  /** When a fragment's picture is decoded, seconds of the stream's time. */
  readonly at: number;
}

export interface FeedEvents {
  /** Pictures up to that time are in the buffer. */
  appended: (newest: number) => void;
  /** Pictures were given up: `count` of them. */
  dropped: (count: number) => void;
  failed: (why: string) => void;
  unsupported: (codec: string) => void;
}

/** What goes into one SourceBuffer, in order, one append at a time, and out of it again. */
export class BufferFeed {
  readonly #source: MediaSource;
  readonly #events: FeedEvents;
  readonly #playedTo: () => number;
  #buffer: SourceBuffer | undefined;
  #codec: string | undefined;
  #waiting: Piece[] = [];
  #bytes = 0;
  /** Times of the key pictures in the buffer, and of the newest picture. */
  #keys: number[] = [];
  #newest: number | undefined;
  #needsKey = true;
  /** The buffer was full, and what had been played is removed. */
  #full = false;
  #ended = false;

  /** @param playedTo the video's position, seconds */
  constructor(source: MediaSource, playedTo: () => number, events: FeedEvents) {
    this.#source = source;
    this.#playedTo = playedTo;
    this.#events = events;
    source.addEventListener('sourceopen', this.#pump);
  }

  init(codec: string, segment: Uint8Array<ArrayBuffer>): void {
    if (!playsType(codec)) {
      this.#events.unsupported(codec);
      return;
    }
    this.#needsKey = true;
    this.#add({ data: segment, codec, key: false, at: 0 });
  }

  fragment(data: Uint8Array<ArrayBuffer>, key: boolean, at: number): void {
    if (this.#bytes + data.length > MOST_WAITING) this.#giveUp();
    if (this.#needsKey && !key) {
      this.#events.dropped(1);
      return;
    }
    this.#needsKey = false;
    this.#add({ data, codec: undefined, key, at });
  }

  end(): void {
    this.#ended = true;
    this.#source.removeEventListener('sourceopen', this.#pump);
    this.#buffer?.removeEventListener('updateend', this.#updated);
    this.#buffer?.removeEventListener('error', this.#refused);
    this.#waiting = [];
  }

  #add(piece: Piece): void {
    this.#waiting.push(piece);
    this.#bytes += piece.data.length;
    this.#pump();
  }

  /** Drops the pictures that wait. What describes them stays: nothing that follows is understood without. */
  #giveUp(): void {
    const kept = this.#waiting.filter(({ codec }) => codec !== undefined);
    this.#events.dropped(this.#waiting.length - kept.length);
    this.#waiting = kept;
    this.#bytes = kept.reduce((sum, { data }) => sum + data.length, 0);
    this.#needsKey = true;
  }

  readonly #pump = (): void => {
    // A browser that was asleep closes the source; `failed` comes from the video element then.
    if (this.#ended || this.#source.readyState !== 'open' || this.#buffer?.updating) return;
    const [next] = this.#waiting;
    if (!next) {
      this.#trim(KEPT + SLACK, KEPT);
      return;
    }
    try {
      if (next.codec !== undefined) this.#prepare(next.codec);
      if (!this.#buffer) return;
      const batch = this.#batch(next);
      this.#buffer.appendBuffer(joined(batch));
      this.#sent(batch);
    } catch (error) {
      this.#thrown(error, next);
    }
  };

  /** The buffer takes that codec from now on. */
  #prepare(codec: string): void {
    if (!this.#buffer) {
      // Not a file with an end: Chromium then shows each picture as soon as it has it.
      this.#source.duration = Infinity;
      this.#buffer = this.#source.addSourceBuffer(mimeOf(codec));
      // By the stream's own times: a picture that is lost leaves a hole, and does not bring all others forward.
      this.#buffer.mode = 'segments';
      this.#buffer.addEventListener('updateend', this.#updated);
      this.#buffer.addEventListener('error', this.#refused);
    } else if (codec !== this.#codec) this.#buffer.changeType(mimeOf(codec));
    this.#codec = codec;
  }

  #batch(first: Piece): Piece[] {
    if (first.codec !== undefined) return [first];
    let bytes = 0;
    const end = this.#waiting.findIndex(({ data, codec }) => {
      bytes += data.length;
      return codec !== undefined || (bytes > MOST_AT_ONCE && bytes > first.data.length);
    });
    return end < 0 ? [...this.#waiting] : this.#waiting.slice(0, end);
  }

  #sent(batch: Piece[]): void {
    this.#waiting.splice(0, batch.length);
    for (const { data, key, at, codec } of batch) {
      this.#bytes -= data.length;
      if (codec !== undefined) continue;
      if (key) this.#keys.push(at);
      this.#newest = at;
    }
    this.#full = false;
  }

  #thrown(error: unknown, next: Piece): void {
    const name = error instanceof Error ? error.name : '';
    if (name === 'QuotaExceededError') this.#makeRoom();
    else if (name === 'NotSupportedError') this.#events.unsupported(next.codec ?? this.#codec ?? '');
    else this.#events.failed(`the buffer takes nothing: ${error instanceof Error ? error.message : error}`);
  }

  /** All that was played goes; where that is not enough, everything does, and the next key picture begins anew. */
  #makeRoom(): void {
    const buffer = this.#buffer;
    if (!buffer) return;
    const first = !this.#full;
    this.#full = true;
    if (first && this.#trim(0, 0)) return;
    this.#giveUp();
    this.#keys = [];
    buffer.remove(0, Infinity);
  }

  /** @returns whether something is being removed */
  #trim(from: number, to: number): boolean {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || buffer.buffered.length === 0) return false;
    const played = this.#playedTo();
    const start = buffer.buffered.start(0);
    if (played - start < from) return false;
    // Up to a key picture: `remove` takes what depends on removed pictures with it, up to the next key picture, however far
    // ahead, and everything where there is none yet.
    const index = this.#keys.findLastIndex((key) => key <= played - to);
    const key = this.#keys[index];
    if (key === undefined || key - start < ROUNDING * 2) return false;
    this.#keys.splice(0, index);
    buffer.remove(0, key - ROUNDING);
    return true;
  }

  readonly #updated = (): void => {
    if (this.#ended) return;
    if (this.#newest !== undefined) this.#events.appended(this.#newest);
    this.#pump();
  };

  readonly #refused = (): void => this.#events.failed('the browser does not understand what was appended');
}

function joined(pieces: Piece[]): Uint8Array<ArrayBuffer> {
  const [first] = pieces;
  if (pieces.length === 1 && first) return first.data;
  const all = new Uint8Array(pieces.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of pieces) {
    all.set(data, at);
    at += data.length;
  }
  return all;
}
