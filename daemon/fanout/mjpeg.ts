import type { ServerResponse } from 'node:http';
import type { JpegFrame } from '../frame.ts';
import type { Hub, Viewer } from './hub.ts';
import type { Paced, Pacer } from './pacer.ts';
import { RateMeter } from './rateMeter.ts';

/** Chromium does not recognise a boundary of one letter. */
const BOUNDARY = 'walleye-picture';

/**
 * Chromium paints a part only when the next boundary arrives (Chromium bug 527446), so each JPEG is followed at once
 * by the boundary and headers of the next part. Its length is not known by then: no Content-Length.
 */
const NEXT_PART = `\r\n--${BOUNDARY}\r\nContent-Type: image/jpeg\r\n\r\n`;
const NEXT_PART_BYTES = Buffer.from(NEXT_PART);

/** A connection that took nothing for so long is closed: its page is gone or hung, and opens it again if it lives. */
const BLOCKED_LIMIT = 60_000;

/** JPEG and following boundary as one buffer, made once however many viewers there are. */
const parts = new WeakMap<JpegFrame, Buffer>();
function partOf(frame: JpegFrame): Buffer {
  let part = parts.get(frame);
  if (!part) {
    part = Buffer.concat([frame.data, NEXT_PART_BYTES]);
    parts.set(frame, part);
  }
  return part;
}

export interface MjpegOptions {
  response: ServerResponse;
  hub: Hub;
  /** Writes on the pacer's tick instead of as soon as a picture comes. */
  pacer?: Pacer | undefined;
  /** `page.tile`, for the page's report on its own tiles. */
  viewer?: string | undefined;
  stream: string;
}

/**
 * One M-JPEG response (`multipart/x-mixed-replace`). At most one picture is being written and one waits; a newer one
 * replaces the waiting one, which is counted as dropped.
 */
export class MjpegViewer implements Viewer, Paced {
  readonly id: string | undefined;
  readonly stream: string;
  dropped = 0;
  sent = 0;
  #response: ServerResponse;
  #hub: Hub;
  #pacer: Pacer | undefined;
  #waiting: JpegFrame | undefined;
  #waitingVersion = 0;
  #writtenVersion = 0;
  #changedAt: number | undefined;
  #writing = false;
  #blockedSince = 0;
  #last: JpegFrame | undefined;
  #rate = new RateMeter();

  constructor(options: MjpegOptions) {
    this.id = options.viewer;
    this.stream = options.stream;
    this.#response = options.response;
    this.#hub = options.hub;
    this.#pacer = options.pacer;
  }

  /** Writes the head and serves until either side closes. */
  serve(hub: Hub): Promise<void> {
    const response = this.#response;
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.socket?.setNoDelay(true);
    response.writeHead(200, {
      'Content-Type': `multipart/x-mixed-replace;boundary=${BOUNDARY}`,
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      'X-Content-Type-Options': 'nosniff',
      Connection: 'close',
    });
    response.write(NEXT_PART.slice(2));
    const { promise, resolve } = Promise.withResolvers<void>();
    const leavePacer = this.#pacer?.add(this);
    const leaveHub = hub.add(this);
    response.on('error', () => {}); // the peer vanished: 'close' follows
    response.once('close', () => {
      leaveHub();
      leavePacer?.();
      this.#waiting = undefined;
      resolve();
    });
    return promise;
  }

  offer(frame: JpegFrame): void {
    this.#rate.count();
    if (this.#waiting) this.dropped++;
    this.#waiting = frame;
    this.#waitingVersion = this.#hub.version;
    // The first picture does not wait for a tick: it is what people look at a black tile for.
    if (!this.#pacer || this.sent === 0) this.flush();
  }

  flush(): void {
    const frame = this.#waiting;
    if (!frame) return;
    if (this.#writing) {
      if (performance.now() - this.#blockedSince > BLOCKED_LIMIT) this.#response.destroy();
      return;
    }
    this.#waiting = undefined;
    this.#writing = true;
    this.#blockedSince = performance.now();
    this.#last = frame;
    if (this.#waitingVersion !== this.#writtenVersion) {
      this.#writtenVersion = this.#waitingVersion;
      this.#changedAt = this.#blockedSince;
    }
    this.sent++;
    this.#response.write(partOf(frame), () => {
      this.#writing = false;
      if (!this.#pacer) this.flush();
    });
  }

  end(): void {
    this.#response.end();
    // end() waits for a reader that may never come.
    setTimeout(() => this.#response.destroy(), 1000).unref();
  }

  /** Milliseconds since the last written picture was received from the camera; null before the first. */
  get age(): number | null {
    return this.#last ? performance.now() - this.#last.receivedAt : null;
  }

  /** When a picture was last written that differs from the one written before, `performance.now()`; undefined: none was. */
  get changedAt(): number | undefined {
    return this.#changedAt;
  }

  /** Milliseconds since the rendition's last picture that differed from the one before it; null: none was written yet. */
  get unchangedFor(): number | null {
    return this.sent === 0 ? null : this.#hub.unchangedFor;
  }

  get rate(): number {
    return this.#rate.perSecond;
  }
}
