/** What an initialization segment of ours says of its tracks, and the boxes of theirs that another file needs too. Pure. */

export interface InitTrack {
  readonly id: number;
  readonly kind: 'video' | 'audio';
  /** Units of a second. */
  readonly timescale: number;
  /** Boxes as they are: `tkhd`, `mdhd`, `hdlr`, `vmhd` or `smhd`, `dinf`, `stsd`. */
  readonly boxes: Readonly<Record<string, Buffer>>;
}

const HEADER = 8;
const CONTAINERS = new Set(['trak', 'mdia', 'minf', 'stbl']);
const NEEDED = ['tkhd', 'mdhd', 'hdlr', 'dinf', 'stsd'];

/** Total. @returns undefined: that is none of ours */
export function readInit(init: Buffer): InitTrack[] | undefined {
  try {
    const moov = [...boxes(init)].find(({ type }) => type === 'moov');
    if (!moov) return undefined;
    const tracks = [...boxes(moov.content)]
      .filter(({ type }) => type === 'trak')
      .map(({ content }) => trackOf(content));
    return tracks.length > 0 && tracks.every((track) => track !== undefined) ? tracks : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function trackOf(trak: Buffer): InitTrack | undefined {
  const found: Record<string, Buffer> = Object.fromEntries(
    leaves(trak).map(({ type, whole }) => [type, whole]),
  );
  if (NEEDED.some((type) => !found[type])) return undefined;
  const { tkhd, mdhd, hdlr } = found as { tkhd: Buffer; mdhd: Buffer; hdlr: Buffer };
  // Version 0: times of 32 bits.
  if (tkhd[8] !== 0 || mdhd[8] !== 0) return undefined;
  const handler = hdlr.toString('latin1', 16, 20);
  if (handler !== 'vide' && handler !== 'soun') return undefined;
  const kind = handler === 'vide' ? 'video' : 'audio';
  return { id: tkhd.readUInt32BE(20), kind, timescale: mdhd.readUInt32BE(20), boxes: found };
}

interface BoxSeen {
  type: string;
  whole: Buffer;
  content: Buffer;
}

function leaves(bytes: Buffer): BoxSeen[] {
  return [...boxes(bytes)].flatMap((box) => (CONTAINERS.has(box.type) ? leaves(box.content) : [box]));
}

function* boxes(bytes: Buffer): Iterable<BoxSeen> {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length < HEADER || at + length > bytes.length) return;
    const whole = bytes.subarray(at, at + length);
    yield { type: bytes.toString('latin1', at + 4, at + 8), whole, content: whole.subarray(HEADER) };
    at += length;
  }
}
