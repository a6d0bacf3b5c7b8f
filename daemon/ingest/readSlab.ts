/** Room for some seconds of a camera, or a few reads of a fast one. */
const SLAB_BYTES = 256 * 1024;
/** What one read may bring at most: a new slab is begun when less is left. */
const LEAST_ROOM = 32 * 1024;

/**
 * Memory that a socket reads into (the `onread` option of node:net), cut off piece by piece and never written twice, so
 * that views into it stay valid. Node's own way allocates 64 KiB for each read, and although most of it is given back,
 * V8 counts it: sixty packets a second and camera made it collect the whole heap every two seconds.
 */
export class ReadSlab {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #used = 0;

  /** Where the next read may go. */
  room(): Buffer {
    if (SLAB_BYTES - this.#used < LEAST_ROOM) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    return this.#slab.subarray(this.#used);
  }

  /** The bytes that a read has put into `room()`. */
  take(bytes: number): Buffer {
    const taken = this.#slab.subarray(this.#used, this.#used + bytes);
    this.#used += bytes;
    return taken;
  }
}
