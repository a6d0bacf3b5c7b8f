/** Movie fragments (ISO/IEC 14496-12 §8.8): one picture each for live viewers, about a second each in recordings. Pure. */
import { DataStream } from 'mp4box';
import { BOX, type Box, filled, written } from './boxes.ts';

/** One picture or some milliseconds of sound. Times in units of the track's timescale, whole numbers. */
export interface Mp4Sample {
  /** Length-prefixed NAL units, an AAC frame, an Opus packet. */
  readonly data: Buffer;
  /** Decoding time, not negative. */
  readonly dts: number;
  /** To the next decoding time. Within a fragment the next sample's `dts` has the last word. */
  readonly duration: number;
  /** When it is shown; before `dts` only where pictures were reordered more than was foreseen (decodeTimes.ts). */
  readonly pts: number;
  /** Decoding can begin here. Of sound: always. */
  readonly key: boolean;
}

/** Samples of one track in decoding order. */
export interface TrackRun {
  readonly track: number;
  readonly samples: readonly Mp4Sample[];
}

/** The base of data offsets is the moof's first byte (§8.8.7.1). */
const DEFAULT_BASE_IS_MOOF = 0x020000;
/** Data offset; duration, size, flags and composition offset of each sample (§8.8.8.1). */
const RUN_FLAGS = 0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800;
/** §8.8.3.1: `sample_depends_on` 2, on none; or 1, on others, and `sample_is_non_sync_sample`. */
const KEY_SAMPLE = 0x0200_0000;
const OTHER_SAMPLE = 0x0101_0000;
const MAX_INT32 = 0x7fff_ffff;

/** A fragment of one track. `sequence` counts a stream's fragments from 1. */
export function fragment({ sequence, ...run }: TrackRun & { readonly sequence: number }): Buffer {
  return fragmentOfTracks({ sequence, runs: [run] });
}

/** A fragment of several tracks: one moof, one mdat that holds the data of each track in turn. */
export function fragmentOfTracks(options: { sequence: number; runs: readonly TrackRun[] }): Buffer {
  const runs = options.runs.filter(({ samples }) => samples.length > 0);
  const truns = runs.map(({ samples }) => trackRun(samples));
  const moof = filled(new BOX.moof(), {}, [
    filled(new BOX.mfhd(), { sequence_number: options.sequence % 2 ** 32 }),
    ...runs.map((run, i) => trackFragment(run, truns[i]!)),
  ]);
  const stream = new DataStream(256);
  moof.write(stream);
  const data = runs.flatMap(({ samples }) => samples.map((sample) => sample.data));
  const mdat = new BOX.mdat();
  mdat.size = data.reduce((sum, { length }) => sum + length, 0);
  mdat.writeHeader(stream);
  // Where each track's data begins is known only now.
  let offset = stream.getPosition();
  for (const [i, { samples }] of runs.entries()) {
    stream.adjustUint32(truns[i]!.data_offset_position, offset);
    for (const sample of samples) offset += sample.data.length;
  }
  return Buffer.concat([written(stream), ...data]);
}

function trackFragment({ track, samples }: TrackRun, trun: Box): Box {
  return filled(new BOX.traf(), {}, [
    filled(new BOX.tfhd(), { flags: DEFAULT_BASE_IS_MOOF, track_id: track }),
    // 64 bits from the beginning, not from the thirteenth hour on, when 32 do not suffice at 90 kHz.
    filled(new BOX.tfdt(), { version: 1, baseMediaDecodeTime: samples[0]!.dts }),
    trun,
  ]);
}

function trackRun(samples: readonly Mp4Sample[]) {
  return filled(new BOX.trun(), {
    // Composition offsets are signed from version 1 on.
    version: 1,
    flags: RUN_FLAGS,
    data_offset: 0,
    sample_count: samples.length,
    sample_duration: samples.map(({ dts, duration }, i) => (samples[i + 1]?.dts ?? dts + duration) - dts),
    sample_size: samples.map(({ data }) => data.length),
    sample_flags: samples.map(({ key }) => (key ? KEY_SAMPLE : OTHER_SAMPLE)),
    sample_composition_time_offset: samples.map(({ pts, dts }) =>
      Math.max(-MAX_INT32, Math.min(pts - dts, MAX_INT32)),
    ),
  });
}
