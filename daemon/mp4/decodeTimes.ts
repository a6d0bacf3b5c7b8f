/** When each picture of a track is decoded, from when it is shown. Pure. */

/** Units of the track's timescale, whole numbers. */
export interface PictureTimes {
  /** Decoding time: strictly increasing; negative only from a first picture on that is shown before 0. */
  readonly dts: number;
  /** Presentation time. */
  readonly pts: number;
  /** To the decoding time of the next picture. */
  readonly duration: number;
}

/** Pictures that may be decoded before one that is shown earlier. Cameras with B pictures have one or two. */
const MAX_REORDER = 4;
/** Of the very first picture, of which nothing is known (ms). */
const FIRST_DURATION = 40;
/**
 * Longest duration (ms) that bridges a gap. A key picture needs no bridge, since a viewer can begin with it, and the end of
 * what is buffered should not be told to be hours ahead because a camera was away for hours.
 */
const MAX_BRIDGE = 10_000;
const MAX_BRIDGE_TO_KEY = 3000;
/** The part of the usual duration by which decoding times go on where they are ahead: readers take less for a broken clock. */
const STANDSTILL = 1 / 16;

/**
 * Decoding times one picture ahead: a picture is decoded when the one before it is shown, with B pictures when the one is
 * shown that is so many places earlier. So the decoding time of the next picture, and with it this one's duration, is known
 * without waiting for the next: each picture can leave at once, in a fragment of its own, with its final times.
 *
 * Decoding time = presentation time would have to guess the duration, and browsers do not forgive a guess that is too short
 * (Media Source Extensions, coded frame processing): where the next decoding time is more than twice the last duration away,
 * they leave out everything up to the next key picture. A picture that the camera left out in the dark would freeze the view
 * for seconds (measured with Chromium).
 *
 * How many pictures are reordered is learned when a presentation time goes backwards: then alone may a picture be decoded
 * after it is shown, by the missing pictures' time at most. Constant memory.
 */
export class DecodeTimes {
  readonly #unitsPerMs: number;
  /** The latest presentation times, the highest last; enough to know any reorder depth. */
  readonly #highest: number[] = [];
  #reorder = 0;
  /** The decoding time of the next picture, undefined before the first. */
  #next: number | undefined;
  #usualDuration: number;

  /** `timescale` in units a second. */
  constructor(timescale: number) {
    this.#unitsPerMs = timescale / 1000;
    this.#usualDuration = Math.max(1, Math.round(FIRST_DURATION * this.#unitsPerMs));
  }

  /** How many pictures are known to be reordered. */
  get reorderDepth(): number {
    return this.#reorder;
  }

  /** The next picture in decoding order. `presentedAt`: milliseconds. */
  at(presentedAt: number, key: boolean): PictureTimes {
    const pts = Math.round(presentedAt * this.#unitsPerMs);
    this.#learn(pts);
    // Of the pictures so far, the one after which the next is decoded: those above it are still to be shown then.
    const shown = this.#highest.at(-1 - this.#reorder) ?? this.#highest[0]!;
    const foreseen = this.#next ?? (shown < 0 ? Number.NEGATIVE_INFINITY : 0);
    const bridge = (key ? MAX_BRIDGE_TO_KEY : MAX_BRIDGE) * this.#unitsPerMs;
    const bridged = this.#next !== undefined && shown - foreseen <= bridge;
    const dts = bridged ? foreseen : Math.max(foreseen, shown - this.#usualDuration);
    const duration = shown > dts ? shown - dts : Math.max(1, Math.floor(this.#usualDuration * STANDSTILL));
    if (shown > dts && duration <= MAX_BRIDGE_TO_KEY * this.#unitsPerMs) this.#usualDuration = duration;
    this.#next = dts + duration;
    return { dts, pts, duration };
  }

  #learn(pts: number): void {
    let place = this.#highest.length;
    while (place > 0 && this.#highest[place - 1]! > pts) place--;
    const later = this.#highest.length - place;
    if (later > this.#reorder) this.#reorder = Math.min(later, MAX_REORDER);
    this.#highest.splice(place, 0, pts);
    if (this.#highest.length > MAX_REORDER + 1) this.#highest.shift();
  }
}
