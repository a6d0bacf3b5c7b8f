/** What stands before the samples of a fragment that fragment.ts wrote: its times, and where in it they stand. Pure. */

/** The samples of one track. Offsets count from the first of the bytes that were read. */
export interface RunHead {
  readonly track: number;
  /** Where the decoding time stands, 8 bytes. */
  readonly timeAt: number;
  /** Decoding time of the first sample, in units of the track's timescale. */
  readonly begins: number;
  /** Where the first sample's data begins. */
  readonly dataAt: number;
  readonly samples: readonly SampleHead[];
}

export interface SampleHead {
  readonly duration: number;
  readonly bytes: number;
  readonly key: boolean;
  /** From decoding to presentation; may be negative. */
  readonly delay: number;
}

export interface FragmentHead {
  /** Bytes up to the samples, what stands in front of the moof included. */
  readonly bytes: number;
  /** Bytes of all of it. */
  readonly length: number;
  /** Where the sequence number stands, 4 bytes. */
  readonly sequenceAt: number;
  /** The time of day in front of it: where its media time stands, 8 bytes, and of which track that is. */
  readonly producer: { readonly track: number; readonly timeAt: number } | undefined;
  readonly runs: readonly RunHead[];
}

const HEADER = 8;
const NON_SYNC = 0x0001_0000;
/** fragment.ts writes no other kinds: data offset; duration, size, flags and composition offset of each sample. */
const RUN_FLAGS = 0x000f01;
const SAMPLE = 16;

/**
 * How many bytes must be read for `readFragmentHead`, by their first ones.
 * @returns undefined: no fragment of ours begins here
 */
export function fragmentHeadBytes(bytes: Buffer): number | undefined {
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const { length, type } = boxAt(bytes, at);
    if (length < HEADER || (type !== 'prft' && type !== 'moof')) return undefined;
    at += length;
    if (type === 'moof') return at + HEADER;
  }
  return at === 0 ? undefined : at + HEADER;
}

/** Total. @returns undefined: that is no whole head of a fragment of ours */
export function readFragmentHead(bytes: Buffer): FragmentHead | undefined {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function read(bytes: Buffer): FragmentHead | undefined {
  let at = 0;
  let producer: FragmentHead['producer'];
  let { length, type } = boxAt(bytes, at);
  while (type === 'prft' && length >= 32) {
    producer = { track: bytes.readUInt32BE(at + 12), timeAt: at + 24 };
    at += length;
    ({ length, type } = boxAt(bytes, at));
  }
  const moofEnd = at + length;
  if (type !== 'moof' || moofEnd + HEADER > bytes.length) return undefined;
  const data = boxAt(bytes, moofEnd);
  if (data.type !== 'mdat' || data.length < HEADER) return undefined;
  let sequenceAt: number | undefined;
  const runs: RunHead[] = [];
  for (const box of boxes(bytes, at + HEADER, moofEnd)) {
    if (box.type === 'mfhd') sequenceAt = box.at + 12;
    else if (box.type === 'traf') {
      const run = trackRun(bytes, at, box.at + HEADER, box.at + box.length);
      if (!run) return undefined;
      runs.push(run);
    }
  }
  if (sequenceAt === undefined) return undefined;
  return { bytes: moofEnd + HEADER, length: moofEnd + data.length, sequenceAt, producer, runs };
}

function trackRun(bytes: Buffer, moof: number, from: number, to: number): RunHead | undefined {
  let track: number | undefined;
  let timeAt: number | undefined;
  for (const { type, at } of boxes(bytes, from, to)) {
    if (type === 'tfhd') track = bytes.readUInt32BE(at + 12);
    else if (type === 'tfdt' && bytes[at + 8] === 1) timeAt = at + 12;
    else if (type === 'trun') {
      if (track === undefined || timeAt === undefined) return undefined;
      if ((bytes.readUInt32BE(at + 8) & 0x00ff_ffff) !== RUN_FLAGS) return undefined;
      const count = bytes.readUInt32BE(at + 12);
      const table = at + 20;
      if (table + count * SAMPLE > to) return undefined;
      const samples = Array.from({ length: count }, (_, i) => {
        const sample = table + i * SAMPLE;
        return {
          duration: bytes.readUInt32BE(sample),
          bytes: bytes.readUInt32BE(sample + 4),
          key: (bytes.readUInt32BE(sample + 8) & NON_SYNC) === 0,
          delay: bytes.readInt32BE(sample + 12),
        };
      });
      const begins = Number(bytes.readBigUInt64BE(timeAt));
      return { track, timeAt, begins, dataAt: moof + bytes.readInt32BE(at + 16), samples };
    }
  }
  return undefined;
}

/** The time at which a run ends, in units of its track's timescale. */
export function endOf({ begins, samples }: RunHead): number {
  return samples.reduce((time, { duration }) => time + duration, begins);
}

interface BoxAt {
  at: number;
  length: number;
  type: string;
}

/** @throws RangeError beyond the end */
function boxAt(bytes: Buffer, at: number): BoxAt {
  return { at, length: bytes.readUInt32BE(at), type: bytes.toString('latin1', at + 4, at + 8) };
}

function* boxes(bytes: Buffer, from: number, to: number): Iterable<BoxAt> {
  for (let at = from; at + HEADER <= to; ) {
    const box = boxAt(bytes, at);
    if (box.length < HEADER || at + box.length > to) return;
    yield box;
    at += box.length;
  }
}
