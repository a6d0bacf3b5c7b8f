/** Sound to RTP payloads, as the camera coded it: AAC (RFC 3640), Opus (RFC 7587), G.711 (RFC 3551 §4.5.14). Pure. */
import type { AudioParameters } from '../frame.ts';
import type { RtpPayload } from '../rtsp/rtpWriter.ts';
import { MAX_PAYLOAD } from './video/maxPayload.ts';

/** What SDP says of a sound track. */
export interface SoundFormat {
  readonly rtpmap: string;
  readonly fmtp: string | undefined;
  /** Hz. */
  readonly clockRate: number;
}

/** One packet of a frame. */
export interface SoundPayload {
  readonly payload: RtpPayload;
  /** Milliseconds behind the frame's begin. */
  readonly after: number;
  readonly marker: boolean;
}

const NOTHING = Buffer.alloc(0);
/** One AU header of 16 bits: 13 of size, 3 of index (RFC 3640 §3.3.6, AAC-hbr). */
const AU_HEADER = 4;
const LARGEST_UNIT = 0x1fff;

/** Undefined: sound that is not sent on. G.726 is none: its bits have two orders, and players disagree on which. */
export function soundFormat(audio: AudioParameters): SoundFormat | undefined {
  const { codec, sampleRate, channels, config } = audio;
  switch (codec) {
    case 'aac': {
      if (config === undefined) return undefined;
      const fmtp =
        'streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3' +
        `;config=${config.toString('hex').toUpperCase()}`;
      return { rtpmap: `MPEG4-GENERIC/${sampleRate}/${channels}`, fmtp, clockRate: sampleRate };
    }
    case 'opus':
      // Always so, whatever is in it (RFC 7587 §7).
      return { rtpmap: 'opus/48000/2', fmtp: channels > 1 ? 'sprop-stereo=1' : undefined, clockRate: 48_000 };
    case 'pcm_mulaw':
    case 'pcm_alaw': {
      const name = codec === 'pcm_mulaw' ? 'PCMU' : 'PCMA';
      return { rtpmap: `${name}/${sampleRate}/${channels}`, fmtp: undefined, clockRate: sampleRate };
    }
    default:
      return undefined;
  }
}

/** One frame as the payloads of one or more packets. */
export function soundPayloads(audio: AudioParameters, data: Buffer, most = MAX_PAYLOAD): SoundPayload[] {
  if (audio.codec === 'aac') return aacPayloads(data, most);
  if (audio.codec === 'opus') return [{ payload: { head: NOTHING, body: data }, after: 0, marker: false }];
  const bytesPerMs = (audio.sampleRate * audio.channels) / 1000;
  const whole = most - (most % audio.channels);
  return pieces(data, whole).map((body, i) => ({
    payload: { head: NOTHING, body },
    after: (i * whole) / bytesPerMs,
    marker: false,
  }));
}

/** A unit that is too large goes in pieces, each behind the size of all of it; the marker ends it (RFC 3640 §3.2.3.1). */
function aacPayloads(data: Buffer, most: number): SoundPayload[] {
  if (data.length > LARGEST_UNIT) return [];
  const head = Buffer.from([0, 16, data.length >> 5, (data.length & 0x1f) << 3]);
  const all = pieces(data, most - AU_HEADER);
  return all.map((body, i) => ({ payload: { head, body }, after: 0, marker: i === all.length - 1 }));
}

function pieces(data: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(data.length / size) }, (_, i) =>
    data.subarray(i * size, (i + 1) * size),
  );
}
