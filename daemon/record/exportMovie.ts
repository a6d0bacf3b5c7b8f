/** A plan of fragments as one MP4 with its index in front. Pure: the caller reads the heads of the fragments. */
import type { FragmentHead, SampleHead } from '../mp4/fragmentHead.ts';
import { VIDEO_TIMESCALE, VIDEO_TRACK } from '../mp4/initSegment.ts';
import { type MovieTrack, movieHead } from '../mp4/movie.ts';
import { type ListedSample, SampleTable } from '../mp4/sampleTable.ts';
import type { PlannedFragment, PlannedSegment, RangePlan } from './rangePlan.ts';

/** Bytes of a segment's file that are copied as they are. */
export interface Copy<S> {
  readonly segment: S;
  readonly offset: number;
  readonly bytes: number;
}

export interface ExportMovie<S> {
  /** What is in front of the copies. */
  readonly head: Buffer;
  readonly copies: readonly Copy<S>[];
  /** Of the whole file. */
  readonly bytes: number;
  /** Unix milliseconds of what players show. */
  readonly from: number;
  readonly until: number;
}

const PER_MS = VIDEO_TIMESCALE / 1000;

/**
 * @param exact Unix milliseconds that players are to show, by an edit list; undefined: all of the plan
 * @param readHead of a fragment
 */
export async function layOutMovie<S extends PlannedSegment>(
  plan: RangePlan<S>,
  exact: { from: number; until: number } | undefined,
  readHead: (fragment: PlannedFragment<S>) => Promise<FragmentHead>,
): Promise<ExportMovie<S>> {
  const from = exact ? (exact.from - plan.from) * PER_MS : 0;
  const until = exact ? (exact.until - plan.from) * PER_MS : Number.POSITIVE_INFINITY;
  const tables = new Map<number, SampleTable>();
  const tracks: MovieTrack[] = [];
  for (const track of plan.fragments[0]?.segment.layout.tracks ?? []) {
    const table = new SampleTable();
    tables.set(track.id, table);
    tracks.push({ track, table });
  }
  const copies: Copy<S>[] = [];
  let media = 0;
  /** Of pictures: the first, the last that is shown not after `from`, and the end of the last. */
  let first = Number.POSITIVE_INFINITY;
  let begins = Number.NEGATIVE_INFINITY;
  let ends = 0;
  const last = plan.fragments.at(-1);
  for (const fragment of plan.fragments) {
    const { runs } = await readHead(fragment);
    for (const { track, begins: start, dataAt, samples } of runs) {
      const table = tables.get(track);
      if (!table) continue;
      const { timescale } = tracks.find((one) => one.track.id === track)!.track;
      const shift = Math.round((fragment.shift * timescale) / VIDEO_TIMESCALE);
      // Of others all is kept: pictures may be decoded in another order than they are shown.
      const limit = fragment === last ? (until * timescale) / VIDEO_TIMESCALE : Number.POSITIVE_INFINITY;
      const listed = upTo(limit, placed(samples, start + shift));
      const bytes = listed.reduce((sum, sample) => sum + sample.bytes, 0);
      table.addChunk(media, listed);
      if (bytes > 0)
        copies.push({ segment: fragment.segment, offset: fragment.place.offset + dataAt, bytes });
      media += bytes;
      if (track !== VIDEO_TRACK) continue;
      for (const { dts, delay, duration } of listed) {
        const shown = dts + delay;
        first = Math.min(first, shown);
        if (shown <= from) begins = Math.max(begins, shown);
        ends = Math.max(ends, shown + duration);
      }
    }
  }
  const shown = {
    from: Math.round(Math.max(begins, Math.min(first, ends))),
    until: Math.round(Math.min(until, ends)),
  };
  const used = tracks.filter(({ table }) => table.samples > 0);
  const createdAt = plan.from + shown.from / PER_MS;
  const head = movieHead({ tracks: used, shown, createdAt, media });
  return {
    ...{ head, copies, bytes: head.length + media },
    from: createdAt,
    until: plan.from + shown.until / PER_MS,
  };
}

function placed(samples: readonly SampleHead[], begins: number): ListedSample[] {
  let dts = begins;
  return samples.map((sample) => {
    const listed = { ...sample, dts };
    dts += sample.duration;
    return listed;
  });
}

/** Without what nobody sees behind the last sample that is shown before `limit`: those in between may be needed to decode it. */
function upTo(limit: number, samples: ListedSample[]): ListedSample[] {
  return samples.slice(0, samples.findLastIndex(({ dts, delay }) => dts + delay < limit) + 1);
}
