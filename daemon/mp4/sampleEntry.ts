/** How the samples of a track are coded: the entries of its sample description (ISO/IEC 14496-12 §8.5.2). Pure. */
import type { AudioParameters, VideoParameters } from '../frame.ts';
import { BOX, type Box, filled, rawBox, SAMPLE_ENTRY } from './boxes.ts';
import { decoderConfiguration } from './decoderConfig.ts';

/** 72 dots an inch, which nobody looks at, in 16.16 (§12.1.3.2). */
const RESOLUTION = 72 * 0x1_0000;
/** Colour without alpha. */
const DEPTH = 0x18;
/** Samples at 48 kHz that an Opus decoder gives before the first real one: what libopus and most encoders have. */
const OPUS_PRE_SKIP = 312;
const OPUS_RATE = 48_000;
/** The sample rate's field has 16 bits before the point; 0 where they do not suffice. */
const MAX_RATE = 0xffff;
/** Descriptors of ISO/IEC 14496-1 §7.2.2.1. */
const ES_DESCRIPTOR = 3;
const DECODER_CONFIG = 4;
const DECODER_SPECIFIC = 5;
const SL_CONFIG = 6;
/** ISO/IEC 14496-3 audio, 14496-2 video, JPEG (14496-1 table 5). */
const MPEG4_AUDIO = 0x40;
const MPEG4_VIDEO = 0x20;
const JPEG = 0x6c;
/** Audio and visual stream (14496-1 table 6), not upstream, and the reserved bit that is 1. */
const AUDIO_STREAM = (5 << 2) | 1;
const VISUAL_STREAM = (4 << 2) | 1;

/** hvc1 rather than hev1, which Safari does not play. */
const ENTRIES = {
  h264: { entry: SAMPLE_ENTRY.avc1, configuration: 'avcC' },
  hevc: { entry: SAMPLE_ENTRY.hvc1, configuration: 'hvcC' },
  vp8: { entry: SAMPLE_ENTRY.vp08, configuration: 'vpcC' },
  vp9: { entry: SAMPLE_ENTRY.vp09, configuration: 'vpcC' },
  av1: { entry: SAMPLE_ENTRY.av01, configuration: 'av1C' },
};

/** mp4v for JPEGs and MPEG-4 part 2, which players take and browsers do not. Undefined for what has no decoder configuration. */
export function videoSampleEntry(video: VideoParameters): Box | undefined {
  if (video.codec === 'mjpeg' || video.codec === 'mpeg4') {
    const object = video.codec === 'mjpeg' ? JPEG : MPEG4_VIDEO;
    const esds = rawBox('esds', elementaryStream(object, VISUAL_STREAM, video.parameterSets[0]));
    return filled(new SAMPLE_ENTRY.mp4v(), picture(video), [esds]);
  }
  const bytes = decoderConfiguration(video);
  if (bytes === undefined) return undefined;
  const { entry: Entry, configuration } = ENTRIES[video.codec];
  return filled(new Entry(), picture(video), [rawBox(configuration, bytes)]);
}

function picture({ width, height }: VideoParameters) {
  return {
    data_reference_index: 1,
    width,
    height,
    horizresolution: RESOLUTION,
    vertresolution: RESOLUTION,
    frame_count: 1,
    compressorname: '',
    depth: DEPTH,
  };
}

/** mp4a with the AudioSpecificConfig, or Opus. Undefined for other sound, and for AAC without its configuration. */
export function audioSampleEntry(audio: AudioParameters): Box | undefined {
  if (audio.codec === 'opus') {
    // RTP carries mono and stereo only (RFC 7587 §7), which need no mapping table ("Opus in ISOBMFF" §4.3.2).
    const channels = Math.max(1, Math.min(audio.channels, 2));
    const dOps = filled(new BOX.dOps(), {
      Version: 0,
      OutputChannelCount: channels,
      PreSkip: OPUS_PRE_SKIP,
      InputSampleRate: OPUS_RATE,
      OutputGain: 0,
      ChannelMappingFamily: 0,
    });
    return filled(new SAMPLE_ENTRY.Opus(), sound(channels, OPUS_RATE), [dOps]);
  }
  if (audio.codec !== 'aac' || audio.config === undefined || audio.sampleRate <= 0) return undefined;
  const esds = rawBox('esds', elementaryStream(MPEG4_AUDIO, AUDIO_STREAM, audio.config));
  return filled(new SAMPLE_ENTRY.mp4a(), sound(audio.channels, audio.sampleRate), [esds]);
}

function sound(channels: number, rate: number) {
  return {
    data_reference_index: 1,
    channel_count: channels,
    samplesize: 16,
    samplerate: rate > MAX_RATE ? 0 : rate,
  };
}

/** ES_Descriptor (14496-1 §7.2.6.5), perhaps around a decoder's configuration; bit rates and buffer size unknown. */
function elementaryStream(object: number, stream: number, config?: Buffer): Buffer {
  const decoder = descriptor(
    DECODER_CONFIG,
    Buffer.concat([
      Buffer.of(object, stream),
      Buffer.alloc(3 + 4 + 4),
      ...(config ? [descriptor(DECODER_SPECIFIC, config)] : []),
    ]),
  );
  // ES_ID 0: a track has no other (14496-14 §3.1.2). Predefined 2: samples carry no headers of that layer.
  return descriptor(
    ES_DESCRIPTOR,
    Buffer.concat([Buffer.alloc(2 + 1), decoder, descriptor(SL_CONFIG, Buffer.of(2))]),
  );
}

/** Tag, length in groups of seven bits (§8.3.3), content. */
function descriptor(tag: number, content: Buffer): Buffer {
  const length = [content.length & 0x7f];
  for (let rest = content.length >> 7; rest > 0; rest >>= 7) length.unshift(0x80 | (rest & 0x7f));
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}
