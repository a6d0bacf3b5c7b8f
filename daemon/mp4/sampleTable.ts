/** The samples of a track as an MP4 with its index in front lists them (ISO/IEC 14496-12 §8.6, §8.7). Pure. */
import { fullBox } from './rawBoxes.ts';

/** Times in units of the track. */
export interface ListedSample {
  /** Decoding time on the file's axis. */
  readonly dts: number;
  readonly duration: number;
  readonly bytes: number;
  readonly key: boolean;
  /** From decoding to presentation. */
  readonly delay: number;
}

/** Equal neighbours are counted, not repeated. */
class Runs {
  readonly values: number[] = [];
  readonly counts: number[] = [];

  add(value: number, count = 1): void {
    const last = this.values.length - 1;
    if (last >= 0 && this.values[last] === value) this.counts[last]! += count;
    else {
      this.values.push(value);
      this.counts.push(count);
    }
  }
}

/** Grows sample by sample: hours are a million of them. */
export class SampleTable {
  /** Decoding time of the first sample; 0 without one. */
  begins = 0;
  #sizes: number[] = [];
  #deltas = new Runs();
  #delays = new Runs();
  #keys: number[] = [];
  /** Of each chunk: where it is behind the media's first byte, and its samples. */
  #offsets: number[] = [];
  #perChunk: number[] = [];
  /** Where the last sample is on the axis, and how long it lasts if none follows. */
  #at = 0;
  #duration = 0;

  get samples(): number {
    return this.#sizes.length;
  }

  /** Where the last sample ends. */
  get ends(): number {
    return this.#at + this.#duration;
  }

  /** Samples whose data lie one after the other. @param offset of their first byte, behind the media's first one */
  addChunk(offset: number, samples: readonly ListedSample[]): void {
    if (samples.length === 0) return;
    this.#offsets.push(offset);
    this.#perChunk.push(samples.length);
    for (const sample of samples) this.#add(sample);
  }

  #add({ dts, duration, bytes, key, delay }: ListedSample): void {
    if (this.#sizes.length === 0) {
      this.begins = dts;
      this.#at = dts;
    } else {
      // Sound that overlaps at a seam: a table knows no steps back.
      const delta = Math.max(dts - this.#at, 1);
      this.#deltas.add(delta);
      this.#at += delta;
    }
    this.#duration = duration;
    this.#sizes.push(bytes);
    this.#delays.add(delay + dts - this.#at);
    if (key) this.#keys.push(this.#sizes.length);
  }

  /** The boxes behind `stsd`. @param media where the media's first byte is in the file @param allKeys every sample is one: sound */
  boxes(media: number, allKeys: boolean): Buffer[] {
    const deltas = new Runs();
    for (const [i, value] of this.#deltas.values.entries()) deltas.add(value, this.#deltas.counts[i]);
    if (this.#sizes.length > 0) deltas.add(this.#duration);
    const isDelayed = this.#delays.values.some((delay) => delay !== 0);
    return [
      fullBox('stts', 0, 0, runs(deltas)),
      ...(isDelayed ? [fullBox('ctts', 1, 0, runs(this.#delays))] : []),
      ...(allKeys ? [] : [fullBox('stss', 0, 0, words([this.#keys.length, ...this.#keys]))]),
      fullBox('stsc', 0, 0, this.#chunks()),
      fullBox('stsz', 0, 0, words([0, this.#sizes.length], this.#sizes)),
      fullBox('co64', 0, 0, this.#places(media)),
    ];
  }

  #chunks(): Buffer {
    const entries: number[] = [];
    for (const [i, count] of this.#perChunk.entries())
      if (count !== this.#perChunk[i - 1]) entries.push(i + 1, count, 1);
    return words([entries.length / 3], entries);
  }

  #places(media: number): Buffer {
    const bytes = Buffer.alloc(4 + this.#offsets.length * 8);
    bytes.writeUInt32BE(this.#offsets.length, 0);
    for (const [i, offset] of this.#offsets.entries())
      bytes.writeBigUInt64BE(BigInt(media + offset), 4 + i * 8);
    return bytes;
  }
}

function runs({ values, counts }: Runs): Buffer {
  const bytes = Buffer.alloc(4 + values.length * 8);
  bytes.writeUInt32BE(values.length, 0);
  for (const [i, value] of values.entries()) {
    bytes.writeUInt32BE(counts[i]!, 4 + i * 8);
    bytes.writeInt32BE(value | 0, 8 + i * 8);
  }
  return bytes;
}

function words(...lists: (readonly number[])[]): Buffer {
  const bytes = Buffer.alloc(lists.reduce((sum, { length }) => sum + length, 0) * 4);
  let at = 0;
  for (const list of lists) for (const word of list) at = bytes.writeUInt32BE(word, at);
  return bytes;
}
