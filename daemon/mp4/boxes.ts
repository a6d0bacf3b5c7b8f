/** Boxes of the mp4box library: how we fill and write them. Pure. */
import { Box, BoxParser, DataStream } from 'mp4box';

/** The library's box classes by their four characters, and those of sample entries. */
export const { box: BOX, sampleEntry: SAMPLE_ENTRY } = BoxParser;
export type { Box };

/** A box with its fields set and others put into it. */
export function filled<T extends Box>(box: T, fields: Partial<T>, children: readonly Box[] = []): T {
  Object.assign(box, fields);
  for (const child of children) box.addBox(child);
  return box;
}

/**
 * A box of given content. For decoder configurations, which we have as bytes: the library's own `hvcC` leaves four
 * reserved bits zero, its `avcC` is filled set by set, its `esds` can only be read.
 */
export function rawBox(type: string, content: Buffer): Box {
  const box = type === 'esds' ? new BOX.esds() : new Box();
  if (type !== 'esds') box.type = type;
  // A copy: the library writes an array's buffer from its beginning, whatever the array's offset in it.
  box.data = new Uint8Array(content);
  return box;
}

/** The boxes as bytes, one after the other. */
export function bytesOf(boxes: readonly Box[]): Buffer {
  const stream = new DataStream(1024);
  for (const box of boxes) box.write(stream);
  return written(stream);
}

/** What has been written to a stream, as a view. */
export function written(stream: DataStream): Buffer {
  return Buffer.from(stream.buffer, 0, stream.getPosition());
}
