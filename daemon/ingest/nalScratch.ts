import { START_CODE } from '../nal/annexB.ts';

const FIRST_CAPACITY = 64 * 1024;
/** Room that is not kept from one access unit to the next: one huge picture must not cost its memory for ever. */
const KEPT_CAPACITY = 1024 * 1024;

/**
 * Growing bytes in which an access unit is put together: packets are copied in as they come, so that nothing holds on
 * to the network's buffers and fragments need no joining.
 */
export class NalScratch {
  readonly #limit: number;
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = 0;

  /** `limit`: most bytes that an access unit may have. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  /** False, and nothing is changed, where the limit would be passed. */
  append(bytes: Buffer): boolean {
    const length = this.#length + bytes.length;
    if (length > this.#limit) return false;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    bytes.copy(this.#bytes, this.#length);
    this.#length = length;
    return true;
  }

  appendNal(nal: Buffer): boolean {
    const before = this.#length;
    if (this.append(START_CODE) && this.append(nal)) return true;
    this.#length = before;
    return false;
  }

  /** A view, valid until the next change. */
  from(position: number): Buffer {
    return this.#bytes.subarray(position, this.#length);
  }

  /** Forgets what comes after a position. */
  truncate(position: number): void {
    this.#length = Math.min(position, this.#length);
  }

  /** A new buffer: the prefix, then everything. */
  copyBehind(prefix: Buffer): Buffer {
    const out = Buffer.allocUnsafe(prefix.length + this.#length);
    prefix.copy(out);
    this.#bytes.copy(out, prefix.length, 0, this.#length);
    return out;
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_CAPACITY) this.#bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  }
}
