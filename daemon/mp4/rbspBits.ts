/**
 * Reads the bits of a NAL unit behind its header (ITU-T H.264 §7.3.1, §9.1; H.265 §7.3.1.1, §9.2), without the emulation
 * prevention bytes. Total: past the end it reads zeros and `overrun` becomes true.
 */
export class RbspBits {
  readonly #bytes: readonly number[];
  #position = 0;
  overrun = false;

  /**
   * @param headerLength bytes: 1 in H.264, 2 in H.265
   * @param limit reads so many bytes at most: what the decoder configuration needs stands at the beginning
   */
  constructor(nal: Buffer, headerLength: number, limit = 512) {
    const bytes: number[] = [];
    let zeros = 0;
    for (const byte of nal.subarray(headerLength, headerLength + limit)) {
      const prevention = zeros >= 2 && byte === 3;
      if (!prevention) bytes.push(byte);
      zeros = byte === 0 ? zeros + 1 : 0;
    }
    this.#bytes = bytes;
  }

  /** u(n), n ≤ 32. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#position++) {
      const byte = this.#bytes[this.#position >> 3];
      if (byte === undefined) this.overrun = true;
      else value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1);
    }
    return value;
  }

  /** ue(v); a code of more than 31 leading zeros counts as overrun. */
  ue(): number {
    let zeros = 0;
    while (!this.overrun && this.bits(1) === 0) if (++zeros > 31) this.overrun = true;
    return this.overrun ? 0 : 2 ** zeros - 1 + this.bits(zeros);
  }
}
