/** The few times that a live player reads from MP4, and the one that it writes: ISO/IEC 14496-12. Pure; total. */

/** Boxes that are searched for others. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'moof', 'traf']);
/** Of a track fragment's header (§8.8.7.1) and of a track run (§8.8.8.1): which of their fields are there. */
const BASE_OFFSET = 0x1;
const DESCRIPTION_INDEX = 0x2;
const DEFAULT_DURATION = 0x8;
const DATA_OFFSET = 0x1;
const FIRST_FLAGS = 0x4;
const SAMPLE_DURATION = 0x100;
const SAMPLE_SIZE = 0x200;
const SAMPLE_FLAGS = 0x400;
const COMPOSITION_OFFSET = 0x800;

/** Of a fragment's picture, in units of the track's timescale. */
export interface FragmentTimes {
  readonly decode: number;
  /** From decoding to presentation. */
  readonly offset: number;
  /** Undefined where the fragment leaves it to the initialisation segment. */
  readonly duration: number | undefined;
}

/** Units of a second of the first track in an initialisation segment. */
export function timescaleOf(segment: Uint8Array): number | undefined {
  const mdhd = find(segment, 'mdhd');
  const timescale = mdhd && u32(mdhd, u8(mdhd, 0) === 1 ? 20 : 12);
  return timescale === 0 ? undefined : timescale;
}

export function readTimes(fragment: Uint8Array): FragmentTimes | undefined {
  const tfdt = find(fragment, 'tfdt');
  const trun = find(fragment, 'trun');
  if (!tfdt || !trun) return undefined;
  const decode = u8(tfdt, 0) === 1 ? u64(tfdt, 4) : u32(tfdt, 4);
  if (decode === undefined) return undefined;
  // Offsets are unsigned in version 0. Encoders write small negative ones there too.
  const offset = (runField(trun, COMPOSITION_OFFSET) ?? 0) | 0;
  return { decode, offset, duration: runField(trun, SAMPLE_DURATION) ?? defaultDuration(fragment) };
}

/** Moves a fragment whose times could be read, in place. @param decode whole, not negative */
export function writeDecodeTime(fragment: Uint8Array, decode: number): void {
  const tfdt = find(fragment, 'tfdt');
  const long = tfdt && u8(tfdt, 0) === 1;
  if (!tfdt || tfdt.byteLength < (long ? 12 : 8)) return;
  if (long) tfdt.setBigUint64(4, BigInt(decode));
  else tfdt.setUint32(4, decode);
}

/** A field of the run's first sample. */
function runField(trun: DataView, field: number): number | undefined {
  const flags = flagsOf(trun);
  if (!(flags & field)) return undefined;
  const order = [DATA_OFFSET, FIRST_FLAGS, SAMPLE_DURATION, SAMPLE_SIZE, SAMPLE_FLAGS, COMPOSITION_OFFSET];
  const before = order.slice(0, order.indexOf(field)).filter((flag) => flags & flag).length;
  return u32(trun, 8 + 4 * before);
}

function defaultDuration(fragment: Uint8Array): number | undefined {
  const tfhd = find(fragment, 'tfhd');
  if (!tfhd) return undefined;
  const flags = flagsOf(tfhd);
  if (!(flags & DEFAULT_DURATION)) return undefined;
  return u32(tfhd, 8 + (flags & BASE_OFFSET ? 8 : 0) + (flags & DESCRIPTION_INDEX ? 4 : 0));
}

const flagsOf = (box: DataView) => (u32(box, 0) ?? 0) & 0xff_ffff;

/** The body of the first box of that type, at any depth. */
function find(bytes: Uint8Array, wanted: string): DataView | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const search = (from: number, to: number): DataView | undefined => {
    for (let at = from; at + 8 <= to; ) {
      const size = view.getUint32(at);
      const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      const end = at + size;
      // Sizes of 64 bits (1) and to the end of the file (0) are for the media data of long files.
      if (size < 8 || end > to) return undefined;
      if (type === wanted) return new DataView(bytes.buffer, bytes.byteOffset + at + 8, size - 8);
      const found = CONTAINERS.has(type) ? search(at + 8, end) : undefined;
      if (found) return found;
      at = end;
    }
    return undefined;
  };
  return search(0, bytes.length);
}

const u8 = (view: DataView, at: number) => (at + 1 <= view.byteLength ? view.getUint8(at) : undefined);
const u32 = (view: DataView, at: number) => (at + 4 <= view.byteLength ? view.getUint32(at) : undefined);
/** Exact for 3000 years at 90 kHz. */
const u64 = (view: DataView, at: number) =>
  at + 8 <= view.byteLength ? Number(view.getBigUint64(at)) : undefined;
