/** From the answer to DESCRIBE to what is to be set up and played. Pure. */
import type { RtspHeaders } from '../rtsp/rtspMessage.ts';
import { type AudioChoice, chooseAudio } from './audioCoding.ts';
import { aggregateUrl, baseUrl } from './controlUrl.ts';
import { IngestError } from './ingestError.ts';
import {
  chooseVideo,
  describeMedia,
  hasAudio,
  isSdp,
  parseSdp,
  type SdpRange,
  type VideoChoice,
} from './sdp.ts';
import { redactUrl } from './sourceUrl.ts';

/** Codecs that the depacketizers take, as FFmpeg names them, the best first: only the first are decoded by hardware, and JPEG takes ten times the bytes. */
const CODECS = [['h264', 'hevc'], ['av1', 'vp9', 'vp8', 'mpeg4'], ['mjpeg']];

export interface Description {
  /** URL for PLAY, PAUSE, TEARDOWN and keep-alive. */
  readonly aggregate: string;
  readonly range: SdpRange | undefined;
  readonly video: VideoChoice;
  /** Sound is on offer too. */
  readonly audio: boolean;
  /** The sound that could be set up, or why none; undefined where nothing is on offer. */
  readonly sound: AudioChoice | undefined;
}

/**
 * Reads the answer to DESCRIBE of `url`. Some servers give the Content-Base in their answer to OPTIONS already
 * (case 11): `earlierBase`. Throws IngestError 'protocol' (no SDP) or 'unsupported' (no video that we take).
 */
export function readDescription(
  answer: { headers: RtspHeaders; body: Buffer },
  url: string,
  earlierBase: string | undefined,
): Description {
  const place = `DESCRIBE ${redactUrl(url)}`;
  const body = answer.body.toString('utf8');
  if (!isSdp(answer.headers.get('Content-Type'), body))
    throw new IngestError('protocol', 'the camera’s answer is no SDP', { place });
  const sdp = parseSdp(body);
  const video = CODECS.map((codecs) => chooseVideo(sdp, codecs)).find((found) => found !== undefined);
  if (!video)
    throw new IngestError('unsupported', `no video that can be taken among: ${describeMedia(sdp)}`, {
      place,
    });
  // Axis speaks it over RTSPS, with keys of its own kind (case 58).
  if (video.media.srtp)
    throw new IngestError(
      'unsupported',
      'the camera sends SRTP, which is not taken: switch it off there, or use rtsp://',
      {
        place,
      },
    );
  const base = answer.headers.get('Content-Base') ?? answer.headers.get('Content-Location') ?? earlierBase;
  return {
    aggregate: aggregateUrl(baseUrl(base, url), sdp.control),
    range: sdp.range,
    video,
    audio: hasAudio(sdp),
    sound: chooseAudio(sdp),
  };
}
