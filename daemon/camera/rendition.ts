import type { Logger } from 'pino';
import type { FfmpegBinary } from '../decode/ffmpegChoice.ts';
import type { DecodeChoice } from '../decode/hwaccel.ts';
import { RenditionDecoder } from '../decode/renditionDecoder.ts';
import type { Sandbox } from '../decode/sandbox.ts';
import type { Step } from '../decode/stepDown.ts';
import { Hub } from '../fanout/hub.ts';
import type { AccessUnit } from '../frame.ts';

/** What every decoder child needs, found once at start. */
export interface DecodeTools {
  ffmpeg: FfmpegBinary;
  decoder: DecodeChoice;
  sandbox: Sandbox;
  /** What the box leaves out of all pictures alike; default: nothing. */
  step?: () => Step;
}

/** They are looked for while cameras are connected to and recorded already; whoever decodes comes afterwards. */
export type FoundTools = () => DecodeTools;

/** Upper bounds of a rendition; what is left out is the source's own. Quality is 1–100. */
export interface RenditionQuery {
  width?: number | undefined;
  height?: number | undefined;
  fps?: number | undefined;
  quality?: number | undefined;
}

export const DEFAULT_QUALITY = 75;

/** Viewers who ask for the same are served by the same child. */
export function renditionKey(query: RenditionQuery): string {
  return `${query.width ?? '-'}x${query.height ?? '-'}@${query.fps ?? '-'}q${query.quality ?? DEFAULT_QUALITY}`;
}

export interface RenditionOptions extends DecodeTools {
  query: RenditionQuery;
  gop: () => readonly AccessUnit[];
  sourceFps: () => number | undefined;
  log: Logger;
  /** Milliseconds that the child outlives its last viewer, so that a page's reload or a layout change finds it warm. */
  linger: number;
  /** Called once, when the linger time is over. */
  idle: () => void;
}

/** A stream decoded at one size, rate and quality: one ffmpeg child and the hub of its viewers. */
export class Rendition {
  readonly hub = new Hub();
  readonly query: RenditionQuery;
  readonly decoder: RenditionDecoder;
  #leases = 0;
  #controller = new AbortController();
  #done: Promise<void>;
  #options: RenditionOptions;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: RenditionOptions) {
    this.#options = options;
    this.query = options.query;
    const { width, height, fps, quality = DEFAULT_QUALITY } = options.query;
    this.decoder = new RenditionDecoder({
      rendition: { width, height, fps, quality },
      ffmpeg: options.ffmpeg,
      decoder: options.decoder,
      sandbox: options.sandbox,
      ...(options.step && { step: options.step }),
      gop: options.gop,
      sourceFps: options.sourceFps,
      picture: (frame) => this.hub.publish(frame),
      log: options.log,
    });
    this.#done = this.decoder.run(this.#controller.signal);
  }

  /** One more viewer; the returned function takes it away again and may be called twice. */
  lease(): () => void {
    clearTimeout(this.#linger);
    this.#leases++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      // Of one that was closed the viewers leave later than that, when their responses have ended.
      if (--this.#leases === 0 && !this.#controller.signal.aborted) {
        this.#linger = setTimeout(() => this.#options.idle(), this.#options.linger);
      }
    };
  }

  get leases(): number {
    return this.#leases;
  }

  feed(unit: AccessUnit): void {
    this.decoder.feed(unit);
  }

  /** Ends the viewers and the child; resolves when the child is dead. */
  async close(): Promise<void> {
    clearTimeout(this.#linger);
    this.hub.end();
    this.#controller.abort();
    await this.#done;
  }
}
