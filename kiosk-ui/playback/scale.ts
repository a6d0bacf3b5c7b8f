/** The timeline's scale: which time is where, how far one can look in, where the ticks are. Pure; Unix seconds and pixels. */
import { offset, wallTime, type Zone } from './zone.ts';

/** The part of time that the timeline shows. */
export interface View {
  from: number;
  to: number;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
export const SHORTEST = MINUTE;
export const LONGEST = DAY;
/** Between two labels at least so many pixels. */
const ROOM = 84;
const STEPS = [
  5,
  10,
  15,
  30,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
];
/** Small ticks between two labels: as people divide such a time. */
const PARTS: Readonly<Record<number, number>> = {
  5: 5,
  10: 10,
  15: 3,
  30: 6,
  60: 6,
  120: 4,
  300: 5,
  600: 10,
  900: 3,
  1800: 6,
  3600: 6,
  7200: 4,
  10800: 3,
  21600: 6,
  43200: 4,
  86400: 8,
};

export const lengthOf = ({ from, to }: View): number => to - from;

export const xOf = (view: View, width: number, time: number): number =>
  ((time - view.from) / lengthOf(view)) * width;

export const timeOf = (view: View, width: number, x: number): number =>
  view.from + (x / Math.max(width, 1)) * lengthOf(view);

/** `factor` above 1 looks further in; the time at `anchor` stays where it is. */
export function zoomed(view: View, factor: number, anchor: number): View {
  const length = Math.min(Math.max(lengthOf(view) / factor, SHORTEST), LONGEST);
  const part = Math.min(Math.max((anchor - view.from) / lengthOf(view), 0), 1);
  const from = anchor - part * length;
  return { from, to: from + length };
}

export const moved = ({ from, to }: View, seconds: number): View => ({
  from: from + seconds,
  to: to + seconds,
});

/** So long, with that time in its middle. */
export const around = (time: number, length: number): View => ({
  from: time - length / 2,
  to: time + length / 2,
});

/**
 * The view in which the playhead can be seen. When it runs out at the right end, the page is turned; where it is somewhere
 * else altogether it comes into the middle.
 */
export function following(view: View, at: number): View {
  const length = lengthOf(view);
  if (at >= view.from && at <= view.to) return view;
  if (at > view.to && at < view.to + length * 0.1) return moved(view, at - view.from - length * 0.1);
  return around(at, length);
}

export interface Tick {
  time: number;
  x: number;
  /** major: with a label · day: midnight */
  kind: 'minor' | 'major' | 'day';
  /** 14:30, 14:30:15; empty for minor ones. A day's label is its date, which the page writes. */
  label: string;
}

/** Labels stand at full minutes and hours of the clock there, also after summer time began or ended. */
export function ticksOf(view: View, width: number, zone: Zone): Tick[] {
  const fits = (step: number) => (step / lengthOf(view)) * width >= ROOM;
  const step = STEPS.find(fits) ?? DAY;
  const minor = step / (PARTS[step] ?? 1);
  const ticks: Tick[] = [];
  const first = Math.floor((view.from + offset(view.from, zone)) / minor);
  for (let n = first; ticks.length < 2000; n++) {
    const local = n * minor;
    const guess = local - offset(view.from, zone);
    const time = local - offset(guess, zone);
    if (time > view.to) break;
    if (time < view.from) continue;
    const isMajor = local % step === 0;
    ticks.push({ time, x: xOf(view, width, time), ...(isMajor ? labelled(time, step, zone) : MINOR) });
  }
  return ticks;
}

const MINOR = { kind: 'minor', label: '' } as const;

function labelled(time: number, step: number, zone: Zone): Pick<Tick, 'kind' | 'label'> {
  const { hour, minute, second } = wallTime(time, zone);
  const two = (n: number) => String(n).padStart(2, '0');
  const label = `${two(hour)}:${two(minute)}${step < MINUTE ? `:${two(second)}` : ''}`;
  return { kind: hour === 0 && minute === 0 && second === 0 ? 'day' : 'major', label };
}
