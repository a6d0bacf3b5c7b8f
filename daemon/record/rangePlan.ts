/** Which fragments of which segments make up a range of time, and where on one time axis they lie. Pure. */
import type { FragmentPlace, SegmentLayout } from './segmentLayout.ts';
import { GAP } from './spans.ts';

/** A segment as far as it matters here. */
export interface PlannedSegment {
  /** Unix milliseconds of its first picture. */
  readonly from: number;
  readonly layout: SegmentLayout;
}

/** A fragment at its place. */
export interface PlannedFragment<S extends PlannedSegment> {
  readonly segment: S;
  readonly place: FragmentPlace;
  /** 1/90000 s that are added to its segment's times. Whole, may be negative. */
  readonly shift: number;
}

export interface RangePlan<S extends PlannedSegment> {
  readonly init: Buffer;
  readonly fragments: readonly PlannedFragment<S>[];
  /** Unix milliseconds of media time 0, and of the end of the last picture. */
  readonly from: number;
  readonly until: number;
  /** Where nothing is recorded in between, Unix milliseconds. */
  readonly gaps: readonly { from: number; until: number }[];
  /** Other codec parameters follow: it ends before what was asked for. */
  readonly cut: boolean;
}

const PER_MS = 90;
/**
 * The camera's clock and ours run apart, and pictures arrive now sooner, now later: within so many milliseconds segments follow
 * each other without a seam; beyond, media time is brought back to the time of day.
 */
const DRIFT = 100;
/** Between two pictures at least, 1/90000 s. */
const LEAST_STEP = 90;

/**
 * @param segments of one camera by their beginnings @param from Unix milliseconds
 * @param mostBefore milliseconds that the key picture in front may lie before `from`
 * @returns undefined: nothing of it is recorded
 */
export function planRange<S extends PlannedSegment>(
  segments: readonly S[],
  { from, until, mostBefore }: { from: number; until: number; mostBefore: number },
): RangePlan<S> | undefined {
  const start = startOf(segments, from, until, mostBefore);
  if (!start) return undefined;
  const { init } = start.segment.layout;
  const zero = timeIn(start.segment, start.place);
  const fragments: PlannedFragment<S>[] = [];
  const gaps: { from: number; until: number }[] = [];
  /** Ends of what is planned, in media time, and its last picture's decoding time. */
  let ends = 0;
  let last = -LEAST_STEP;
  let cut = false;
  for (const segment of segments.slice(segments.indexOf(start.segment))) {
    const places = placesOf(
      segment,
      segment === start.segment ? start.place : undefined,
      zero + ends / PER_MS,
    );
    const [first] = places;
    if (!first || timeIn(segment, first) >= until) continue;
    if (!segment.layout.init.equals(init)) {
      cut = true;
      break;
    }
    const onTheWall = Math.round((timeIn(segment, first) - zero) * PER_MS);
    const begins = fragments.length === 0 ? 0 : seam(onTheWall, ends, last);
    if (begins - ends > GAP * PER_MS)
      gaps.push({ from: zero + ends / PER_MS, until: zero + begins / PER_MS });
    const shift = begins - first.begins;
    for (const place of places) {
      if (zero + (place.begins + shift) / PER_MS >= until) break;
      fragments.push({ segment, place, shift });
      ends = place.ends + shift;
      last = place.last + shift;
    }
  }
  return { init, fragments, from: zero, until: zero + ends / PER_MS, gaps, cut };
}

/** The key picture at or before `from`, if what follows it up to there is recorded; else the first after it. */
function startOf<S extends PlannedSegment>(
  segments: readonly S[],
  from: number,
  until: number,
  mostBefore: number,
): { segment: S; place: FragmentPlace } | undefined {
  for (const segment of segments.toReversed()) {
    const { fragments } = segment.layout;
    const place = fragments.findLast((one) => one.key && segment.from + one.shown / PER_MS <= from);
    if (!place) continue;
    const end = segment.from + fragments.at(-1)!.ends / PER_MS;
    if (end + GAP >= from && from - timeIn(segment, place) <= mostBefore) return { segment, place };
    break;
  }
  for (const segment of segments) {
    const place = segment.layout.fragments.find((one) => {
      const time = segment.from + one.shown / PER_MS;
      return one.key && time > from && time < until;
    });
    if (place) return { segment, place };
  }
  return undefined;
}

/** From a fragment on; or what lies behind `after` where the segment overlaps what is planned already: the clock was set back. */
function placesOf(
  { from, layout: { fragments } }: PlannedSegment,
  first: FragmentPlace | undefined,
  after: number,
): readonly FragmentPlace[] {
  if (first) return fragments.slice(fragments.indexOf(first));
  if (from >= after - GAP) {
    const key = fragments.findIndex((one) => one.key);
    return key < 0 ? [] : fragments.slice(key);
  }
  const later = fragments.findIndex((one) => one.key && from + one.begins / PER_MS >= after);
  return later < 0 ? [] : fragments.slice(later);
}

function seam(onTheWall: number, ends: number, last: number): number {
  if (Math.abs(onTheWall - ends) <= DRIFT * PER_MS) return ends;
  return Math.max(onTheWall, last + LEAST_STEP);
}

function timeIn({ from }: PlannedSegment, { begins }: FragmentPlace): number {
  return from + begins / PER_MS;
}
