const SOI = Buffer.of(0xff, 0xd8);

/**
 * Where the parser stands:
 * seek: between pictures · marker: before a marker · length: behind a marker that has a length · skip: inside such a segment ·
 * scan: entropy-coded data · scanFf: the last byte of that data was FF
 */
type State = 'seek' | 'marker' | 'length' | 'skip' | 'scan' | 'scanFf';

/**
 * Cuts a byte stream (ffmpeg's stdout) into whole JPEG pictures by their structure (ITU-T T.81, B.1): SOI, segments by their
 * length, entropy-coded data with its stuffed zeros and restart markers, EOI. How the stream was cut into chunks never matters,
 * and thumbnails inside APPn segments or FF D9 inside a comment deceive nobody.
 *
 * Total: what is no JPEG is skipped up to the next SOI and counted. A picture inside one chunk is a view on it (no copy),
 * otherwise there is one copy per picture.
 */
export class JpegSplitter {
  /** Bytes that belonged to no picture, or to one that was given up. */
  skippedBytes = 0;
  /** Pictures given up because they were longer than the bound. */
  oversized = 0;

  readonly #maxBytes: number;
  #state: State = 'seek';
  /** Chunks of the picture under way, without the current one. */
  #parts: Buffer[] = [];
  #partBytes = 0;
  /** Seek: the last byte of the chunk before was FF. */
  #pendingFf = false;
  /** marker: at least one FF was seen. */
  #markerFf = false;
  #marker = 0;
  #lengthHigh = -1;
  #skip = 0;

  /** @param maxBytes longest picture that is accepted; default 32 MiB */
  constructor(maxBytes = 32 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** The pictures that `chunk` completed, oldest first. The chunk must not be modified afterwards. */
  push(chunk: Buffer): Buffer[] {
    const pictures: Buffer[] = [];
    /** Where the picture under way begins in this chunk (0 when it began in an earlier one). */
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'seek') {
        const found = this.#seek(chunk, at);
        if (found === undefined) return pictures;
        ({ start, at } = found);
        continue;
      }
      const result = this.#step(chunk, at);
      if (result === 'end') {
        at += 1;
        pictures.push(this.#finish(chunk.subarray(start, at)));
      } else if (result === 'broken') {
        // Not past `at`, and with the FF before it: the two may be the SOI of the next picture.
        const afterFf = this.#state === 'scanFf' || (this.#state === 'marker' && this.#markerFf);
        this.#giveUp(at - start - (afterFf ? 1 : 0));
        this.#pendingFf = afterFf;
      } else {
        at = result;
        if (this.#partBytes + (at - start) > this.#maxBytes) {
          this.oversized += 1;
          this.#giveUp(at - start);
        }
      }
    }
    if (this.#state !== 'seek') {
      const rest = start === 0 ? chunk : chunk.subarray(start);
      this.#parts.push(rest);
      this.#partBytes += rest.length;
    }
    return pictures;
  }

  #seek(chunk: Buffer, at: number): { start: number; at: number } | undefined {
    if (this.#pendingFf) {
      this.#pendingFf = false;
      if (chunk[at] === 0xd8) {
        this.#parts = [SOI.subarray(0, 1)];
        this.#partBytes = 1;
        this.#begin();
        return { start: at, at: at + 1 };
      }
      this.skippedBytes += 1;
    }
    const found = chunk.indexOf(SOI, at);
    if (found >= 0) {
      this.skippedBytes += found - at;
      this.#begin();
      return { start: found, at: found + 2 };
    }
    this.#pendingFf = chunk[chunk.length - 1] === 0xff;
    this.skippedBytes += chunk.length - at - (this.#pendingFf ? 1 : 0);
    return undefined;
  }

  #begin(): void {
    this.#state = 'marker';
    this.#markerFf = false;
  }

  /** One step inside a picture: the next position, its end at `at`, or a byte that cannot stand there. */
  #step(chunk: Buffer, at: number): number | 'end' | 'broken' {
    const byte = chunk[at]!;
    switch (this.#state) {
      case 'marker':
        if (!this.#markerFf) {
          if (byte !== 0xff) return 'broken';
          this.#markerFf = true;
          return at + 1;
        }
        if (byte === 0xff) return at + 1; // fill bytes, B.1.1.2
        return this.#atMarker(byte, at);
      case 'length':
        if (this.#lengthHigh < 0) {
          this.#lengthHigh = byte;
          return at + 1;
        }
        this.#skip = this.#lengthHigh * 256 + byte - 2;
        if (this.#skip < 0) return 'broken';
        this.#state = 'skip';
        if (this.#skip === 0) this.#afterSegment();
        return at + 1;
      case 'skip': {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        if (this.#skip === 0) this.#afterSegment();
        return at + step;
      }
      case 'scan': {
        // An FF comes about once in 256 bytes, and indexOf of one byte is a native memchr.
        const ff = chunk.indexOf(0xff, at);
        if (ff < 0) return chunk.length;
        const next = chunk[ff + 1];
        if (next === 0) return ff + 2;
        this.#state = 'scanFf';
        return ff + 1;
      }
      default:
        if (byte === 0xff) return at + 1;
        if (byte === 0x00 || (byte >= 0xd0 && byte <= 0xd7)) {
          this.#state = 'scan';
          return at + 1;
        }
        return this.#atMarker(byte, at);
    }
  }

  #atMarker(marker: number, at: number): number | 'end' | 'broken' {
    if (marker === 0xd9) return 'end';
    if (marker === 0x00 || marker === 0xd8) return 'broken';
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      this.#begin(); // stands alone, without a length
      return at + 1;
    }
    this.#state = 'length';
    this.#marker = marker;
    this.#lengthHigh = -1;
    return at + 1;
  }

  #afterSegment(): void {
    if (this.#marker === 0xda) this.#state = 'scan';
    else this.#begin();
  }

  #finish(last: Buffer): Buffer {
    const picture = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#reset();
    return picture;
  }

  #giveUp(bytesInChunk: number): void {
    this.skippedBytes += this.#partBytes + bytesInChunk;
    this.#reset();
  }

  #reset(): void {
    this.#parts = [];
    this.#partBytes = 0;
    this.#state = 'seek';
    this.#pendingFf = false;
  }
}
