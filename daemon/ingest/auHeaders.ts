/** The AU headers of RFC 3640 (§3.2.1): where in an RTP packet of `mpeg4-generic` the access units are. Pure and total. */
import { BitReader } from '../nal/bitReader.ts';

/** Bits of each field of an AU header, by the SDP. */
export interface AuHeaderLengths {
  readonly size: number;
  readonly index: number;
  readonly indexDelta: number;
  readonly ctsDelta: number;
  readonly dtsDelta: number;
  readonly streamState: number;
  readonly randomAccess: boolean;
  /** Of the size of an auxiliary section between headers and data. */
  readonly auxiliarySize: number;
}

export interface AuSection {
  /** Bytes of each access unit; of a fragment: of the whole unit, or of the fragment where senders misread the RFC. */
  readonly sizes: readonly number[];
  /** Units of other times lie between these. */
  readonly interleaved: boolean;
  /** The access units, one behind the other. A view. */
  readonly data: Buffer;
}

/** §3.3.5 and §3.3.6. */
const MODES: ReadonlyMap<string, readonly [size: number, index: number, indexDelta: number]> = new Map([
  ['aac-lbr', [6, 2, 2]],
  ['aac-hbr', [13, 3, 3]],
]);
/** More units in a packet are no sound: 128 of AAC are three seconds at 48 kHz. */
export const MOST_UNITS = 128;

/** From the format parameters; where the lengths are left out, from the mode, and AAC-hbr where that is too. */
export function auHeaderLengths(
  fmtp: ReadonlyMap<string, string>,
): AuHeaderLengths | { unsupported: string } {
  const mode = (fmtp.get('mode') ?? '').toLowerCase();
  if (mode.startsWith('celp')) return { unsupported: `mpeg4-generic of mode ${mode}` };
  const [size, index, indexDelta] = MODES.get(mode) ?? [13, 3, 3];
  const number = (name: string, otherwise = 0) => {
    const text = fmtp.get(name) ?? '';
    return /^\d{1,2}$/.test(text) && Number(text) <= 32 ? Number(text) : otherwise;
  };
  if (/^0*[1-9]/.test(fmtp.get('maxdisplacement') ?? ''))
    return { unsupported: 'interleaved AAC (maxDisplacement)' };
  return {
    size: number('sizelength', size) || size,
    index: number('indexlength', index),
    indexDelta: number('indexdeltalength', indexDelta),
    ctsDelta: number('ctsdeltalength'),
    dtsDelta: number('dtsdeltalength'),
    streamState: number('streamstateindication'),
    randomAccess: number('randomaccessindication') === 1,
    auxiliarySize: number('auxiliarydatasizelength'),
  };
}

/** Undefined where the payload is too short for what it states, or holds nothing. */
export function parseAuHeaders(payload: Buffer, lengths: AuHeaderLengths): AuSection | undefined {
  if (payload.length < 2) return undefined;
  const headerBits = payload.readUInt16BE(0);
  let start = 2 + Math.ceil(headerBits / 8);
  if (start > payload.length) return undefined;
  const reader = new BitReader(payload.subarray(2, start));
  const sizes: number[] = [];
  let interleaved = false;
  for (;;) {
    const index = sizes.length === 0 ? lengths.index : lengths.indexDelta;
    if (headerBits - reader.position < lengths.size + index) break;
    if (sizes.length === MOST_UNITS) return undefined;
    const size = reader.bits(lengths.size);
    // The first index may count on; only a delta says that units are left out here, to come in another packet.
    const skipped = reader.bits(index);
    if (sizes.length > 0 && skipped > 0) interleaved = true;
    if (lengths.ctsDelta > 0 && reader.flag()) reader.bits(lengths.ctsDelta);
    if (lengths.dtsDelta > 0 && reader.flag()) reader.bits(lengths.dtsDelta);
    if (lengths.randomAccess) reader.bit();
    reader.bits(lengths.streamState);
    sizes.push(size);
  }
  if (lengths.auxiliarySize > 0) {
    const auxiliary = new BitReader(payload.subarray(start));
    start += Math.ceil((auxiliary.bits(lengths.auxiliarySize) + lengths.auxiliarySize) / 8);
    if (start > payload.length) return undefined;
  }
  if (reader.overrun || sizes.length === 0 || start === payload.length) return undefined;
  return { sizes, interleaved, data: payload.subarray(start) };
}
