/** Which picture of a video is on the screen, by the stream's own time. Pure. */

export interface TimedPicture {
  /** Seconds of the stream's time. */
  readonly at: number;
  /** When the box had it, Unix milliseconds of its clock. */
  readonly time: number;
  readonly past: boolean;
}

/** Pictures that are remembered: more than are ever in hand, and a burst of a whole group. */
const KEPT = 600;
/** Seconds: what browsers say is rounded. */
const ROUNDING = 0.002;
/** Of so many pictures the interval is the middle one. */
const MEASURED = 15;
/** Seconds, until two pictures have come. */
const USUAL_INTERVAL = 1 / 15;

export class PictureTimes {
  /** In the order of their coming, which is that of their times where no picture refers to later ones. */
  #pictures: TimedPicture[] = [];

  add(picture: TimedPicture): void {
    this.#pictures.push(picture);
    // Not one by one: moving six hundred entries for each picture is work.
    if (this.#pictures.length > 2 * KEPT) this.#pictures = this.#pictures.slice(-KEPT);
  }

  /** The picture that is shown when the video stands at `position`: the latest that is not after it. */
  at(position: number): TimedPicture | undefined {
    let best: TimedPicture | undefined;
    for (let i = this.#pictures.length - 1; i >= 0; i--) {
      const picture = this.#pictures[i]!;
      if (picture.at > position + ROUNDING) continue;
      if (best === undefined || picture.at > best.at) best = picture;
      // Reordered pictures are a few places from their order, no more.
      else if (best.at - picture.at > 1) break;
    }
    return best;
  }

  /** Seconds from one picture to the next. */
  get interval(): number {
    const recent = this.#pictures
      .slice(-MEASURED - 1)
      .map(({ at }) => at)
      .sort((a, b) => a - b);
    const steps = recent.slice(1).map((at, i) => at - recent[i]!);
    steps.sort((a, b) => a - b);
    const middle = steps[Math.floor(steps.length / 2)];
    return middle !== undefined && middle > 0 ? middle : USUAL_INTERVAL;
  }
}
