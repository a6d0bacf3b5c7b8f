/** The boxes of an MP4 file by our own reading, so that the library that wrote them does not judge itself. */

export interface BoxSeen {
  readonly type: string;
  /** Behind size and type. */
  readonly body: Buffer;
  /** From the beginning of the bytes that were read. */
  readonly start: number;
  readonly children: BoxSeen[];
}

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'dinf', 'stbl', 'mvex', 'moof', 'traf']);
/** Bytes before the boxes in sample entries and in lists of boxes. */
const LISTS: Record<string, number> = { stsd: 8, dref: 8, avc1: 78, hvc1: 78, mp4v: 78, mp4a: 28, Opus: 28 };

export function boxTree(bytes: Buffer, from = 0): BoxSeen[] {
  const boxes: BoxSeen[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (size < 8 || at + size > bytes.length) throw new Error(`box ${type} of ${size} bytes at ${from + at}`);
    const body = bytes.subarray(at + 8, at + size);
    const skip = CONTAINERS.has(type) ? 0 : LISTS[type];
    const children = skip === undefined ? [] : boxTree(body.subarray(skip), from + at + 8 + skip);
    boxes.push({ type, body, start: from + at, children });
    at += size;
  }
  return boxes;
}

/** All boxes of a type, however deep. */
export function allOf(boxes: readonly BoxSeen[], type: string): BoxSeen[] {
  return boxes.flatMap((box) => [...(box.type === type ? [box] : []), ...allOf(box.children, type)]);
}

/** The only box of a type. */
export function only(boxes: readonly BoxSeen[], type: string): BoxSeen {
  const found = allOf(boxes, type);
  if (found.length !== 1) throw new Error(`${found.length} boxes ${type}`);
  return found[0]!;
}

/** `moof(mfhd traf(tfhd …)) mdat`. */
export function outline(boxes: readonly BoxSeen[]): string {
  return boxes
    .map(({ type, children }) => (children.length > 0 ? `${type}(${outline(children)})` : type))
    .join(' ');
}
