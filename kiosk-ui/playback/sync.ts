/** How videos are held to one clock. Pure; seconds. */

export interface Course {
  /** The media time that the clock wants to be shown. */
  want: number;
  /** The media time that the video is at. */
  shown: number;
  /** Of the clock: 0.25 to 8. */
  speed: number;
}

export type Correction = { do: 'seek'; to: number } | { do: 'rate'; rate: number };

/** What nobody sees. */
const CLOSE = 0.03;
/** From here on catching up would take too long. At eight times the speed the same delay of the machine is eight times as much. */
const FAR = 0.5;
/** The rate changes by so much at most: sound stays sound. */
const MOST_NUDGE = 0.08;
/** Of the offset that is made good within a second. */
const EAGERNESS = 0.4;
/** Browsers refuse other rates. */
const SLOWEST = 0.0625;
const FASTEST = 16;

export function correction({ want, shown, speed }: Course): Correction {
  const ahead = shown - want;
  if (Math.abs(ahead) > FAR * Math.max(1, speed)) return { do: 'seek', to: Math.max(0, want) };
  if (Math.abs(ahead) <= CLOSE * Math.max(1, speed)) return { do: 'rate', rate: speed };
  const nudge = Math.min(Math.max(-ahead * EAGERNESS, -MOST_NUDGE * speed), MOST_NUDGE * speed);
  return { do: 'rate', rate: Math.min(Math.max(speed + nudge, SLOWEST), FASTEST) };
}

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8] as const;
/** Faster than this is noise. */
export const FASTEST_SOUND = 2;

/** The next faster or slower one. */
export function speedBeside(speed: number, step: 1 | -1): number {
  const index = SPEEDS.indexOf(speed as (typeof SPEEDS)[number]);
  return SPEEDS[Math.min(Math.max(index + step, 0), SPEEDS.length - 1)] ?? 1;
}

/**
 * Where to look for the picture after the one that began at `shown`: a little more than half a picture on, then by quarters
 * of one. Pictures do not come quite evenly, and none is to be stepped over.
 * @param tries how often it was looked for in vain
 */
export const stepTarget = (shown: number, frame: number, tries: number): number =>
  shown + frame * (0.6 + 0.25 * tries);

/** Just before the shown one is the one before it, however long that lasted. */
export const stepBackTarget = (shown: number): number => Math.max(0, shown - 0.004);
