import { BufferFeed } from './bufferFeed.ts';
import { readTimes, timescaleOf, writeDecodeTime } from './fragmentTimes.ts';
import { GaplessTime } from './gaplessTime.ts';
import { LiveEdge } from './liveEdge.ts';
import type { InitPart, LivePart, PicturePart } from './liveMessage.ts';
import { attachMediaSource } from './mediaSources.ts';
import { PictureTimes } from './pictureTimes.ts';
import { fill, Player, type PlayerEvents } from './player.ts';

/** Milliseconds. */
const BEAT = 250;
/** Pictures come and none is shown: first it is brought to the newest one, then it is given up. */
const STALLED = 2_000;
const GIVEN_UP = 6_000;
/** Seconds: into the picture that is jumped to, since browsers round times. */
const INTO = 0.001;

/** A camera's own coding by Media Source Extensions in a `<video>`, as near to the newest picture as it gets. */
export class MsePlayer extends Player {
  readonly element = document.createElement('video');
  #feed: BufferFeed | undefined;
  #detach: () => void = () => {};
  readonly #edge = new LiveEdge();
  readonly #times = new PictureTimes();
  #timescale: number | undefined;
  readonly #time = new GaplessTime();
  /**
   * How far there are pictures without one missing, seconds of the stream's time: up to the newest one's time of decoding. It may be
   * shown later than that, after others that have not come yet.
   */
  #newest: number | undefined;
  /** The first picture that is to be shown was jumped to. */
  #begun = false;
  /** Since when pictures have come without anything being shown. */
  #stuckSince: number | undefined;
  #nudged = false;
  /** When the last picture came. */
  #takenAt = 0;
  #lastPosition = -1;
  #presented = 0;
  /** Pictures that the browser decoded and threw away. */
  #skipped = 0;
  #frameCallback: number | undefined;
  readonly #beatTimer = setInterval(() => this.#beat(), BEAT);
  #closed = false;

  constructor(events: PlayerEvents) {
    super(events);
    const video = this.element;
    fill(video);
    // Not `autoplay`: Chromium pauses muted videos that began by it whenever they are scrolled out of sight.
    video.muted = video.defaultMuted = true;
    video.playsInline = true;
    video.disablePictureInPicture = true;
    video.onwaiting = () => {
      if (this.#begun && !video.seeking) this.#starved();
    };
    video.onerror = () => this.#fail(`the video stopped: ${video.error?.message || video.error?.code}`);
    // Phones pause videos for calls, Chromium for tabs that nobody sees.
    video.onpause = () => this.#run();
    document.addEventListener('visibilitychange', this.#seen);
    const attached = attachMediaSource(video);
    if (!attached) {
      // Not from within the constructor: the caller does not have us yet.
      queueMicrotask(() => this.#fail('there are no Media Source Extensions'));
      return;
    }
    this.#detach = attached.detach;
    this.#feed = new BufferFeed(attached.source, () => video.currentTime, {
      appended: (newest) => this.#appended(newest),
      dropped: (count) => {
        this.counts.dropped += count;
      },
      failed: (why) => this.#fail(why),
      unsupported: (codec) => this.#refuse(codec),
    });
    this.#watchFrames();
  }

  push(part: LivePart): void {
    if (this.#closed) return;
    if (part.kind === 'init') this.#describe(part);
    else if (part.kind === 'mp4') this.#take(part);
  }

  #describe({ codec, segment }: InitPart): void {
    const timescale = timescaleOf(segment);
    if (timescale === undefined) this.#fail('the initialisation segment is none');
    else this.#feed?.init(codec, segment);
    this.#timescale = timescale;
  }

  #take({ data, key, past, time }: PicturePart): void {
    const times = readTimes(data);
    const timescale = this.#timescale;
    if (!times || timescale === undefined) {
      this.counts.dropped++;
      return;
    }
    const { decode, offset, duration } = times;
    const placed = this.#time.place(decode / timescale, duration && duration / timescale);
    const moved = Math.round(placed * timescale);
    if (moved !== decode) writeDecodeTime(data, moved);
    this.#takenAt = performance.now();
    this.#stuckSince ??= this.#takenAt;
    this.#times.add({ at: (moved + offset) / timescale, time, past });
    this.#feed?.fragment(data, key, moved / timescale);
  }

  #appended(newest: number): void {
    const video = this.element;
    const { buffered } = video;
    const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
    // What the browser did not take, for want of a key picture.
    if (newest >= end || newest === this.#newest) return;
    this.#newest = newest;
    if (!this.#begun) {
      if (this.#times.at(newest)?.past !== false) return;
      this.#begun = true;
      this.#jump();
      return;
    }
    if (video.seeking) return;
    const lag = newest - video.currentTime;
    const order = this.#edge.arrived(lag, this.#times.interval, performance.now());
    if (order.jump || this.#inHole()) this.#jump();
    else if (video.playbackRate !== order.rate) video.playbackRate = order.rate;
    this.#run();
  }

  /** Whether there are pictures ahead, and none here: the buffer was full, or the browser took some out of it. */
  #inHole(): boolean {
    const { buffered, currentTime, readyState } = this.element;
    if (buffered.length === 0 || readyState > HTMLMediaElement.HAVE_CURRENT_DATA) return false;
    return buffered.start(buffered.length - 1) > currentTime;
  }

  /** To the newest picture. The browser shows the old one until it has decoded that. */
  #jump(): void {
    if (this.#newest === undefined) return;
    this.#edge.jumped(performance.now());
    this.element.playbackRate = 1;
    this.element.currentTime = this.#newest + INTO;
    this.#run();
  }

  #starved(): void {
    this.#edge.starved(this.#times.interval, performance.now());
  }

  /** Plays, or stands still, as the moment demands. */
  #run(): void {
    const video = this.element;
    if (this.#closed || !this.#begun || document.hidden) return;
    if (this.#edge.held(this.#times.interval, performance.now())) video.pause();
    else if (video.paused)
      video.play().catch((error: Error) => {
        // iPhones that save power play no video before somebody touches it. Other formats need no leave.
        if (error.name === 'NotAllowedError')
          this.#fail('the browser does not let videos play by themselves');
      });
  }

  readonly #seen = (): void => {
    if (document.hidden || this.#closed) return;
    this.#stuckSince = undefined;
    this.#run();
  };

  #watchFrames(): void {
    const video = this.element;
    if (!('requestVideoFrameCallback' in video)) return;
    this.#frameCallback = video.requestVideoFrameCallback((_now, { mediaTime, presentedFrames }) => {
      const pictures = presentedFrames - this.#presented;
      this.#presented = presentedFrames;
      this.#shown(mediaTime, pictures);
      if (!this.#closed) this.#watchFrames();
    });
  }

  #shown(mediaTime: number, pictures: number): void {
    this.#stuckSince = undefined;
    this.#nudged = false;
    const picture = this.#times.at(mediaTime);
    if (picture && !picture.past && !this.#closed) this.painted(picture.time, pictures);
  }

  #beat(): void {
    const video = this.element;
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    const decoded = totalVideoFrames - this.counts.decoded;
    const skipped = droppedVideoFrames - this.#skipped;
    this.counts.decoded += decoded;
    this.counts.dropped += skipped;
    this.#skipped += skipped;
    // Thrown away because they were decoded too late: the same sign as running dry.
    if (skipped > 0) this.#starved();
    this.#run();
    // Firefox before 132 does not tell what it shows.
    if (this.#frameCallback === undefined && decoded > skipped)
      this.#shown(video.currentTime, decoded - skipped);
    this.#watch();
  }

  #watch(): void {
    const video = this.element;
    const moved = video.currentTime !== this.#lastPosition && !video.seeking;
    this.#lastPosition = video.currentTime;
    // What is not in sight is not painted, but it is played.
    if (moved || document.hidden) this.#stuckSince = undefined;
    if (this.#stuckSince === undefined) return;
    const now = performance.now();
    const stuckFor = now - this.#stuckSince;
    if (stuckFor > GIVEN_UP && now - this.#takenAt < STALLED)
      this.#fail('pictures come, and the video stands still');
    else if (stuckFor > STALLED && !this.#nudged && this.#begun) {
      this.#nudged = true;
      this.#jump();
    }
  }

  #fail(why: string): void {
    if (this.#closed) return;
    this.#halt();
    this.events.failed(why);
  }

  #refuse(codec: string): void {
    if (this.#closed) return;
    this.#halt();
    this.events.unsupported(codec);
  }

  /** Nothing more is done, but the last picture stays where it is. */
  #halt(): void {
    this.#closed = true;
    clearInterval(this.#beatTimer);
    document.removeEventListener('visibilitychange', this.#seen);
    this.#feed?.end();
  }

  close(): void {
    this.#halt();
    const video = this.element;
    video.onwaiting = video.onerror = video.onpause = null;
    if (this.#frameCallback !== undefined) video.cancelVideoFrameCallback(this.#frameCallback);
    video.pause();
    this.#detach();
    video.remove();
  }
}
