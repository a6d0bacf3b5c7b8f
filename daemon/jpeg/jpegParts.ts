/** What RTP carries of a JPEG (RFC 2435): the other way round than jpegHeaders.ts. Pure and total. */
import { HUFFMAN, type JpegShape, type QuantizationTables } from './jpegHeaders.ts';

/** Markers, ITU-T T.81, table B.1. */
const SOI = 0xffd8;
const SOF0 = 0xc0;
const DHT = 0xc4;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const END = Buffer.of(0xff, 0xd9);
/** Of a Huffman table: how many codes there are of each length, behind class and id. */
const HUFFMAN_COUNTS = 17;

export interface JpegParts {
  readonly shape: JpegShape;
  readonly tables: QuantizationTables;
  /** The entropy-coded data, without the end of the image. */
  readonly scan: Buffer;
}

/** Class and id → table, as they stand in DHT. */
const STANDARD = huffmanTables(HUFFMAN.subarray(4));

/**
 * Undefined where RTP has no way to say it: what is no JPEG, progressive and grey pictures, chroma as 4:4:4, and tables of Huffman's
 * codes that were made for the picture.
 */
export function jpegParts(data: Buffer): JpegParts | undefined {
  if (data.length < 4 || data.readUInt16BE(0) !== SOI) return undefined;
  const quantization = new Map<number, Buffer>();
  let frame: Frame | undefined;
  let restartInterval = 0;
  for (let at = 2; at + 4 <= data.length; ) {
    if (data[at] !== 0xff) return undefined;
    const marker = data[at + 1]!;
    if (marker === 0xff) {
      at++; // fill byte
      continue;
    }
    const end = at + 2 + data.readUInt16BE(at + 2);
    const segment = data.subarray(at + 4, end);
    if (end > data.length || segment.length !== end - at - 4) return undefined;
    if (marker === SOS) {
      const tables = frame && isWhole(segment) ? tablesOf(frame, quantization) : undefined;
      if (!frame || !tables) return undefined;
      const { width, height, halfLines } = frame;
      return { shape: { width, height, halfLines, restartInterval }, tables, scan: scanOf(data, end) };
    }
    if (marker === DQT) quantizationTables(segment, quantization);
    else if (marker === SOF0) frame = frameOf(segment);
    else if (marker === DRI && segment.length >= 2) restartInterval = segment.readUInt16BE(0);
    else if (marker === DHT && !isStandard(segment)) return undefined;
    // Any other frame header is of no baseline picture.
    else if (marker > SOF0 && marker <= 0xcf && marker !== DHT && marker !== 0xcc) return undefined;
    at = end;
  }
  return undefined;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly halfLines: boolean;
  /** Ids of the quantization tables of luma and chroma. */
  readonly luma: number;
  readonly chroma: number;
}

/** Three components, of which the first is sampled twice as often as the two others: across (type 0 of RTP), or down as well (1). */
function frameOf(segment: Buffer): Frame | undefined {
  if (segment.length < 15 || segment[0] !== 8 || segment[5] !== 3) return undefined;
  const [sampling, luma, sampling2, chroma, sampling3, chroma2] = [7, 8, 10, 11, 13, 14].map(
    (i) => segment[i]!,
  );
  if ((sampling !== 0x21 && sampling !== 0x22) || sampling2 !== 0x11 || sampling3 !== 0x11) return undefined;
  if (chroma !== chroma2) return undefined;
  const [height, width] = [segment.readUInt16BE(1), segment.readUInt16BE(3)];
  if (width === 0 || height === 0) return undefined;
  return { width, height, halfLines: sampling === 0x22, luma: luma!, chroma: chroma! };
}

/** One scan of all three, luma by the Huffman tables 0 and chroma by the tables 1. */
function isWhole(segment: Buffer): boolean {
  return (
    segment.length >= 7 && segment[0] === 3 && segment[2] === 0 && segment[4] === 0x11 && segment[6] === 0x11
  );
}

function tablesOf(
  { luma, chroma }: Frame,
  known: ReadonlyMap<number, Buffer>,
): QuantizationTables | undefined {
  const [first, second] = [known.get(luma), known.get(chroma)];
  if (!first || !second) return undefined;
  const precision = (first.length > 64 ? 1 : 0) | (second.length > 64 ? 2 : 0);
  return { data: Buffer.concat([first, second]), precision };
}

/** A segment may hold several. */
function quantizationTables(segment: Buffer, into: Map<number, Buffer>): void {
  for (let at = 0; at < segment.length; ) {
    const head = segment[at]!;
    const end = at + 1 + (head >> 4 ? 128 : 64);
    if (end > segment.length) return;
    into.set(head & 15, segment.subarray(at + 1, end));
    at = end;
  }
}

function isStandard(segment: Buffer): boolean {
  for (const [id, table] of huffmanTables(segment)) if (!STANDARD.get(id)?.equals(table)) return false;
  return true;
}

function huffmanTables(segment: Buffer): Map<number, Buffer> {
  const tables = new Map<number, Buffer>();
  for (let at = 0; at + HUFFMAN_COUNTS <= segment.length; ) {
    let end = at + HUFFMAN_COUNTS;
    for (const count of segment.subarray(at + 1, at + HUFFMAN_COUNTS)) end += count;
    tables.set(segment[at]!, segment.subarray(at + 1, end));
    at = end;
  }
  return tables;
}

/** Cameras put zeros behind the end. */
function scanOf(data: Buffer, from: number): Buffer {
  const end = data.lastIndexOf(END);
  return data.subarray(from, end < from ? data.length : end);
}
