/** What is fuzzed: one parser of bytes that strangers send. It is given any bytes, and must neither throw nor take its time. */
export interface FuzzTarget {
  /** Inputs to begin with, as real devices send them. */
  readonly seeds: readonly Buffer[];
  /** @throws where the parser throws, or where what must always hold of its result does not */
  fuzz(data: Buffer): void;
}

/** @throws Error when it does not hold */
export function always(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`it does not hold that ${what}`);
}

export const text = (...lines: string[]) => Buffer.from(lines.join('\r\n'));

/** The same bytes in pieces, the sizes of which are in them: 1, 3, 7, … must not matter to what reads a stream. */
export function pieces(data: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const size = 1 + (data[at]! % 37);
    parts.push(data.subarray(at, at + size));
    at += size;
  }
  return parts;
}
