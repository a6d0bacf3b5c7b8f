import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { JpegSplitter } from '../../daemon/jpeg/jpegSplitter.ts';

const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];

/** A marker segment with its length. */
function segment(marker: number, payload: readonly number[]): number[] {
  const length = payload.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...payload];
}

/** Entropy-coded data as an encoder writes it: each FF stuffed, restart markers between. */
const scanData = fc
  .array(
    fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 0, max: 0xfe }).map((byte) => [byte]) },
      { weight: 5, arbitrary: fc.constant([0xff, 0x00]) },
      { weight: 1, arbitrary: fc.integer({ min: 0xd0, max: 0xd7 }).map((marker) => [0xff, marker]) },
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.flat());

const anySegment = fc
  .tuple(
    fc.constantFrom(0xe0, 0xe1, 0xfe, 0xdb, 0xc4, 0xc0),
    fc.array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xff, 0xd8, 0xd9)), {
      maxLength: 30,
    }),
  )
  .map(([marker, payload]) => segment(marker, payload));

const jpeg = fc
  .tuple(fc.array(anySegment, { maxLength: 4 }), fc.array(scanData, { minLength: 1, maxLength: 3 }))
  .map(([segments, scans]) =>
    Buffer.from([
      ...SOI,
      ...segments.flat(),
      ...scans.flatMap((scan) => [...segment(0xda, [1, 1, 0, 0, 63, 0]), ...scan]),
      ...EOI,
    ]),
  );

/** Cuts a buffer at the given places. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (whole.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...sorted, whole.length];
  return edges.slice(1).map((end, index) => whole.subarray(edges[index], end));
}

function split(splitter: JpegSplitter, chunks: readonly Buffer[]): Buffer[] {
  return chunks.flatMap((chunk) => splitter.push(chunk));
}

describe('JpegSplitter', () => {
  it('finds every picture whole, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(jpeg, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (pictures, places) => {
          const splitter = new JpegSplitter();
          const found = split(splitter, cut(Buffer.concat(pictures), places));
          assert.deepEqual(found, pictures);
          assert.equal(splitter.skippedBytes, 0);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('gives the same byte by byte as in one piece, for any bytes, and accounts for each of them', () => {
    const bytes = fc
      .array(
        fc.oneof(
          fc.uint8Array({ maxLength: 20 }).map((array) => [...array]),
          fc.constantFrom(
            SOI,
            EOI,
            [0xff],
            [0xff, 0x00],
            segment(0xda, [1, 2]),
            segment(0xe0, []),
            [0xff, 0xda, 0, 1],
          ),
        ),
        { maxLength: 30 },
      )
      .map((parts) => Buffer.from(parts.flat()));
    fc.assert(
      fc.property(bytes, (stream) => {
        const whole = new JpegSplitter(64);
        const single = new JpegSplitter(64);
        const found = whole.push(stream);
        const singly = split(
          single,
          [...stream].map((byte) => Buffer.of(byte)),
        );
        assert.deepEqual(singly, found);
        const size = found.reduce((sum, picture) => sum + picture.length, 0);
        assert.ok(size + whole.skippedBytes <= stream.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('is not deceived by EOI and SOI inside a comment or a thumbnail', () => {
    const picture = Buffer.from([
      ...SOI,
      ...segment(0xfe, [...EOI, ...SOI, ...EOI]),
      ...segment(0xda, [0]),
      1,
      2,
      ...EOI,
    ]);
    assert.deepEqual(new JpegSplitter().push(picture), [picture]);
  });

  it('accepts fill bytes before a marker', () => {
    const picture = Buffer.from([
      ...SOI,
      0xff,
      0xff,
      ...segment(0xe0, [7]),
      ...segment(0xda, [0]),
      5,
      0xff,
      0xff,
      0xd9,
    ]);
    assert.deepEqual(new JpegSplitter().push(picture), [picture]);
  });

  it('skips garbage between pictures and counts it', () => {
    const picture = Buffer.from([...SOI, ...segment(0xda, [0]), 1, ...EOI]);
    const splitter = new JpegSplitter();
    const found = splitter.push(
      Buffer.concat([Buffer.from('noise\xff', 'latin1'), picture, Buffer.from('more'), picture]),
    );
    assert.deepEqual(found, [picture, picture]);
    assert.equal(splitter.skippedBytes, 10);
  });

  it('gives up a picture that is cut short, and takes the next one, also when its SOI comes in two chunks', () => {
    const picture = Buffer.from([...SOI, ...segment(0xda, [0]), 1, ...EOI]);
    const short = Buffer.from([...SOI, ...segment(0xda, [0]), 1, 2, 3]);
    const splitter = new JpegSplitter();
    assert.deepEqual(splitter.push(Buffer.concat([short, picture.subarray(0, 1)])), []);
    assert.deepEqual(splitter.push(picture.subarray(1)), [picture]);
    assert.equal(splitter.skippedBytes, short.length);
  });

  it('gives up a picture that never ends at its bound, and goes on with the next', () => {
    const picture = Buffer.from([...SOI, ...segment(0xda, [0]), 1, ...EOI]);
    const splitter = new JpegSplitter(1000);
    const endless = Buffer.alloc(300, 0x55);
    assert.deepEqual(
      split(splitter, [picture.subarray(0, 9), endless, endless, endless, endless, endless]),
      [],
    );
    assert.equal(splitter.oversized, 1);
    assert.deepEqual(splitter.push(picture), [picture]);
  });

  it('cuts what ffmpeg writes into pictures of known number', () => {
    const stream = execFileSync(
      'ffmpeg',
      [
        '-nostdin',
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc2=size=320x180:rate=5',
        '-frames:v',
        '7',
        '-f',
        'mjpeg',
        'pipe:1',
      ],
      { maxBuffer: 16 * 1024 * 1024 },
    );
    const splitter = new JpegSplitter();
    const pictures = split(splitter, cut(stream, [1, 1000, 1001, 20_000, 33_333]));
    assert.equal(pictures.length, 7);
    assert.deepEqual(Buffer.concat(pictures), stream);
  });
});
