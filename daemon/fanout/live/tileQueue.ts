/** What waits for one tile of a viewer. Pure: the caller brings the clock. */

/** A message without its header. */
export interface Waiting {
  kind: 'jpeg' | 'init' | 'mp4' | 'annexb' | 'soundInit' | 'sound';
  payload: Buffer;
  /** `performance.now()` milliseconds of the picture's arrival in the box. */
  receivedAt: number;
  key: boolean;
  past: boolean;
}

/** Milliseconds that video may wait here; then what waits is given up for the next key picture. */
const PATIENCE = 1_000;
/** Bytes that may wait, whatever their age: one long group of pictures. */
const MOST = 4 * 1024 * 1024;
/** With so much older video waiting a new key picture takes its place at once, milliseconds. */
const BEHIND = 250;

/**
 * Of JPEGs the newest waits and no other. Video waits in its order, since each picture needs the ones before it: when it waits too
 * long all of it is dropped, and nothing is taken before the next key picture.
 */
export class TileQueue {
  /** Pictures that were not sent. */
  dropped = 0;
  /** Times that video was given up for the next key picture. */
  jumps = 0;
  #waiting: { message: Waiting; at: number }[] = [];
  #bytes = 0;
  #needsKey = false;

  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  offer(message: Waiting, now: number): void {
    if (message.kind === 'jpeg' || message.kind === 'init') this.clear();
    else if (!this.#takes(message, now)) {
      this.dropped++;
      return;
    }
    this.#push(message, now);
  }

  /** Whether this picture of a video is to wait; makes room for it. */
  #takes({ key, payload, past }: Waiting, now: number): boolean {
    if (key) {
      if (!past && this.#age(now) > BEHIND) this.#giveUp();
      this.#needsKey = false;
      return true;
    }
    if (this.#needsKey) return false;
    if (this.#age(now) <= PATIENCE && this.#bytes + payload.length <= MOST) return true;
    this.#giveUp();
    this.#needsKey = true;
    this.jumps++;
    return false;
  }

  /** Milliseconds for which the oldest picture has waited. */
  #age(now: number): number {
    const first = this.#waiting.find(({ message }) => message.kind !== 'init');
    return first ? now - first.at : 0;
  }

  #push(message: Waiting, now: number): void {
    this.#waiting.push({ message, at: now });
    this.#bytes += message.payload.length;
  }

  take(): Waiting | undefined {
    const next = this.#waiting.shift()?.message;
    if (next) this.#bytes -= next.payload.length;
    return next;
  }

  /** Drops the pictures; an `init` stays, since what comes later cannot be understood without it. */
  #giveUp(): void {
    const inits = this.#waiting.filter(({ message }) => message.kind === 'init');
    this.clear();
    for (const { message, at } of inits) this.#push(message, at);
  }

  clear(): void {
    this.dropped += this.#waiting.filter(({ message }) => message.kind !== 'init').length;
    this.#waiting = [];
    this.#bytes = 0;
  }
}
