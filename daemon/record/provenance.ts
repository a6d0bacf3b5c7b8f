/** What is said of an export's origin, beside the film. Pure. */
import type { Piece } from './pieces.ts';
import type { RangePlan } from './rangePlan.ts';

export interface ProvenanceInput {
  box: string;
  version: string;
  camera: { id: string; name: string };
  asked: { from: number; to: number };
  /** Unix milliseconds of what players show. */
  actual: { from: number; until: number };
  cut: 'key' | 'exact';
  plan: RangePlan<Piece>;
  pieces: readonly { piece: Piece; sha256: string }[];
  media: { file: string; bytes: number; sha256: string };
  /** Unix seconds. */
  exportedAt: number;
  exportedBy: string;
}

const CODECS: Record<string, string> = { avc1: 'h264', hvc1: 'hevc', vp08: 'vp8', vp09: 'vp9', av01: 'av1' };
/** Where the first sample entry's name stands in `stsd`; where width and height stand in `tkhd`. */
const ENTRY = 20;
const WIDTH = 84;
const HEIGHT = 88;

/** Field names as in the API; times in Unix seconds. */
export function provenance(input: ProvenanceInput): Record<string, unknown> {
  const { plan, pieces, actual, asked } = input;
  const segments = pieces.map(({ piece: { segment }, sha256 }) => ({
    path: segment.path,
    stream: segment.stream,
    from: segment.from / 1000,
    to: segment.until / 1000,
    bytes: segment.bytes,
    sha256,
  }));
  return {
    box: input.box,
    version: input.version,
    camera: input.camera,
    stream: segments[0]?.stream ?? null,
    ...videoOf(plan),
    asked,
    actual: { from: actual.from / 1000, to: actual.until / 1000 },
    /** Other codec parameters followed: what was asked for is more than one film can hold. */
    ended_early: plan.cut,
    gaps: plan.gaps.map(({ from, until }) => ({ from: from / 1000, to: until / 1000 })),
    cut: input.cut,
    segments,
    media: input.media,
    exported_at: input.exportedAt,
    exported_by: input.exportedBy,
  };
}

function videoOf(plan: RangePlan<Piece>) {
  const video = plan.fragments[0]?.segment.layout.tracks.find(({ kind }) => kind === 'video');
  const entry = video?.boxes.stsd?.toString('latin1', ENTRY, ENTRY + 4) ?? '';
  const tkhd = video?.boxes.tkhd;
  return {
    codec: CODECS[entry] ?? entry,
    width: (tkhd?.readUInt32BE(WIDTH) ?? 0) >>> 16,
    height: (tkhd?.readUInt32BE(HEIGHT) ?? 0) >>> 16,
  };
}
