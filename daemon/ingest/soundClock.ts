import type { AccessUnit } from '../frame.ts';
import type { SenderReport } from '../rtsp/rtcp.ts';
import { LeastDelay } from './leastDelay.ts';
import { Timeline } from './timeline.ts';

/** The clock of the pictures' `mediaTime`. */
export interface VideoClock {
  /** See `Timeline.timeOf`. */
  timeOf(timestamp: number): number | undefined;
  readonly discontinuities: number;
}

/**
 * By arrival, sound is put anew only where it is this wrong (ms): less may be the network's doing. At 125 ms late, 45
 * early people begin to notice (ITU-R BT.1359).
 */
const ARRIVAL_TOLERANCE = 100;
/** Sender reports that differ more from arrival (ms) are rubbish, or the camera's clock was set between two of them. */
const MAX_DISAGREEMENT = 2000;

/**
 * Puts sound on the video's clock. The two tracks' RTP timestamps have nothing in common but the sender reports (RFC
 * 3550 §6.4.1), which name an RTP timestamp and the camera's time of day for each. Before both have come, and where
 * they are bogus (case 69), the times of arrival tell: what was captured together arrives together, at the least delay
 * of each track. Both go on being looked at, since on budget cameras the two clocks drift apart (go2rtc#2303).
 */
export class SoundClock {
  readonly #video: VideoClock;
  /** The sound's own media time, from 0. */
  #timeline: Timeline;
  #videoDelay = new LeastDelay();
  #soundDelay = new LeastDelay();
  /** Of the video's clock from the sound's own; undefined before there is a picture. */
  #offset: number | undefined;
  #byReports = false;
  /** The latest of each track; a pair of them is compared once. */
  #videoReport: SenderReport | undefined;
  #soundReport: SenderReport | undefined;
  #videoJumps = 0;
  #soundJumps = 0;

  constructor(video: VideoClock, clockRate: number) {
    this.#video = video;
    this.#timeline = new Timeline(clockRate);
  }

  /** A picture arrived. */
  picture({ mediaTime, receivedAt }: Pick<AccessUnit, 'mediaTime' | 'receivedAt'>): void {
    this.#videoDelay.push(mediaTime, receivedAt);
    if (this.#video.discontinuities === this.#videoJumps) return;
    this.#videoJumps = this.#video.discontinuities;
    this.#videoReport = undefined; // its timestamp is one of the clock before
  }

  videoReport(report: SenderReport): void {
    this.#videoReport = timeOfDay(report) > 0 ? report : undefined;
  }

  soundReport(report: SenderReport): void {
    this.#soundReport = timeOfDay(report) > 0 ? report : undefined;
  }

  /** The source of the sound began anew: its next timestamp belongs to another clock. */
  restart(): void {
    this.#timeline.restart();
    this.#soundReport = undefined;
  }

  /** Nothing came for a while, by our own wish (PAUSE): what is known of arrival is worth nothing now. */
  rest(): void {
    this.#videoDelay = new LeastDelay();
    this.#soundDelay = new LeastDelay();
    this.#videoReport = undefined;
    this.#soundReport = undefined;
    this.#offset = undefined;
  }

  /** Media time (ms) of sound with this timestamp, on the video's clock; undefined before the first picture. */
  at(timestamp: number, arrival: number): number | undefined {
    const own = this.#timeline.at(timestamp, arrival);
    if (this.#timeline.discontinuities !== this.#soundJumps) {
      this.#soundJumps = this.#timeline.discontinuities;
      this.#soundReport = undefined;
    }
    this.#soundDelay.push(own, arrival);
    if (this.#soundDelay.absurd) return this.#distrust(timestamp, arrival);
    this.#look();
    return this.#offset === undefined ? undefined : own + this.#offset;
  }

  /** The rtpmap's clock rate is wrong: from now on only arrival counts, and frames follow one another by their length. */
  #distrust(timestamp: number, arrival: number): number | undefined {
    this.#timeline = new Timeline(0);
    this.#soundJumps = 0;
    this.#soundDelay = new LeastDelay();
    this.#offset = undefined;
    this.#byReports = false;
    return this.at(timestamp, arrival);
  }

  #look(): void {
    const video = this.#videoDelay.value;
    const sound = this.#soundDelay.value;
    if (video === undefined || sound === undefined) return;
    const byArrival = sound - video;
    const byReports = this.#compareReports();
    if (byReports !== undefined && Math.abs(byReports - byArrival) <= MAX_DISAGREEMENT) {
      this.#offset = byReports;
      this.#byReports = true;
      return;
    }
    const tolerance = this.#byReports ? MAX_DISAGREEMENT : ARRIVAL_TOLERANCE;
    if (this.#offset !== undefined && Math.abs(byArrival - this.#offset) <= tolerance) return;
    this.#offset = byArrival;
    this.#byReports = false;
  }

  /** The offset by a pair of reports, of both tracks, that was not compared before. */
  #compareReports(): number | undefined {
    const [video, sound] = [this.#videoReport, this.#soundReport];
    if (!video || !sound) return undefined;
    const pictureTime = this.#video.timeOf(video.rtpTimestamp);
    const soundTime = this.#timeline.timeOf(sound.rtpTimestamp);
    if (pictureTime === undefined || soundTime === undefined) return undefined;
    this.#videoReport = undefined;
    this.#soundReport = undefined;
    return pictureTime + (timeOfDay(sound) - timeOfDay(video)) - soundTime;
  }
}

/** Milliseconds; 0 where the camera has no clock (RFC 3550 §6.4.1). */
function timeOfDay({ ntpSeconds, ntpFraction }: SenderReport): number {
  return ntpSeconds * 1000 + (ntpFraction * 1000) / 2 ** 32;
}
