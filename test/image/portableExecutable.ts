/** The sections of a portable executable, which a unified kernel image is. */

export interface Section {
  name: string;
  data: Buffer;
}

/** @throws RangeError, Error when the bytes are none */
export function sectionsOf(file: Buffer): Section[] {
  const header = file.readUInt32LE(0x3c);
  if (file.toString('latin1', header, header + 4) !== 'PE\0\0') throw new Error('no portable executable');
  const count = file.readUInt16LE(header + 6);
  const table = header + 24 + file.readUInt16LE(header + 20);
  return Array.from({ length: count }, (_, i) => {
    const at = table + i * 40;
    const from = file.readUInt32LE(at + 20);
    // The virtual size is the content's, without the padding.
    const length = Math.min(file.readUInt32LE(at + 8), file.readUInt32LE(at + 16));
    return {
      name: file.toString('latin1', at, at + 8).replace(/\0.*$/s, ''),
      data: file.subarray(from, from + length),
    };
  });
}
