import type { Observation } from './ladder.ts';
import { LIVE_HEADER, liveHeader } from './message.ts';
import type { SendWindow } from './sendWindow.ts';
import { SoundQueue } from './soundQueue.ts';
import { TileQueue, type Waiting } from './tileQueue.ts';

/** A tile that has waited so long for its next picture, while there was one, is starved; milliseconds. */
const STARVED = 1_000;

export interface LiveViewerOptions {
  window: SendWindow;
  /** Hands one binary message to the socket: the header, and the payload, which other viewers are sent too. */
  send: (header: Buffer, payload: Buffer) => void;
}

interface Tile {
  feed: number;
  queue: TileQueue;
  /** When it was last sent something, or opened; `performance.now()`. */
  servedAt: number;
}

/**
 * All tiles of one live socket, and the sound of one camera, which goes first: it is little, and people miss it sooner. They take turns, one message each, while the viewer's window is open; so a heavy tile does not
 * starve the others, and a slow viewer costs no more memory than its tiles' queues.
 */
export class LiveViewer {
  readonly window: SendWindow;
  readonly #send: LiveViewerOptions['send'];
  /** In the order of their turns. */
  #tiles = new Map<number, Tile>();
  #sound: { tile: number; feed: number; queue: SoundQueue } | undefined;
  #feeds = 0;
  #formerlyDropped = 0;
  #jumpsSeen = 0;
  #formerJumps = 0;

  constructor({ window, send }: LiveViewerOptions) {
    this.window = window;
    this.#send = send;
  }

  /** Begins another way for a tile's pictures; what waited of the way before is gone. @returns its number */
  begin(tile: number): number {
    this.close(tile);
    const feed = ++this.#feeds;
    this.#tiles.set(tile, { feed, queue: new TileQueue(), servedAt: performance.now() });
    return feed;
  }

  close(tile: number): void {
    const queue = this.#tiles.get(tile)?.queue;
    if (!queue) return;
    queue.clear();
    this.#formerlyDropped += queue.dropped;
    this.#formerJumps += queue.jumps;
    this.#tiles.delete(tile);
  }

  /** Begins to send sound, in place of what was sent before. @returns the number of its feed */
  beginSound(tile: number): number {
    const feed = ++this.#feeds;
    this.#sound = { tile, feed, queue: new SoundQueue() };
    return feed;
  }

  endSound(): void {
    this.#sound = undefined;
  }

  offerSound(feed: number, message: Waiting): void {
    if (this.#sound?.feed !== feed) return;
    const now = performance.now();
    this.#sound.queue.offer(message, now);
    this.#flush(now);
  }

  offer(tile: number, feed: number, message: Waiting): void {
    const one = this.#tiles.get(tile);
    if (one?.feed !== feed) return;
    const now = performance.now();
    one.queue.offer(message, now);
    this.#flush(now);
    if (!one.queue.empty) this.window.held(now);
  }

  /** @returns false: the viewer says that it has what it cannot have */
  acked(bytes: number): boolean {
    const now = performance.now();
    const sound = this.window.acked(bytes, now);
    this.#flush(now);
    return sound;
  }

  #flush(now: number): void {
    const sound = this.#sound;
    while (sound && this.window.openForSound) {
      const message = sound.queue.take();
      if (!message) break;
      this.#write(sound.tile, sound.feed, message, now);
    }
    for (let served = true; served && this.window.open; ) {
      served = false;
      for (const [id, tile] of [...this.#tiles]) {
        if (!this.window.open) break;
        const message = tile.queue.take();
        if (!message) continue;
        served = true;
        tile.servedAt = now;
        if (this.#tiles.size > 1) {
          // To the end of the row.
          this.#tiles.delete(id);
          this.#tiles.set(id, tile);
        }
        this.#write(id, tile.feed, message, now);
      }
    }
  }

  #write(tile: number, feed: number, { kind, payload, receivedAt, key, past }: Waiting, now: number): void {
    this.window.sent(LIVE_HEADER + payload.length, now, kind === 'sound');
    const time = Date.now() - (now - receivedAt);
    this.#send(liveHeader({ kind, tile, feed, time, key, past }), payload);
  }

  /** What the last second was like; to be asked once a second. */
  observe(now: number): Observation {
    const { jumps } = this;
    const jumped = jumps > this.#jumpsSeen;
    this.#jumpsSeen = jumps;
    const starved = [...this.#tiles.values()].some(
      ({ queue, servedAt }) => !queue.empty && now - servedAt > STARVED,
    );
    return { strained: jumped || starved, full: this.window.full(now) };
  }

  /** Times that a video was given up for its next key picture. */
  get jumps(): number {
    let jumps = this.#formerJumps;
    for (const { queue } of this.#tiles.values()) jumps += queue.jumps;
    return jumps;
  }

  /** Pictures of one feed that were not sent. */
  droppedBy(tile: number, feed: number): number {
    const one = this.#tiles.get(tile);
    return one?.feed === feed ? one.queue.dropped : 0;
  }

  /** Pictures that were not sent. */
  get dropped(): number {
    let dropped = this.#formerlyDropped;
    for (const { queue } of this.#tiles.values()) dropped += queue.dropped;
    return dropped;
  }

  /** Bytes that wait, besides those under way. */
  get waiting(): number {
    let bytes = 0;
    for (const { queue } of this.#tiles.values()) bytes += queue.bytes;
    return bytes;
  }
}
