/** What RTP leaves out of a JPEG (RFC 2435): the headers in front of its scan. Pure. */

/** Baseline tables of ITU-T T.81, Annex K.1, in zigzag order. */
const LUMINANCE = [
  16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58,
  51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103,
  62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];
const CHROMINANCE = [
  ...[17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66],
  ...new Array<number>(50).fill(99),
];

/** DHT with the four tables of T.81, Annex K.3: each its class and id, how many codes there are of each length, their values. */
export const HUFFMAN: Buffer = Buffer.from(
  'ffc401a2' +
    '0000010501010101010100000000000000000102030405060708090a0b' +
    '0100030101010101010101010000000000000102030405060708090a0b' +
    '100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f0' +
    '2433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a' +
    '737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7' +
    'c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa' +
    '1100020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0' +
    '156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a63646566676869' +
    '6a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5' +
    'c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
  'hex',
);

/** Two quantization tables, one after the other: luminance, chrominance. */
export interface QuantizationTables {
  readonly data: Buffer;
  /** Bit 0: the first has 16 bits a value, bit 1: the second. */
  readonly precision: number;
}

/** RFC 2435 §4.2: the tables that a Q of 1 to 99 stands for; undefined for others. */
export function tablesOf(q: number): QuantizationTables | undefined {
  if (q < 1 || q > 99) return undefined;
  const factor = q < 50 ? Math.floor(5000 / q) : 200 - q * 2;
  const values = [...LUMINANCE, ...CHROMINANCE].map((value) =>
    Math.min(255, Math.max(1, Math.floor((value * factor + 50) / 100))),
  );
  return { data: Buffer.from(values), precision: 0 };
}

export interface JpegShape {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Chroma of half the lines as well (4:2:0), else of half the columns only (4:2:2). */
  readonly halfLines: boolean;
  /** MCUs between two restart markers; 0: there are none. */
  readonly restartInterval: number;
}

/** SOI up to SOS, behind which the scan stands (RFC 2435, appendix B). */
export function jpegHeaders(shape: JpegShape, { data, precision }: QuantizationTables): Buffer {
  const parts: Buffer[] = [Buffer.of(0xff, 0xd8)];
  let at = 0;
  for (const id of [0, 1]) {
    const wide = (precision >> id) & 1;
    // One table for both, of cameras that send grey pictures.
    const from = at < data.length ? at : 0;
    const table = data.subarray(from, from + (wide ? 128 : 64));
    at = from + table.length;
    parts.push(Buffer.of(0xff, 0xdb, 0, 3 + table.length, (wide << 4) | id), table);
  }
  if (shape.restartInterval > 0)
    parts.push(Buffer.of(0xff, 0xdd, 0, 4, shape.restartInterval >> 8, shape.restartInterval & 0xff));
  const { width, height, halfLines } = shape;
  const sampling = halfLines ? 0x22 : 0x21;
  parts.push(
    Buffer.of(0xff, 0xc0, 0, 17, 8, height >> 8, height & 0xff, width >> 8, width & 0xff, 3),
    Buffer.of(1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1),
    HUFFMAN,
    Buffer.of(0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0),
  );
  return Buffer.concat(parts);
}
