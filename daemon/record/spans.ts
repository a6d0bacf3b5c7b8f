/** Segments joined to what a timeline shows. Pure. */

/** Times in Unix milliseconds. */
export interface Span {
  from: number;
  until: number;
  protected: boolean;
  /** Its end is being written. */
  open: boolean;
}

/** Milliseconds between two segments that nobody would call a gap. */
export const GAP = 500;

/** @param segments by their beginnings @returns joined where the gap is no longer than `GAP` and both are equally protected */
export function spansOf(segments: Iterable<Span>): Span[] {
  const spans: Span[] = [];
  for (const segment of segments) {
    const last = spans.at(-1);
    if (last && last.protected === segment.protected && segment.from - last.until <= GAP) {
      last.until = Math.max(last.until, segment.until);
      last.open ||= segment.open;
    } else spans.push({ ...segment });
  }
  return spans;
}
