/** What a sample entry (`stsd`) says of the samples of its track (ISO/IEC 14496-12 §8.5.2, 14496-15, 14496-14). Pure and total. */

/** How samples are coded that are made of NAL units: each NAL unit behind its length. */
export interface NalEntry {
  readonly codec: 'h264' | 'hevc';
  readonly lengthSize: number;
  readonly parameterSets: readonly Buffer[];
}

/** How samples are coded each of which is a picture as its coding has it; `config`: headers that need not be in the samples. */
export interface PictureEntry {
  readonly codec: 'mjpeg' | 'mpeg4' | 'vp9' | 'av1';
  readonly config?: Buffer | undefined;
}

export type ReadEntry =
  | NalEntry
  | PictureEntry
  /** The AudioSpecificConfig. */
  | { readonly codec: 'aac'; readonly config: Buffer }
  | { readonly codec: 'opus'; readonly channels: number }
  /** Anything else, by the four characters of its entry. */
  | { readonly codec: undefined; readonly name: string };

const HEADER = 8;
/** Bytes of an entry before the boxes in it, its header among them. */
const VISUAL = 86;
const AUDIO = 36;
/** Descriptors of MPEG-4 systems (ISO/IEC 14496-1 §7.2.6), and object types in them. */
const ES = 3;
const DECODER_CONFIG = 4;
const DECODER_SPECIFIC = 5;
const AAC_TYPES = [0x40, 0x66, 0x67, 0x68];
const JPEG_TYPE = 0x6c;
const MPEG4_VIDEO_TYPE = 0x20;
/** Bytes of `av1C` before the OBUs in it (AV1 in ISOBMFF §2.3.3). */
const AV1_FIELDS = 4;

/** @returns undefined: there is no entry in it that can be read */
export function readSampleEntry(stsd: Buffer): ReadEntry | undefined {
  try {
    const entry = stsd.subarray(16, 16 + stsd.readUInt32BE(16));
    return read(entry, entry.toString('latin1', 4, HEADER));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @throws RangeError */
function read(entry: Buffer, name: string): ReadEntry | undefined {
  switch (name) {
    case 'avc1':
    case 'avc3':
      return avcEntry(within(entry, VISUAL, 'avcC'));
    case 'hvc1':
    case 'hev1':
      return hevcEntry(within(entry, VISUAL, 'hvcC'));
    case 'jpeg':
    case 'mjpa':
      return { codec: 'mjpeg' };
    case 'mp4v': {
      const { type, specific } = esds(within(entry, VISUAL, 'esds'));
      if (type === MPEG4_VIDEO_TYPE) return { codec: 'mpeg4', config: specific };
      return type === JPEG_TYPE ? { codec: 'mjpeg' } : { codec: undefined, name };
    }
    case 'vp09':
      return { codec: 'vp9' };
    case 'av01':
      return { codec: 'av1', config: within(entry, VISUAL, 'av1C').subarray(AV1_FIELDS) };
    case 'mp4a': {
      const { type, specific } = esds(within(entry, AUDIO, 'esds'));
      return specific && AAC_TYPES.includes(type)
        ? { codec: 'aac', config: specific }
        : { codec: undefined, name };
    }
    case 'Opus':
      return { codec: 'opus', channels: within(entry, AUDIO, 'dOps').readUInt8(1) };
    default:
      return { codec: undefined, name };
  }
}

/** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3.1. @throws RangeError */
function avcEntry(record: Buffer): NalEntry {
  const parameterSets: Buffer[] = [];
  let at = 5;
  const sets = (count: number) => {
    for (let i = 0; i < count; i++) {
      const length = record.readUInt16BE(at);
      parameterSets.push(part(record, at + 2, length));
      at += 2 + length;
    }
  };
  sets(record.readUInt8(at++) & 0x1f);
  sets(record.readUInt8(at++));
  return { codec: 'h264', lengthSize: (record.readUInt8(4) & 3) + 1, parameterSets };
}

/** HEVCDecoderConfigurationRecord, ISO/IEC 14496-15 §8.3.3.1. @throws RangeError */
function hevcEntry(record: Buffer): NalEntry {
  const parameterSets: Buffer[] = [];
  let at = 23;
  for (let array = record.readUInt8(22); array > 0; array--) {
    let count = record.readUInt16BE(at + 1);
    at += 3;
    for (; count > 0; count--) {
      const length = record.readUInt16BE(at);
      parameterSets.push(part(record, at + 2, length));
      at += 2 + length;
    }
  }
  return { codec: 'hevc', lengthSize: (record.readUInt8(21) & 3) + 1, parameterSets };
}

/** @throws RangeError */
function esds(content: Buffer): { type: number; specific: Buffer | undefined } {
  const es = descriptor(content, 4, ES);
  const flags = es.readUInt8(2);
  const behind =
    3 + (flags & 0x80 ? 2 : 0) + (flags & 0x40 ? 1 + es.readUInt8(3) : 0) + (flags & 0x20 ? 2 : 0);
  const config = descriptor(es, behind, DECODER_CONFIG);
  const specific = config.length > 13 ? descriptor(config, 13, DECODER_SPECIFIC) : undefined;
  return { type: config.readUInt8(0), specific };
}

/** The content of a descriptor. @throws RangeError where another one stands there */
function descriptor(bytes: Buffer, at: number, tag: number): Buffer {
  if (bytes.readUInt8(at) !== tag) throw new RangeError(`no descriptor ${tag}`);
  let length = 0;
  let next = at + 1;
  for (let more = true; more; ) {
    const byte = bytes.readUInt8(next++);
    length = ((length << 7) | (byte & 0x7f)) >>> 0;
    more = (byte & 0x80) !== 0 && next < at + 5;
  }
  return part(bytes, next, length);
}

/** The content of a box in an entry. @throws RangeError where there is none */
function within(entry: Buffer, from: number, type: string): Buffer {
  for (let at = from; at + HEADER <= entry.length; ) {
    const length = entry.readUInt32BE(at);
    if (length < HEADER) break;
    const box = part(entry, at, length);
    if (box.toString('latin1', 4, HEADER) === type) return box.subarray(HEADER);
    at += length;
  }
  throw new RangeError(`no ${type}`);
}

/** @throws RangeError */
function part(bytes: Buffer, from: number, length: number): Buffer {
  if (from + length > bytes.length) throw new RangeError('it ends outside');
  return bytes.subarray(from, from + length);
}
