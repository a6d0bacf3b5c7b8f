/** Boxes of bytes that we have already, or of tables too long for the library. Pure. */

export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(
    parts.reduce((sum, { length }) => sum + length, 8),
    0,
  );
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...parts]);
}

export function fullBox(type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer {
  const word = Buffer.alloc(4);
  word.writeUInt32BE(((version << 24) | flags) >>> 0, 0);
  return box(type, word, ...parts);
}
