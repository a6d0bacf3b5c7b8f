/** AV1 as RTP carries it (“RTP Payload Format For AV1”, AOM, v1.0.0): Axis with ARTPEC-9. Pure. */

import { leb128, OBU_EXTENDED, OBU_SIZED, obusOf, obuType, toLeb128 } from '../../nal/obu.ts';
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
  if (header === undefined || header & 0x80 || LEFT_OUT.includes(obuType(header))) return undefined;
  if (header & OBU_SIZED) return element;
  const from = header & OBU_EXTENDED ? 2 : 1;
  const payload = element.subarray(from);
  return Buffer.concat([
    Buffer.of(header | OBU_SIZED),
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
