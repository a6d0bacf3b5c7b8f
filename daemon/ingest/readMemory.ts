/**
 * All connections read into the same memory, one read at a time: Node's own way allocates 64 KiB for each, and as sixty reads a second
 * and camera are megabytes of garbage outside of V8's heap, V8 marked the whole heap every few seconds.
 */
const MEMORY = Buffer.allocUnsafeSlow(64 * 1024);

/** For a socket's `onread`. @param received the next bytes, which are gone when it returns */
export function into(received: (bytes: Buffer) => void) {
  return {
    buffer: MEMORY,
    callback: (bytes: number) => {
      received(MEMORY.subarray(0, bytes));
      return true; // go on reading
    },
  };
}
