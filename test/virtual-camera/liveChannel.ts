/**
 * One profile of one camera as a live picture: a clip played in a loop by the clock, the same moment for everybody
 * who watches. Ticks only while somebody watches, so that idle cameras cost nothing.
 */
import { type Clip, VIDEO_CLOCK } from './clip.ts';

export interface LiveFrame {
  readonly packets: readonly Buffer[];
  readonly key: boolean;
  /** The frame stamp in the picture. */
  readonly stamp: number;
  /** 90 kHz ticks since the camera began; not wrapped. */
  readonly rtpTime: number;
}

type Watcher = (frame: LiveFrame) => void;

/** A camera that was late by more than this (the machine stood still) leaves pictures out, ms. */
const MOST_LATE = 1000;

export class LiveChannel {
  /** Nothing is sent while true; the clock runs on. */
  silent = false;
  /** The last key picture is sent again and again, as by an encoder that hangs. */
  repeating = false;
  private current: Clip;
  private next: Clip;
  private readonly watchers = new Set<Watcher>();
  private sent: Float64Array;
  private period: number;
  private began: number;
  private frameNumber = 0;
  /** RTP time of frame 0. */
  private rtpBegan = 0;
  /** Stamp of the last key picture that left; the first one before. */
  private lastKey = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param phase ms between 0 and a frame's time, so that cameras do not tick at the same instant */
  constructor(clip: Clip, phase: number) {
    this.current = clip;
    this.next = clip;
    this.period = 1000 / clip.parameters.fps;
    this.sent = new Float64Array(clip.frames.length);
    this.began = performance.now() + phase;
  }

  get clip(): Clip {
    return this.current;
  }

  /** Frame numbers count from 0 to this, exclusive. */
  get frames(): number {
    return this.sent.length;
  }

  watch(watcher: Watcher): void {
    this.watchers.add(watcher);
    if (this.timer) return;
    this.frameNumber = Math.max(0, Math.ceil((performance.now() - this.began) / this.period));
    this.schedule();
  }

  unwatch(watcher: Watcher): void {
    this.watchers.delete(watcher);
    if (this.watchers.size > 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Begins the picture anew, as after a reboot. */
  restart(): void {
    this.began = performance.now();
    this.frameNumber = 0;
  }

  /** Leaves out what is left of the group: the next picture is a key picture, as from an encoder that is asked for one. */
  keyNow(): void {
    let skipped = 0;
    while (!this.current.frames[(this.frameNumber + skipped) % this.frames]?.key) skipped++;
    this.frameNumber += skipped;
    this.began -= skipped * this.period;
    this.rtpBegan -= Math.round((skipped * VIDEO_CLOCK) / this.current.parameters.fps);
  }

  /** Continues with `clip` from its next key frame; from its beginning when its length or rate is another one. */
  switchTo(clip: Clip): void {
    this.next = clip;
    if (this.watchers.size === 0 || this.differs(clip)) this.take(clip);
  }

  private differs(clip: Clip): boolean {
    return clip.frames.length !== this.frames || clip.parameters.fps !== this.current.parameters.fps;
  }

  private take(clip: Clip): void {
    const anew = this.differs(clip);
    this.current = clip;
    if (!anew) return;
    const now = performance.now();
    this.rtpBegan += Math.round(((now - this.began) * VIDEO_CLOCK) / 1000);
    this.began = now;
    this.frameNumber = 0;
    this.lastKey = 0;
    this.period = 1000 / clip.parameters.fps;
    this.sent = new Float64Array(clip.frames.length);
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.schedule();
  }

  /**
   * When the frame with this stamp last left, Unix milliseconds with fractions, comparable between the processes of
   * one machine (`performance.timeOrigin + performance.now()`); undefined when it never did.
   */
  sentAt(stamp: number): number | undefined {
    return this.sent[stamp] || undefined;
  }

  private schedule(): void {
    const due = this.began + this.frameNumber * this.period;
    this.timer = setTimeout(() => this.tick(), Math.max(0, due - performance.now()));
  }

  private tick(): void {
    const now = performance.now();
    const late = now - (this.began + this.frameNumber * this.period);
    if (late > MOST_LATE) this.frameNumber += Math.floor(late / this.period);
    while (this.began + this.frameNumber * this.period <= now) this.send(this.frameNumber++);
    if (this.watchers.size > 0) this.schedule();
  }

  private send(number: number): void {
    const stamp = this.repeating ? this.lastKey : number % this.frames;
    if (this.current !== this.next && this.next.frames[stamp]?.key) this.current = this.next;
    const frame = this.current.frames[stamp];
    if (this.silent || !frame) return;
    if (frame.key) this.lastKey = stamp;
    this.sent[stamp] = performance.timeOrigin + performance.now();
    const rtpTime = this.rtpBegan + Math.round((number * VIDEO_CLOCK) / this.current.parameters.fps);
    for (const watcher of this.watchers) watcher({ packets: frame.packets, key: frame.key, stamp, rtpTime });
  }
}
