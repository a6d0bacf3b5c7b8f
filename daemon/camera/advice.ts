/** What is wrong with a camera's set-up for a wall, from what was measured and what the camera says of itself. Pure. */
import type { Finding, FindingCode, OnvifDescription, OnvifProfile, SessionCount } from '../schema.ts';

export interface StreamFacts {
  readonly name: string;
  /** ONVIF profile that it comes from; null: added by hand. */
  readonly token: string | null;
  /** unsupported: it opens, but holds no video that we can show · closed: it did not open. */
  readonly outcome: 'measured' | 'unsupported' | 'closed';
  /** As measured; where nothing was, as the camera announced it. */
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** As measured. */
  readonly fps: number | null;
  /** Seconds between key frames, as measured. */
  readonly key_frame_interval: number | null;
}

export interface CameraFacts {
  /** The best picture first. */
  readonly streams: readonly StreamFacts[];
  /** undefined: it was not asked, or did not answer. */
  readonly description: OnvifDescription | undefined;
  /** null: not counted. */
  readonly sessions: SessionCount | null;
}

/** Seconds. A new viewer waits for a key frame, and damage lasts until the next one. */
const KEY_LONG = 2.2;
const KEY_VERY_LONG = 5;
/** Measured against configured: above this the camera stretches its GOP by itself. */
const STRETCHED = 1.5;
const STRETCHED_BY = 0.7;
/** Pixels: the largest that a tile of a wall needs, 704×576 (4CIF). Decoding more costs and is thrown away. */
const TILE = 704 * 576;
/** What a sub stream is set to. */
export const SUB_STREAM = { width: 704, height: 480 } as const;
/** Below this, movement is seen in jerks. */
const FPS_LOW = 8;
export const FPS_WANTED = 12;
/** Seconds. Cameras refuse tokens that are five seconds off their clock; people mind a minute. */
const CLOCK_OFF = 5;
const CLOCK_FAR_OFF = 60;
/** One for the box, one for whoever else there is. */
const SESSIONS_FEW = 2;

/** Warnings first, then in the order of the streams. */
export function findingsOf({ streams, description, sessions }: CameraFacts): Finding[] {
  const profile = (stream: StreamFacts) =>
    description?.profiles.find(({ token }) => stream.token !== null && token === stream.token);
  const small = smallest(streams);
  const findings: (Finding | undefined)[] = streams.flatMap((stream) => [
    ...keyFrames(stream, profile(stream)),
    codec(stream, stream === small, profile(stream)),
    rate(stream, profile(stream)),
  ]);
  findings.push(size(streams, small, small && profile(small)), clock(description), few(sessions));
  return findings
    .filter((finding) => finding !== undefined)
    .sort((a, b) => Number(b.severity === 'warning') - Number(a.severity === 'warning'));
}

/** The one that tiles show: the smallest of several. */
export function smallest(streams: readonly StreamFacts[]): StreamFacts | undefined {
  const area = ({ width, height }: StreamFacts) =>
    width === null || height === null ? Number.POSITIVE_INFINITY : width * height;
  if (streams.length < 2) return undefined;
  return streams.reduce((best, one) => (area(one) <= area(best) ? one : best));
}

function keyFrames(stream: StreamFacts, profile: OnvifProfile | undefined): Finding[] {
  const seen = stream.key_frame_interval;
  if (seen === null || seen <= KEY_LONG) return [];
  const set = profile?.gop && profile.fps ? profile.gop / profile.fps : undefined;
  const stretched = set !== undefined && seen > set * STRETCHED + STRETCHED_BY;
  const findings: Finding[] = [];
  if (set === undefined || set > KEY_LONG || !stretched)
    findings.push(
      finding('gop_long', stream, {
        severity: seen > KEY_VERY_LONG ? 'warning' : 'hint',
        seen: seconds(seen),
        wanted: seconds(1),
        message: `The camera sends a key frame every ${seconds(seen)}: a new picture comes late, and damage lasts that long.`,
        fixable: profile !== undefined,
      }),
    );
  if (stretched)
    findings.push(
      finding('smart_codec', stream, {
        severity: seen > KEY_VERY_LONG ? 'warning' : 'hint',
        seen: seconds(seen),
        wanted: seconds(set),
        message:
          `The camera is set to a key frame every ${seconds(set)} and sends one every ${seconds(seen)}: a “smart” or ` +
          '“+” codec is on. Switch it off on the camera’s own web page.',
        // ONVIF knows no setting for it.
        fixable: false,
      }),
    );
  return findings;
}

function codec(stream: StreamFacts, isSub: boolean, profile: OnvifProfile | undefined): Finding | undefined {
  const seen = stream.codec ?? profile?.codec ?? null;
  const fixable = profile !== undefined;
  if (isSub && seen !== null && seen !== 'h264')
    return finding('sub_stream_codec', stream, {
      severity: stream.outcome === 'unsupported' ? 'warning' : 'hint',
      seen,
      wanted: 'h264',
      message: `The small stream is ${seen}. H.264 costs least to decode and shows everywhere.`,
      fixable,
    });
  if (stream.outcome !== 'unsupported') return undefined;
  return finding('codec_unsupported', stream, {
    severity: 'warning',
    seen,
    wanted: 'h264',
    message: `This box cannot show the stream${seen === null ? '' : `: it is ${seen}`}. Set the camera to H.264.`,
    fixable: fixable && seen !== 'h264',
  });
}

function rate(stream: StreamFacts, profile: OnvifProfile | undefined): Finding | undefined {
  const { fps } = stream;
  if (fps === null || fps >= FPS_LOW) return undefined;
  return finding('fps_low', stream, {
    severity: 'hint',
    seen: number(fps),
    wanted: String(FPS_WANTED),
    message: `The camera sends ${number(fps)} pictures a second: movement looks jerky.`,
    // Where it is set to more, it is dark or the camera is overloaded: no setting helps.
    fixable: profile?.fps !== null && profile?.fps !== undefined && profile.fps < FPS_LOW,
  });
}

function size(
  streams: readonly StreamFacts[],
  small: StreamFacts | undefined,
  profile: OnvifProfile | undefined,
): Finding | undefined {
  const [only] = streams;
  const stream = small ?? only;
  if (!stream || stream.width === null || stream.height === null) return undefined;
  if (stream.width * stream.height <= TILE) return undefined;
  const seen = `${stream.width}×${stream.height}`;
  if (!small)
    return finding('no_sub_stream', stream, {
      severity: 'hint',
      seen,
      wanted: '640×360',
      message: `The camera has no small stream: every tile has to decode ${seen}. Switch on its sub stream.`,
      fixable: false,
    });
  return finding('sub_stream_large', stream, {
    severity: 'hint',
    seen,
    wanted: '640×360',
    message: `The small stream is ${seen}: a wall of many tiles need not decode so much.`,
    fixable: profile !== undefined,
  });
}

function clock(description: OnvifDescription | undefined): Finding | undefined {
  const skew = description?.clock_skew ?? 0;
  if (Math.abs(skew) <= CLOCK_OFF) return undefined;
  return {
    code: 'clock_wrong',
    stream: null,
    severity: Math.abs(skew) > CLOCK_FAR_OFF ? 'warning' : 'hint',
    seen: `${skew > 0 ? '+' : '−'}${seconds(Math.abs(skew))}`,
    wanted: seconds(0),
    message: `The camera’s clock is ${seconds(Math.abs(skew))} ${skew > 0 ? 'ahead' : 'behind'}: times in its pictures are wrong.`,
    fixable: true,
  };
}

function few(sessions: SessionCount | null): Finding | undefined {
  if (!sessions || sessions.end === 'enough') return undefined;
  const { stream, granted, end } = sessions;
  const displaces = end === 'displaced';
  if (granted > SESSIONS_FEW && !displaces) return undefined;
  const then = displaces ? 'ends one of them for the next' : 'refuses the next';
  return {
    code: 'sessions_few',
    stream,
    // The wall's own picture goes when somebody opens the maker's app.
    severity: displaces ? 'warning' : 'hint',
    seen: String(granted),
    wanted: null,
    message:
      `The camera grants ${granted} ${granted === 1 ? 'session' : 'sessions'} at once and ${then}: recorders and other ` +
      `walls should take the stream from this box, at rtsp://BOX:8554/${stream}.`,
    fixable: false,
  };
}

function finding(code: FindingCode, stream: StreamFacts, rest: Omit<Finding, 'code' | 'stream'>): Finding {
  return { code, stream: stream.name, ...rest };
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function seconds(value: number): string {
  return `${number(value)} s`;
}
