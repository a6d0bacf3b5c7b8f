/** Cuts a fragmented MP4 as it comes out of a program (ISO/IEC 14496-12 §8.8) into its samples. Pure and total. */
import { type InitTrack, readInit } from './readInit.ts';

/** One coded picture, or one frame of sound. Times in units of its track's timescale; ffmpeg writes negative ones. */
export interface FragmentSample {
  readonly track: number;
  readonly decodedAt: number;
  readonly shownAt: number;
  readonly duration: number;
  /** A view of what was pushed. */
  readonly data: Buffer;
}

/** What samples have where neither their run nor their fragment says it (`trex`). */
interface Defaults {
  readonly duration: number;
  readonly size: number;
}

interface Run {
  readonly track: number;
  /** Where the data begins, from the first byte of the `moof`. */
  readonly offset: number;
  readonly samples: { decodedAt: number; shownAt: number; duration: number; size: number }[];
}

const HEADER = 8;
/** A picture of 8 MiB with what stands around it. */
const MOST_BYTES = 9 * 1024 * 1024;
const MOST_SAMPLES = 10_000;

/** Flags of `tfhd`: what follows the track's number, in this order. */
const TFHD = { base: 0x1, description: 0x2, duration: 0x8, size: 0x10 };
/** Of `trun`: once, then for each sample. */
const TRUN = { offset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, delay: 0x800 };

export class FragmentReader {
  #rest = Buffer.alloc(0);
  #tracks: InitTrack[] | undefined;
  #defaults = new Map<number, Defaults>();
  #runs: Run[] = [];
  /** Length of the `moof` that the runs are of. */
  #moof = 0;
  #broken: string | undefined;

  /** What the file's head says of its tracks; undefined before it has come. */
  get tracks(): readonly InitTrack[] | undefined {
    return this.#tracks;
  }

  /** Why nothing more is to be had of this program; undefined while all is well. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** The samples that are whole by now. */
  push(chunk: Buffer): FragmentSample[] {
    if (this.#broken !== undefined) return [];
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const samples: FragmentSample[] = [];
    let at = 0;
    try {
      while (at + HEADER <= bytes.length) {
        const length = bytes.readUInt32BE(at);
        if (length < HEADER || length > MOST_BYTES) throw new RangeError(`a box of ${length} bytes`);
        if (at + length > bytes.length) break;
        this.#box(bytes.subarray(at, at + length), samples);
        at += length;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#broken = error.message;
      return samples;
    }
    // A copy: the samples are views of this chunk, which must not be kept for its last bytes' sake.
    this.#rest = Buffer.from(bytes.subarray(at));
    return samples;
  }

  /** @throws RangeError */
  #box(box: Buffer, samples: FragmentSample[]): void {
    const type = typeOf(box);
    if (type === 'moov') {
      this.#tracks = readInit(box);
      if (!this.#tracks) throw new RangeError('a head without tracks');
      this.#defaults = defaultsOf(box);
    } else if (type === 'moof') {
      this.#moof = box.length;
      this.#runs = inside(box, HEADER)
        .filter((part) => typeOf(part) === 'traf')
        .flatMap((traf) => this.#fragment(traf));
    } else if (type === 'mdat') {
      for (const run of this.#runs) cut(box, run, this.#moof, samples);
      this.#runs = [];
    }
  }

  /** @throws RangeError */
  #fragment(traf: Buffer): Run[] {
    let header: { track: number; duration: number; size: number } | undefined;
    let time = 0;
    const runs: Run[] = [];
    for (const box of inside(traf, HEADER)) {
      const type = typeOf(box);
      if (type === 'tfhd') header = this.#header(box);
      else if (type === 'tfdt') time = box[8] === 1 ? Number(box.readBigInt64BE(12)) : box.readUInt32BE(12);
      else if (type === 'trun' && header) {
        const run = readRun(box, header, time);
        runs.push(run);
        time += run.samples.reduce((sum, { duration }) => sum + duration, 0);
      }
    }
    return runs;
  }

  #header(box: Buffer): { track: number; duration: number; size: number } {
    const track = box.readUInt32BE(12);
    const { duration, size } = this.#defaults.get(track) ?? { duration: 0, size: 0 };
    const fields = new Fields(box, 16);
    fields.skip(TFHD.base, 8);
    fields.skip(TFHD.description, 4);
    return { track, duration: fields.next(TFHD.duration, duration), size: fields.next(TFHD.size, size) };
  }
}

/** Fields of a box that are there where its flags say so, one after the other. */
class Fields {
  readonly #box: Buffer;
  readonly #flags: number;
  #at: number;

  constructor(box: Buffer, at: number) {
    this.#box = box;
    this.#flags = box.readUInt32BE(8) & 0x00ff_ffff;
    this.#at = at;
  }

  skip(flag: number, bytes: number): void {
    if (this.#flags & flag) this.#at += bytes;
  }

  /** @throws RangeError */
  next(flag: number, usual: number): number {
    if ((this.#flags & flag) === 0) return usual;
    this.#at += 4;
    return this.#box.readUInt32BE(this.#at - 4);
  }
}

/** @throws RangeError */
function readRun(
  box: Buffer,
  { track, duration, size }: { track: number; duration: number; size: number },
  begins: number,
): Run {
  const count = box.readUInt32BE(12);
  if (count > MOST_SAMPLES) throw new RangeError(`a run of ${count} samples`);
  const fields = new Fields(box, 16);
  const offset = fields.next(TRUN.offset, 0);
  fields.skip(TRUN.firstFlags, 4);
  let time = begins;
  const samples = Array.from({ length: count }, () => {
    const lasts = fields.next(TRUN.duration, duration);
    const bytes = fields.next(TRUN.size, size);
    fields.skip(TRUN.flags, 4);
    // Version 0 has no signs; nobody delays a picture by half of what 32 bits hold.
    const delay = fields.next(TRUN.delay, 0) | 0;
    const sample = { decodedAt: time, shownAt: time + delay, duration: lasts, size: bytes };
    time += lasts;
    return sample;
  });
  return { track, offset, samples };
}

/** @throws RangeError where the run reaches beyond its data */
function cut(
  mdat: Buffer,
  { track, offset, samples: run }: Run,
  moof: number,
  samples: FragmentSample[],
): void {
  let at = offset - moof;
  for (const { size, ...times } of run) {
    if (at < HEADER || at + size > mdat.length) throw new RangeError('a sample outside of its fragment');
    samples.push({ track, ...times, data: mdat.subarray(at, at + size) });
    at += size;
  }
}

/** Of each track, from the head. */
function defaultsOf(moov: Buffer): Map<number, Defaults> {
  const mvex = inside(moov, HEADER).find((box) => typeOf(box) === 'mvex');
  const found = mvex ? inside(mvex, HEADER).filter((box) => typeOf(box) === 'trex') : [];
  return new Map(
    found.map((trex) => [
      trex.readUInt32BE(12),
      { duration: trex.readUInt32BE(20), size: trex.readUInt32BE(24) },
    ]),
  );
}

/** The boxes in a box, behind so many of its bytes. @throws RangeError */
function inside(box: Buffer, from: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = from; at < box.length; ) {
    const length = box.readUInt32BE(at);
    if (length < HEADER || at + length > box.length)
      throw new RangeError('a box that ends outside of its own');
    parts.push(box.subarray(at, at + length));
    at += length;
  }
  return parts;
}

const typeOf = (box: Buffer) => box.toString('latin1', 4, HEADER);
