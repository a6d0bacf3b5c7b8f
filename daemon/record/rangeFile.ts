/** A range of recordings as one fragmented MP4 that lies nowhere: its length and every byte of it are known. The caller reads. */
import { type FragmentHead, readFragmentHead } from '../mp4/fragmentHead.ts';
import { VIDEO_TIMESCALE, VIDEO_TRACK } from '../mp4/initSegment.ts';
import { type IndexReference, sidx } from '../mp4/sidx.ts';
import type { PlannedFragment, PlannedSegment, RangePlan } from './rangePlan.ts';
import type { ReadAt } from './segmentLayout.ts';

/** 1/90000 s of one reference of the index at least, so that it has room for hours of a camera that sends key pictures only. */
const LEAST_REFERENCE = VIDEO_TIMESCALE / 2;
/** Bytes that are read at a time. */
const CHUNK = 256 * 1024;

/** A file was not as long as it was when the range was planned. */
export class RecordingGone extends Error {
  readonly code = 'recording_gone';
}

export class RangeFile<S extends PlannedSegment> {
  readonly plan: RangePlan<S>;
  /** Bytes. */
  readonly length: number;
  readonly #beginning: Buffer;
  /** Where each fragment begins. */
  readonly #starts: Float64Array;

  constructor(plan: RangePlan<S>) {
    this.plan = plan;
    // Chromium hangs in jumps by such an index where pictures are reordered, and finds its way without one.
    const isReordered = plan.fragments.some(({ place }) => place.reordered);
    const index = isReordered ? [] : [sidx(VIDEO_TRACK, VIDEO_TIMESCALE, references(plan))];
    this.#beginning = Buffer.concat([plan.init, ...index]);
    this.#starts = new Float64Array(plan.fragments.length);
    let at = this.#beginning.length;
    for (const [i, { place }] of plan.fragments.entries()) {
      this.#starts[i] = at;
      at += place.length;
    }
    this.length = at;
  }

  /**
   * @param from first byte @param until the one after the last
   * @param open of a segment's file; asked for again for each fragment
   * @throws RecordingGone, and what `open` and its reading throw
   */
  async *read(from: number, until: number, open: (segment: S) => Promise<ReadAt>): AsyncGenerator<Buffer> {
    if (from < this.#beginning.length) yield this.#beginning.subarray(from, until);
    const { fragments } = this.plan;
    for (let i = this.#indexAt(from); i < fragments.length && this.#starts[i]! < until; i++) {
      const fragment = fragments[i]!;
      const { offset, length, head } = fragment.place;
      const start = this.#starts[i]!;
      const read = await open(fragment.segment);
      // Bytes of this fragment.
      let at = Math.max(from - start, 0);
      const end = Math.min(until - start, length);
      if (at < head) {
        const bytes = await whole(read, offset, head);
        retime(bytes, fragment, i + 1);
        yield bytes.subarray(at, end);
        at = head;
      }
      for (; at < end; at += CHUNK) yield await whole(read, offset + at, Math.min(CHUNK, end - at));
    }
  }

  /** Of the fragment that holds a byte; 0 for the beginning. */
  #indexAt(byte: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= byte) low = middle;
      else high = middle;
    }
    return low;
  }
}

async function whole(read: ReadAt, offset: number, length: number): Promise<Buffer> {
  const bytes = await read(offset, length);
  if (bytes.length === length) return bytes;
  throw new RecordingGone('A recording is shorter than it was a moment ago.');
}

function references<S extends PlannedSegment>({ fragments }: RangePlan<S>): IndexReference[] {
  const found: { begins: number; bytes: number }[] = [];
  for (const { place, shift } of fragments) {
    const begins = place.begins + shift;
    const last = found.at(-1);
    if (last && (!place.key || begins - last.begins < LEAST_REFERENCE)) last.bytes += place.length;
    else found.push({ begins, bytes: place.length });
  }
  const end = fragments.at(-1);
  const ends = end ? end.place.ends + end.shift : 0;
  return found.map(({ begins, bytes }, i) => ({ bytes, duration: (found[i + 1]?.begins ?? ends) - begins }));
}

/** Writes the times and the number of its new place into a fragment's head. */
function retime<S extends PlannedSegment>(
  bytes: Buffer,
  { segment, shift }: PlannedFragment<S>,
  sequence: number,
): void {
  const head: FragmentHead | undefined = readFragmentHead(bytes);
  if (!head) throw new RecordingGone('A recording has changed in this moment.');
  const { tracks } = segment.layout;
  const shiftOf = (id: number) => {
    const timescale = tracks.find((track) => track.id === id)?.timescale ?? VIDEO_TIMESCALE;
    return BigInt(Math.round((shift * timescale) / VIDEO_TIMESCALE));
  };
  const move = (at: number, track: number) => {
    const time = bytes.readBigUInt64BE(at) + shiftOf(track);
    // Sound that began a moment before the first picture.
    bytes.writeBigUInt64BE(time < 0n ? 0n : time, at);
  };
  bytes.writeUInt32BE(sequence, head.sequenceAt);
  if (head.producer) move(head.producer.timeAt, head.producer.track);
  for (const { timeAt, track } of head.runs) move(timeAt, track);
}
