/** AV1 as RTP carries it (“RTP Payload Format For AV1”, AOM, v1.0.0): Axis with ARTPEC-9. Pure. */

import { av1Sequence } from './av1Sequence.ts';
import type { KeyPicture, PictureCoding } from './pictureCoding.ts';

/** OBU types (AV1 §6.2.2). */
const SEQUENCE_HEADER = 1;
const TEMPORAL_DELIMITER = 2;
const FRAME_HEADER = 3;
const FRAME = 6;
const TILE_LIST = 8;
const PADDING = 15;
/** Say nothing to a decoder, or must not be stored (AV1 in ISOBMFF §2.4). */
const LEFT_OUT = [TEMPORAL_DELIMITER, TILE_LIST, PADDING];
/** Bits of an OBU's first byte (§5.3.2). */
const EXTENDED = 0x04;
const SIZED = 0x02;
/** An `leb128` is no longer. */
const MAX_LEB128 = 8;

/** @param config the sequence header of a file (`av1C`), where the stream has none */
export function av1Coding(config: Buffer | undefined): PictureCoding {
  return {
    codec: 'av1',
    /** Z: the first piece continues one of the packet before. */
    begins: (payload) => ((payload[0] ?? 0) & 0x80) === 0,
    pictures(payloads) {
      const data = temporalUnit(payloads);
      return data ? [{ data, after: 0 }] : [];
    },
    key: (picture) => keyPicture(picture, config),
  };
}

interface Obu {
  readonly type: number;
  /** As it stands. */
  readonly whole: Buffer;
  readonly payload: Buffer;
}

/** The OBUs of a picture's packets (§4.4), each with its size, without those that are left out. */
function temporalUnit(payloads: readonly Buffer[]): Buffer | undefined {
  const elements: Buffer[] = [];
  let open: Buffer[] | undefined;
  for (const payload of payloads) {
    const header = payload[0] ?? 0;
    const pieces = elementsOf(payload, (header >> 4) & 3);
    if (!pieces) return undefined;
    pieces.forEach((piece, i) => {
      if (!(i === 0 && header & 0x80 && open)) open = [];
      open!.push(piece);
      const goesOn = i === pieces.length - 1 && header & 0x40;
      if (goesOn) return;
      elements.push(Buffer.concat(open!));
      open = undefined;
    });
  }
  const whole = Buffer.concat(elements.map(sized).filter((obu) => obu !== undefined));
  return whole.length > 0 ? whole : undefined;
}

/** @param count of its elements, the last without a length; 0: all have one @returns undefined: they make no sense */
function elementsOf(payload: Buffer, count: number): Buffer[] | undefined {
  const found: Buffer[] = [];
  for (let at = 1; at < payload.length; ) {
    if (found.length + 1 === count) {
      found.push(payload.subarray(at));
      break;
    }
    const length = leb128(payload, at);
    if (!length || length.end + length.value > payload.length) return undefined;
    at = length.end + length.value;
    found.push(payload.subarray(length.end, at));
  }
  return found;
}

/** With its size, which RTP leaves out; undefined: it is left out, or none. */
function sized(element: Buffer): Buffer | undefined {
  const header = element[0];
  if (header === undefined || header & 0x80 || LEFT_OUT.includes((header >> 3) & 15)) return undefined;
  if (header & SIZED) return element;
  const from = header & EXTENDED ? 2 : 1;
  const payload = element.subarray(from);
  return Buffer.concat([
    Buffer.of(header | SIZED),
    element.subarray(1, from),
    toLeb128(payload.length),
    payload,
  ]);
}

function keyPicture(picture: Buffer, config: Buffer | undefined): KeyPicture | undefined {
  const obus = [...obusOf(picture)];
  const frame = obus.find(({ type }) => type === FRAME || type === FRAME_HEADER);
  if (!frame) return undefined;
  const inBand = obus.find(({ type }) => type === SEQUENCE_HEADER);
  const header = inBand ?? (config && [...obusOf(config)].find(({ type }) => type === SEQUENCE_HEADER));
  const sequence = header && av1Sequence(header.payload);
  // show_existing_frame, then frame_type, of which 0 is a key frame (§5.9.2).
  const first = frame.payload[0] ?? 0xff;
  if (!sequence || !(sequence.stillPicture || first >> 5 === 0)) return undefined;
  const { width, height, fps, codecString } = sequence;
  return {
    data: inBand ? picture : Buffer.concat([header.whole, picture]),
    video: { width, height, fps, codecString, parameterSets: [Buffer.from(header.whole)] },
  };
}

/** Those that have a size; ends where one does not. */
function* obusOf(bytes: Buffer): Generator<Obu> {
  for (let at = 0; at < bytes.length; ) {
    const header = bytes[at]!;
    const size = leb128(bytes, at + (header & EXTENDED ? 2 : 1));
    if (!(header & SIZED) || !size || size.end + size.value > bytes.length) return;
    const end = size.end + size.value;
    yield {
      type: (header >> 3) & 15,
      whole: bytes.subarray(at, end),
      payload: bytes.subarray(size.end, end),
    };
    at = end;
  }
}

/** §4.10.5. `end`: what is behind it. */
function leb128(bytes: Buffer, from: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < MAX_LEB128; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, end: from + i + 1 };
  }
  return undefined;
}

function toLeb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}
