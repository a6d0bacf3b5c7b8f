/** From what an SDP says of sound to what takes it apart. Pure. */
import { AacDepacketizer } from './aacDepacketizer.ts';
import { type AacStream, aacStream } from './aacParameters.ts';
import type { AudioDepacketizer } from './audioDepacketizer.ts';
import { lowComplexityConfig } from './audioSpecificConfig.ts';
import { auHeaderLengths } from './auHeaders.ts';
import { G711Depacketizer } from './g711Depacketizer.ts';
import { G726Depacketizer } from './g726Depacketizer.ts';
import { configOfStreamMux } from './latm.ts';
import { LatmDepacketizer } from './latmDepacketizer.ts';
import { OpusDepacketizer, opusChannels } from './opusDepacketizer.ts';
import type { Sdp, SdpFormat, SdpMedia } from './sdp.ts';

export interface AudioCoding {
  readonly format: SdpFormat;
  readonly depacketizer: AudioDepacketizer;
}

/** Why sound is not taken, for the log. */
export interface AudioUnsupported {
  readonly unsupported: string;
}

export type AudioChoice = (AudioCoding & { readonly media: SdpMedia }) | AudioUnsupported;

const MAX_RATE = 192_000;
const MAX_CHANNELS = 8;

/** The first format of an audio section that is taken, with a new depacketizer; or why none is. */
export function audioCoding(media: SdpMedia): AudioCoding | AudioUnsupported {
  const reasons: string[] = [];
  for (const format of media.formats) {
    const depacketizer = depacketizerOf(format);
    if (!('unsupported' in depacketizer)) return { format, depacketizer };
    reasons.push(depacketizer.unsupported);
  }
  return { unsupported: reasons.slice(0, 4).join(', ') || 'no format is stated' };
}

/**
 * The first audio section with a format that is taken. A `sendonly` section is a loudspeaker (ONVIF's back channel),
 * and must not be set up: on Dahua it serves one client only (case 34). Undefined where no sound is sent.
 */
export function chooseAudio(sdp: Sdp): AudioChoice | undefined {
  let choice: AudioChoice | undefined;
  for (const media of sdp.media) {
    const { type, direction, control } = media;
    if (type !== 'audio' || direction === 'sendonly' || direction === 'inactive') continue;
    const coding = audioCoding(media);
    if ('unsupported' in coding) choice ??= coding;
    // Without a control of its own it has the session's URL, which is the video's then.
    else if (control === undefined || control === '*') choice ??= { unsupported: 'no control of its own' };
    else return { ...coding, media };
  }
  return choice;
}

function depacketizerOf(format: SdpFormat): AudioDepacketizer | AudioUnsupported {
  const { codec, channels, fmtp } = format;
  const rate = format.clockRate > 0 && format.clockRate <= MAX_RATE ? format.clockRate : undefined;
  const g726 = /^(aal2-)?g726-(16|24|32|40)$/.exec(codec);
  if (g726) return new G726Depacketizer(Number(g726[2]) / 8, g726[1] === undefined, rate ?? 8000);
  switch (codec) {
    case 'pcmu':
    case 'pcma': {
      const counted = channels !== undefined && channels <= MAX_CHANNELS ? channels : 1;
      return new G711Depacketizer(codec === 'pcmu' ? 'pcm_mulaw' : 'pcm_alaw', rate ?? 8000, counted);
    }
    case 'opus':
      return new OpusDepacketizer(opusChannels(fmtp, channels));
    case 'mpeg4-generic': {
      const stream = aacStream(hex(fmtp.get('config'))) ?? assumed(format);
      const lengths = auHeaderLengths(fmtp);
      if ('unsupported' in lengths) return lengths;
      if (!stream) return { unsupported: `AAC of ${format.clockRate} Hz without a config` };
      return new AacDepacketizer({ stream, lengths, clockRate: rate ?? stream.config.coreRate });
    }
    case 'mp4a-latm': {
      // By default the config comes in the stream (RFC 6416 §7.3), and frames begin amid bytes.
      if (fmtp.get('cpresent') !== '0') return { unsupported: 'mp4a-latm with its config in the stream' };
      const config = hex(fmtp.get('config'));
      const stream = aacStream(config && configOfStreamMux(config)) ?? assumed(format);
      if (!stream) return { unsupported: 'mp4a-latm without a config' };
      return new LatmDepacketizer(stream, rate ?? stream.config.coreRate);
    }
    default:
      return { unsupported: codec.slice(0, 32) };
  }
}

function hex(text: string | undefined): Buffer | undefined {
  return text !== undefined && /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/**
 * Where the config is missing, empty or rubbish: AAC-LC as the rtpmap has it. HIK Media Server V5.03.010 writes it
 * behind the number of another payload type (mediacommon#144), others leave it empty (mediamtx#3590).
 */
function assumed({ clockRate, channels }: SdpFormat): AacStream | undefined {
  return aacStream(lowComplexityConfig(clockRate, channels ?? 1));
}
