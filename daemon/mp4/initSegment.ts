/** Initialization segments: what browsers and players must know before the first fragment (ISO/IEC 14496-12 §8). Pure. */
import type { AudioParameters, VideoParameters } from '../frame.ts';
import { BOX, type Box, bytesOf, filled } from './boxes.ts';
import { audioSampleEntry, videoSampleEntry } from './sampleEntry.ts';

/** The same in every segment, so that fragments need not know which one they follow; a segment may have only track 2. */
export const VIDEO_TRACK = 1;
export const AUDIO_TRACK = 2;
/** Units of a second in video tracks, as in RTP. */
export const VIDEO_TIMESCALE = 90_000;

/** Units of a second of durations in the movie header, of which fragmented files have none. */
const MOVIE_TIMESCALE = 1000;
/** `und`, in three times five bits (§8.4.2.3): the library takes the number. */
const UNDETERMINED = 0x55c4;
const NORMAL_RATE = 0x1_0000;
/** A matrix that leaves the picture as it is, in 16.16 and 2.30. */
const UNITY: [number, number, number, number, number, number, number, number, number] = [
  0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000,
];
/** Track enabled, in movie, in preview (§8.3.2.1). */
const TRACK_FLAGS = 1 | 2 | 4;
const HANDLER_NAME = 'Walleye';
/** iso6: movie fragments with signed composition offsets and tfdt. */
const BRANDS = ['iso6', 'mp41'];

/** No browser plays these in MP4, whatever it says. */
const UNPLAYABLE: readonly string[] = ['mjpeg', 'mpeg4', 'vp8'];

interface Track {
  readonly id: number;
  readonly kind: 'video' | 'audio';
  readonly timescale: number;
  /** Pixels, 0 of sound. */
  readonly width: number;
  readonly height: number;
  readonly entry: Box;
}

/** Units of a second in an audio track: its samples, so that a frame's duration is a whole number. Opus: always 48000. */
export function audioTimescale({ codec, sampleRate }: AudioParameters): number {
  return codec === 'opus' ? 48_000 : sampleRate;
}

/** What `MediaSource.isTypeSupported` is asked, with the parameter sets' own bytes; undefined for what MP4 and browsers do not take. */
export function mimeType(parameters: VideoParameters | AudioParameters): string | undefined {
  if (parameters.codecString === undefined || UNPLAYABLE.includes(parameters.codec)) return undefined;
  return `${'width' in parameters ? 'video' : 'audio'}/mp4; codecs="${parameters.codecString}"`;
}

/**
 * ftyp and moov of a fragmented file with a video track, an audio track or both. Undefined where one of them cannot be
 * put into MP4, or none is given.
 */
export function initSegment(tracks: {
  readonly video?: VideoParameters | undefined;
  readonly audio?: AudioParameters | undefined;
}): Buffer | undefined {
  const found: Track[] = [];
  const { video, audio } = tracks;
  if (video !== undefined) {
    const entry = videoSampleEntry(video);
    if (entry === undefined) return undefined;
    const { width, height } = video;
    found.push({ id: VIDEO_TRACK, kind: 'video', timescale: VIDEO_TIMESCALE, width, height, entry });
  }
  if (audio !== undefined) {
    const entry = audioSampleEntry(audio);
    if (entry === undefined) return undefined;
    const timescale = audioTimescale(audio);
    found.push({ id: AUDIO_TRACK, kind: 'audio', timescale, width: 0, height: 0, entry });
  }
  if (found.length === 0) return undefined;
  const ftyp = filled(new BOX.ftyp(), {
    major_brand: BRANDS[0]!,
    minor_version: 0,
    compatible_brands: BRANDS,
  });
  const moov = filled(new BOX.moov(), {}, [
    movieHeader(),
    ...found.map(trackBox),
    filled(new BOX.mvex(), {}, found.map(trackExtends)),
  ]);
  return bytesOf([ftyp, moov]);
}

function movieHeader(): Box {
  return filled(new BOX.mvhd(), {
    creation_time: 0,
    modification_time: 0,
    timescale: MOVIE_TIMESCALE,
    duration: 0,
    rate: NORMAL_RATE,
    volume: 1,
    matrix: UNITY,
    next_track_id: AUDIO_TRACK + 1,
  });
}

function trackBox({ id, kind, timescale, width, height, entry }: Track): Box {
  const times = { creation_time: 0, modification_time: 0, duration: 0 };
  const volume = kind === 'audio' ? 1 : 0;
  const size = { width: width * 0x1_0000, height: height * 0x1_0000 };
  const handler = { handler: kind === 'video' ? 'vide' : 'soun', name: HANDLER_NAME };
  return filled(new BOX.trak(), {}, [
    filled(new BOX.tkhd(), {
      ...times,
      ...size,
      flags: TRACK_FLAGS,
      track_id: id,
      layer: 0,
      alternate_group: 0,
      volume,
      matrix: UNITY,
    }),
    filled(new BOX.mdia(), {}, [
      filled(new BOX.mdhd(), { ...times, timescale, language: UNDETERMINED }),
      filled(new BOX.hdlr(), handler),
      filled(new BOX.minf(), {}, [mediaHeader(kind), dataInformation(), sampleTable(entry)]),
    ]),
  ]);
}

function mediaHeader(kind: Track['kind']): Box {
  return kind === 'video'
    ? filled(new BOX.vmhd(), { flags: 1, graphicsmode: 0, opcolor: [0, 0, 0] })
    : filled(new BOX.smhd(), { balance: 0 });
}

/** The data are in the same file. */
function dataInformation(): Box {
  const dref = new BOX.dref();
  dref.addEntry(new BOX['url ']());
  return filled(new BOX.dinf(), {}, [dref]);
}

/** Only what the samples are: the samples themselves are in fragments, the tables here are empty. */
function sampleTable(entry: Box): Box {
  const stsd = new BOX.stsd();
  stsd.addEntry(entry);
  return filled(new BOX.stbl(), {}, [
    stsd,
    new BOX.stts(),
    filled(new BOX.stsc(), { first_chunk: [], samples_per_chunk: [], sample_description_index: [] }),
    filled(new BOX.stsz(), { sample_size: 0, sample_sizes: [] }),
    filled(new BOX.stco(), { chunk_offsets: [] }),
  ]);
}

function trackExtends({ id }: Track): Box {
  return filled(new BOX.trex(), {
    track_id: id,
    default_sample_description_index: 1,
    default_sample_duration: 0,
    default_sample_size: 0,
    default_sample_flags: 0,
  });
}
