/** Where in a segment's file what lies, for playing it: found by its boxes, a small read for each fragment. The caller reads. */
import { endOf, fragmentHeadBytes, readFragmentHead } from '../mp4/fragmentHead.ts';
import { VIDEO_TRACK } from '../mp4/initSegment.ts';
import { type InitTrack, readInit } from '../mp4/readInit.ts';

/** Bytes of a file. Fewer than asked for: it ends there. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

export interface FragmentPlace {
  /** Bytes from the file's beginning, what stands in front of the moof included. */
  readonly offset: number;
  readonly length: number;
  /** Bytes of it up to the samples. */
  readonly head: number;
  /** Decoding times of the video from the segment's beginning, in units of 1/90000 s. */
  readonly begins: number;
  readonly ends: number;
  /** … of its last picture. */
  readonly last: number;
  /** When its first picture is shown. */
  readonly shown: number;
  /** A player can begin here. */
  readonly key: boolean;
  /** Pictures are decoded in another order than they are shown. */
  readonly reordered: boolean;
}

export interface SegmentLayout {
  /** ftyp and moov. */
  readonly init: Buffer;
  readonly tracks: readonly InitTrack[];
  readonly fragments: readonly FragmentPlace[];
}

/** The beginning of a segment has some hundred bytes, the head of a fragment one or two thousand. */
const WINDOW = 4096;
/** A damaged length must not make us read the disk. */
const MOST = 1024 * 1024;

/** @param size bytes of the file that count @returns undefined: it is no segment of ours */
export async function readLayout(read: ReadAt, size: number): Promise<SegmentLayout | undefined> {
  const init = await readBeginning(read, size);
  const tracks = init && readInit(init);
  if (!init || !tracks) return undefined;
  const fragments: FragmentPlace[] = [];
  for (let offset = init.length; offset < size; ) {
    const place = await fragmentAt(read, offset, fragments.at(-1)?.ends ?? 0);
    // What follows is being written, or was cut off.
    if (!place || offset + place.length > size) break;
    fragments.push(place);
    offset += place.length;
  }
  return { init, tracks, fragments };
}

async function readBeginning(read: ReadAt, size: number): Promise<Buffer | undefined> {
  const first = await read(0, WINDOW);
  let end = 0;
  for (const type of ['ftyp', 'moov']) {
    if (end + 8 > first.length || first.toString('latin1', end + 4, end + 8) !== type) return undefined;
    const length = first.readUInt32BE(end);
    if (length < 8) return undefined;
    end += length;
  }
  if (end > MOST || end > size) return undefined;
  const init = end <= first.length ? first.subarray(0, end) : await read(0, end);
  return init.length === end ? Buffer.from(init) : undefined;
}

async function fragmentAt(read: ReadAt, offset: number, before: number): Promise<FragmentPlace | undefined> {
  let bytes = await read(offset, WINDOW);
  const needed = fragmentHeadBytes(bytes);
  if (needed === undefined || needed > MOST) return undefined;
  if (needed > bytes.length) bytes = await read(offset, needed);
  const head = readFragmentHead(bytes);
  if (!head) return undefined;
  const place = { offset, length: head.length, head: head.bytes };
  const video = head.runs.find(({ track }) => track === VIDEO_TRACK);
  if (!video)
    return {
      ...place,
      begins: before,
      ends: before,
      last: before,
      shown: before,
      key: false,
      reordered: false,
    };
  const ends = endOf(video);
  const last = ends - (video.samples.at(-1)?.duration ?? 0);
  const { begins, samples } = video;
  const delay = samples[0]?.delay ?? 0;
  let reordered = false;
  for (let i = 1; i < samples.length; i++)
    reordered ||= samples[i]!.delay + samples[i - 1]!.duration < samples[i - 1]!.delay;
  return { ...place, begins, ends, last, shown: begins + delay, key: samples[0]?.key === true, reordered };
}
