/** What is in a segment's file, by its boxes: those that segmentMaker.ts writes. Pure: the caller reads. */
import { readProducerTime } from '../mp4/producerTime.ts';

/** Bytes of a file. Fewer than asked for: it ends there. */
export type Read = (offset: number, length: number) => Buffer;

export interface SegmentContent {
  /** Bytes of the beginning, ftyp and moov. */
  init: number;
  /** Unix milliseconds of the first picture and of the end of the last one; equal where there is none. */
  from: number;
  until: number;
  /** Bytes up to the end of the last whole fragment: what follows was cut off. */
  whole: number;
  fragments: SegmentFragment[];
}

export interface SegmentFragment {
  /** Bytes from the file's beginning, the time of day in front of it included. */
  offset: number;
  length: number;
  /** Decoding times from the file's beginning, in units of 1/90000 s. */
  begins: number;
  ends: number;
  /** A player can begin here. */
  key: boolean;
}

const HEADER = 8;
/** A moof of ours has some hundred bytes; a damaged length must not make us read the disk. */
const MOST_MOOF = 1024 * 1024;
const TIMESCALE_MS = 90;
const NON_SYNC = 0x0001_0000;

/** @returns undefined: it is none of ours, or has not even a whole beginning */
export function readSegment(read: Read, size: number): SegmentContent | undefined {
  const fragments: SegmentFragment[] = [];
  let init = 0;
  let offset = 0;
  let from: number | undefined;
  let begin = 0;
  let times: Pick<SegmentFragment, 'begins' | 'ends' | 'key'> | undefined;
  for (;;) {
    const header = read(offset, HEADER);
    if (header.length < HEADER) break;
    const length = header.readUInt32BE(0);
    const type = header.toString('latin1', 4, 8);
    if (length < HEADER || offset + length > size) break;
    if (type === 'ftyp' || type === 'moov') {
      if (fragments.length > 0) break;
      init = offset + length;
      begin = init;
    } else if (init === 0) return undefined;
    else if (type === 'prft') {
      begin = offset;
      from ??= readProducerTime(read(offset, length));
    } else if (type === 'moof') {
      times = length > MOST_MOOF ? undefined : fragmentTimes(read(offset, length));
    } else if (type === 'mdat' && times) {
      fragments.push({ offset: begin, length: offset + length - begin, ...times });
      times = undefined;
    } else break;
    offset += length;
  }
  if (init === 0 || from === undefined) return undefined;
  const last = fragments.at(-1);
  const first = fragments[0];
  const duration = last && first ? (last.ends - first.begins) / TIMESCALE_MS : 0;
  const whole = last ? last.offset + last.length : init;
  return { init, from, until: from + duration, whole, fragments };
}

/** Of a moof whose first track is that of the pictures: tfdt version 1, and a trun that tells duration, size, flags and offset of each sample. */
function fragmentTimes(moof: Buffer): Pick<SegmentFragment, 'begins' | 'ends' | 'key'> | undefined {
  const tfdt = moof.indexOf('tfdt', 0, 'latin1');
  const trun = moof.indexOf('trun', 0, 'latin1');
  if (tfdt < 0 || trun < 0 || tfdt + 16 > moof.length || trun + 16 > moof.length) return undefined;
  const begins = Number(moof.readBigUInt64BE(tfdt + 8));
  const count = moof.readUInt32BE(trun + 8);
  const samples = trun + 16;
  if (samples + count * 16 > moof.length) return undefined;
  let ends = begins;
  for (let i = 0; i < count; i++) ends += moof.readUInt32BE(samples + i * 16);
  const key = count > 0 && (moof.readUInt32BE(samples + 8) & NON_SYNC) === 0;
  return { begins, ends, key };
}
