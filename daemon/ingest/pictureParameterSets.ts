import type { VideoParameters } from '../frame.ts';
import { rbsp, sameNals } from '../nal/annexB.ts';
import { BitReader } from '../nal/bitReader.ts';

const MAX_PPS = 16;

/** What a sequence parameter set stands for. */
export interface Sequence {
  /** It, and what must stand before it. */
  readonly nals: readonly Buffer[];
  readonly video: Omit<VideoParameters, 'parameterSets'>;
}

/**
 * The picture parameter sets that a stream has sent, by their ids, and the video that the one in use makes with its sequence: the
 * same in H.264 and H.265, whose picture parameter sets both begin with their own id and their sequence's.
 */
export class PictureParameterSets {
  readonly #headerLength: number;
  readonly #largest: { readonly id: number; readonly spsId: number };
  readonly #sets = new Map<number, { nal: Buffer; spsId: number }>();
  #video: VideoParameters | undefined;
  /** The set that `#video` was made for, undefined as soon as any set changed. */
  #active: number | undefined;

  /** @param largest the ids that the standard allows */
  constructor(headerLength: number, largest: { id: number; spsId: number }) {
    this.#headerLength = headerLength;
    this.#largest = largest;
  }

  values(): Iterable<{ readonly nal: Buffer }> {
    return this.#sets.values();
  }

  /** False: it makes no sense. The buffer is kept. */
  add(nal: Buffer): boolean {
    const bits = new BitReader(rbsp(nal, this.#headerLength, 16));
    const id = bits.ue();
    const spsId = bits.ue();
    if (bits.overrun || id > this.#largest.id || spsId > this.#largest.spsId) return false;
    if (this.#sets.size >= MAX_PPS && !this.#sets.has(id)) return false;
    this.#sets.set(id, { nal, spsId });
    return true;
  }

  /** A set that may be in use is another one now. */
  changed(): void {
    this.#active = undefined;
  }

  /**
   * What holds for a key picture whose slices name this set; undefined while a set of it is missing. The object stays the same until
   * the bytes of a set that is in use change.
   */
  activate(id: number, sequenceOf: (spsId: number) => Sequence | undefined): VideoParameters | undefined {
    if (this.#video !== undefined && this.#active === id) return this.#video;
    const spsId = this.#sets.get(id)?.spsId;
    const sequence = spsId === undefined ? undefined : sequenceOf(spsId);
    if (sequence === undefined) return undefined;

    // All of this sequence: the pictures until the next key picture may name any of them.
    const pictures = [...this.#sets]
      .filter(([, set]) => set.spsId === spsId)
      .sort(([a], [b]) => a - b)
      .map(([, { nal }]) => nal);
    const parameterSets = [...sequence.nals, ...pictures];
    this.#active = id;
    if (this.#video === undefined || !sameNals(this.#video.parameterSets, parameterSets))
      this.#video = { ...sequence.video, parameterSets };
    return this.#video;
  }
}
