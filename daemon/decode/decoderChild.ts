import type { AccessUnit, VideoCodec } from '../frame.ts';
import { JpegSplitter } from '../jpeg/jpegSplitter.ts';
import type { PictureSelection } from './ffmpegArgs.ts';
import { type Command, type FfmpegExit, FfmpegProcess } from './ffmpegProcess.ts';
import { PictureOrder } from './pictureOrder.ts';
import { framed, pipeHead } from './pipeFormat.ts';

export interface DecoderChildOptions {
  readonly command: Command;
  readonly codec: VideoCodec;
  readonly selection: PictureSelection;
  /** Current group of pictures, written at once; the first is a key unit. */
  readonly burst: readonly AccessUnit[];
  /** Milliseconds that it may owe a picture before it counts as hung. */
  readonly patience: number;
  readonly picture: (data: Buffer, receivedAt: number) => void;
}

/** A child that owes a picture for longer than this is behind: units are dropped up to the next key unit. */
const BEHIND_MS = 1000;
/** Bytes waiting in our process that mean the same. */
const BEHIND_BYTES = 4 * 1024 * 1024;
const HUNG_UNITS = 5;
/** What a slow machine may take for each unit of the burst, added to the above while the burst is being decoded. */
const BURST_UNIT_MS = 50;
/** A backlog that has not been empty for this long makes us hold units back … */
const BACKLOG_MS = 2000;
/** … until nothing has come out for this long. */
const QUIET_MS = 250;
const MAX_HELD = 64;

/** One ffmpeg child: units in, pictures out, each with the time of its unit. It lives once; its owner starts the next. */
export class DecoderChild {
  /** Pictures that came out. */
  pictures = 0;
  /** Units written, those of the burst included. */
  fed = 0;
  /** Units dropped because the child was behind. */
  dropped = 0;

  readonly #options: DecoderChildOptions;
  readonly #process: FfmpegProcess;
  readonly #splitter = new JpegSplitter();
  readonly #order: PictureOrder;
  #burst: Set<AccessUnit>;
  readonly #burstBytes: number;
  /** `performance.now()` of the start. */
  #startedAt = 0;
  #lastPictureAt = 0;
  #lastFedAt = 0;
  /** Since when a picture is owed without any coming out. */
  #owedSince: number | undefined;
  #unitsSincePicture = 0;
  #dropping = false;
  /** Units held back since `#heldSince`, to see whether the decoder still has something. */
  #held: AccessUnit[] = [];
  #heldSince: number | undefined;

  constructor(options: DecoderChildOptions) {
    this.#options = options;
    this.#order = new PictureOrder(options.selection);
    this.#burst = new Set(options.burst);
    this.#burstBytes = options.burst.reduce((sum, unit) => sum + unit.data.length, 0);
    this.#process = new FfmpegProcess({
      ...options.command,
      stdout: (chunk) => {
        for (const data of this.#splitter.push(chunk)) this.#picture(data);
      },
    });
  }

  get pid(): number | null {
    return this.#process.pid;
  }

  get hardwareFallback(): boolean {
    return this.#process.hardwareFallback;
  }

  /** Milliseconds since the start. */
  get age(): number {
    return performance.now() - this.#startedAt;
  }

  /** Starts the child, writes the burst; resolves when it has ended. Never rejects. */
  run(signal: AbortSignal): Promise<FfmpegExit> {
    this.#startedAt = performance.now();
    const running = this.#process.run(signal);
    for (const unit of this.#options.burst) this.#write(unit, this.#startedAt);
    return running;
  }

  /** Never blocks. A unit that was in the burst is not written again. */
  feed(unit: AccessUnit): void {
    if (this.#burst.size > 0) {
      if (this.#burst.has(unit)) return;
      this.#burst = new Set();
    }
    this.#unitsSincePicture += 1;
    const now = performance.now();
    const full = this.#held.length >= MAX_HELD;
    this.#dropping = (this.#dropping && !unit.key) || full || this.#isBehind(now);
    if (this.#dropping) this.dropped += 1;
    else if (this.#heldSince === undefined) this.#write(unit, now);
    else this.#held.push(unit);
  }

  kill(): void {
    this.#process.kill();
  }

  /** To be called a few times a second. `hung`: it was fed and stayed silent. */
  check(): 'ok' | 'hung' {
    const now = performance.now();
    if (this.#isHung(now)) return 'hung';
    this.#checkOrder(now);
    return 'ok';
  }

  #picture(data: Buffer): void {
    const now = performance.now();
    const receivedAt = this.#order.picture(now);
    this.pictures += 1;
    this.#lastPictureAt = now;
    this.#unitsSincePicture = 0;
    this.#owedSince = this.#order.oldestFedAt === undefined ? undefined : now;
    this.#options.picture(data, receivedAt);
  }

  #write(unit: AccessUnit, now: number): void {
    const { codec } = this.#options;
    const framedUnit = framed(unit.data, codec, this.fed);
    const bytes = this.fed === 0 ? Buffer.concat([pipeHead(codec, unit.video), framedUnit]) : framedUnit;
    if (!this.#process.write(bytes)) return;
    this.fed += 1;
    this.#lastFedAt = now;
    this.#order.fed(unit.receivedAt, now);
    if (this.#order.pending > 0) this.#owedSince ??= now;
  }

  #isBehind(now: number): boolean {
    if (this.#process.queuedBytes > BEHIND_BYTES + this.#burstBytes) return true;
    const oldest = this.#order.oldestFedAt;
    // One alone may be a picture that never comes, of a camera with a frame a second.
    return (
      oldest !== undefined && this.#order.pending > 1 && now - oldest > BEHIND_MS + this.#burstAllowance()
    );
  }

  #isHung(now: number): boolean {
    if (this.#owedSince === undefined || this.#unitsSincePicture < HUNG_UNITS) return false;
    return now - this.#owedSince > this.#options.patience + this.#burstAllowance();
  }

  /** Still awaiting the burst's last picture (or its first). */
  get #inBurst(): boolean {
    return this.#order.oldestFedAt === this.#startedAt;
  }

  /** More patience while the burst is being decoded, if its first picture has come. */
  #burstAllowance(): number {
    return this.#inBurst && this.pictures > 0 ? this.#options.burst.length * BURST_UNIT_MS : 0;
  }

  /**
   * See PictureOrder: finds out whether a backlog is work in progress, or pictures that never come. Whoever is dropping leaves the
   * decoder in peace as well.
   */
  #checkOrder(now: number): void {
    if (this.#inBurst) return;
    if (this.#heldSince === undefined && !this.#dropping) {
      if (this.#order.backlogAge(now) > BACKLOG_MS) this.#heldSince = now;
      return;
    }
    const since = Math.max(this.#heldSince ?? 0, this.#lastPictureAt, this.#lastFedAt);
    const quiet = now - since >= QUIET_MS && this.#process.queuedBytes === 0;
    if (this.#order.pending > 0 && !quiet) return;
    this.#order.giveUpPending();
    this.#heldSince = undefined;
    const held = this.#held;
    this.#held = [];
    for (const unit of held) this.#write(unit, now);
  }
}
