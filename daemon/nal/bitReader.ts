/**
 * Reads bits and Exp-Golomb codes (ITU-T H.264 §9.1). Total: past the end it reads zeros and `overrun` becomes true,
 * so that a parser looks once, at its end, instead of after every field.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  overrun = false;

  /** `bytes`: an RBSP, emulation prevention already removed. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bits were read. */
  get position(): number {
    return this.#position;
  }

  /** How many bits are left. */
  get left(): number {
    return this.#bytes.length * 8 - this.#position;
  }

  bit(): number {
    const byte = this.#bytes[this.#position >> 3];
    if (byte === undefined) {
      this.overrun = true;
      return 0;
    }
    const bit = (byte >> (7 - (this.#position & 7))) & 1;
    this.#position++;
    return bit;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** u(n), n ≤ 32. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  /** ue(v); a code of more than 32 leading zeros does not exist and counts as overrun. */
  ue(): number {
    let zeros = 0;
    while (!this.overrun && this.bit() === 0) {
      if (++zeros > 32) this.overrun = true;
    }
    return this.overrun ? 0 : 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v). */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
