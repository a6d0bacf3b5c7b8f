/** The beginning of an MP4 with its index in front: what any player takes, unlike fragments. Pure. */
import { box, fullBox } from './rawBoxes.ts';
import type { InitTrack } from './readInit.ts';
import type { SampleTable } from './sampleTable.ts';

export interface MovieTrack {
  readonly track: InitTrack;
  readonly table: SampleTable;
}

export interface MovieOptions {
  readonly tracks: readonly MovieTrack[];
  /** What players show, of the axis of the samples' times, in units of 1/90000 s. */
  readonly shown: { readonly from: number; readonly until: number };
  /** Unix milliseconds of its first picture. */
  readonly createdAt: number;
  /** Bytes that follow. */
  readonly media: number;
}

/** Units of a second of the movie and of `shown`: those of video tracks, so that edits are exact. */
const TIMESCALE = 90_000;
/** Seconds from 1904, where MP4's clock begins, to 1970. */
const EPOCH = 2_082_844_800;
/** Signed composition offsets: iso4. */
const BRANDS = Buffer.concat([Buffer.from('isom'), Buffer.from([0, 0, 2, 0]), Buffer.from('isomiso4mp42')]);
const UNITY = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
const MOST_32 = 0xffff_ffff;
/** Where `tkhd` and `mdhd` of version 0 have their durations. */
const TKHD_DURATION = 28;
const MDHD_DURATION = 24;

/** ftyp, moov and the header of the media that follow at once. */
export function movieHead(options: MovieOptions): Buffer {
  const ftyp = box('ftyp', BRANDS);
  const mdat = mediaHeader(options.media);
  // Only the places of chunks depend on its length, and those have 64 bits each.
  const length = moov(options, 0).length;
  return Buffer.concat([ftyp, moov(options, ftyp.length + length + mdat.length), mdat]);
}

function mediaHeader(media: number): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32BE(1, 0);
  header.write('mdat', 4, 'latin1');
  header.writeBigUInt64BE(BigInt(media + 16), 8);
  return header;
}

function moov(options: MovieOptions, mediaAt: number): Buffer {
  const { shown, tracks, createdAt } = options;
  const created = Math.floor(createdAt / 1000) + EPOCH;
  const head = Buffer.alloc(96);
  for (const [i, word] of [created, created, TIMESCALE, shown.until - shown.from, 0x1_0000].entries())
    head.writeUInt32BE(word, i * 4);
  head.writeUInt16BE(0x0100, 20);
  for (const [i, word] of UNITY.entries()) head.writeUInt32BE(word, 32 + i * 4);
  head.writeUInt32BE(Math.max(...tracks.map(({ track }) => track.id)) + 1, 92);
  return box('moov', fullBox('mvhd', 0, 0, head), ...tracks.map((one) => trak(one, options, mediaAt)));
}

function trak({ track, table }: MovieTrack, { shown }: MovieOptions, mediaAt: number): Buffer {
  const { boxes, kind } = track;
  const duration = table.ends - table.begins;
  const need = (type: string) => boxes[type] ?? Buffer.alloc(0);
  const stbl = box('stbl', need('stsd'), ...table.boxes(mediaAt, kind === 'audio'));
  const minf = box('minf', need(kind === 'audio' ? 'smhd' : 'vmhd'), need('dinf'), stbl);
  return box(
    'trak',
    withNumber(need('tkhd'), TKHD_DURATION, shown.until - shown.from),
    box('edts', editList(track, table, shown)),
    box('mdia', withNumber(need('mdhd'), MDHD_DURATION, Math.min(duration, MOST_32)), need('hdlr'), minf),
  );
}

/** From where to where it is shown; a track that begins later than the others waits. */
function editList({ timescale }: InitTrack, table: SampleTable, shown: MovieOptions['shown']): Buffer {
  const begins = Math.round((table.begins * TIMESCALE) / timescale);
  const empty = Math.max(0, begins - shown.from);
  const skipped = Math.max(0, shown.from - begins);
  const edits = [
    ...(empty > 0 ? [[empty, -1]] : []),
    [Math.max(0, shown.until - shown.from - empty), Math.round((skipped * timescale) / TIMESCALE)],
  ];
  const bytes = Buffer.alloc(4 + edits.length * 12);
  bytes.writeUInt32BE(edits.length, 0);
  for (const [i, [duration = 0, mediaTime = 0]] of edits.entries()) {
    bytes.writeUInt32BE(duration, 4 + i * 12);
    bytes.writeInt32BE(mediaTime, 8 + i * 12);
    bytes.writeUInt32BE(0x1_0000, 12 + i * 12);
  }
  return fullBox('elst', 0, 0, bytes);
}

function withNumber(whole: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(whole);
  copy.writeUInt32BE(value, at);
  return copy;
}
