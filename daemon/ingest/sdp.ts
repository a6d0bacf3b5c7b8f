/**
 * What an SDP (RFC 8866) says that an RTSP client needs. Pure and total: rubbish gives a description without media.
 *
 * Not the library sdp-transform of DESIGN §4: it matches each line against a grammar and drops what does not fit, which
 * is what cameras write. Tried with version 3: two blanks after `m=video` shift every field (the port becomes the
 * protocol), `m=application/TP-LINK …` loses its type, an empty `a=fmtp:96` and an fmtp in the wrong section are lost.
 * We need a dozen attributes, and they need no grammar for the other lines that cameras break (cases 28–33).
 */

export interface SdpFormat {
  readonly payloadType: number;
  /** Lower-case name as FFmpeg has it: h264, hevc, mjpeg; otherwise the encoding name in lower case. */
  readonly codec: string;
  /** Hz. Some metadata streams say 0 (case 69): never divide by it unchecked. */
  readonly clockRate: number;
  /** Of sound, where the rtpmap states it: `PCMU/8000/1`. */
  readonly channels: number | undefined;
  /** Format parameters, names in lower case. */
  readonly fmtp: ReadonlyMap<string, string>;
}

export interface SdpMedia {
  /** `video`, `audio`, `application`, or what the camera made up (`vana`, case 30), lower case. */
  readonly type: string;
  readonly port: number;
  /** `RTP/SAVP`, `RTP/SAVPF`: SRTP. */
  readonly srtp: boolean;
  readonly formats: readonly SdpFormat[];
  readonly control: string | undefined;
  readonly framerate: number | undefined;
  readonly direction: 'sendonly' | 'recvonly' | 'sendrecv' | 'inactive' | undefined;
  /** `a=x-dimensions:1280,960`. */
  readonly dimensions: { readonly width: number; readonly height: number } | undefined;
}

/** `a=range`. `duration` in seconds is known for normal play time only (`npt=0-30`), not for clock times. */
export type SdpRange =
  | { readonly kind: 'live' }
  | { readonly kind: 'finite'; readonly duration: number | undefined };

export interface Sdp {
  readonly control: string | undefined;
  /** Undefined where nothing is said; then take it for live. */
  readonly range: SdpRange | undefined;
  /** `a=tool:LIVE555 Streaming Media v2013.04.08` (case 44). */
  readonly tool: string | undefined;
  readonly media: readonly SdpMedia[];
}

/** No object: cameras choose the name, and `constructor` is one too. */
const FFMPEG_NAMES: ReadonlyMap<string, string> = new Map([
  ['h265', 'hevc'],
  ['jpeg', 'mjpeg'],
  ['mp4v-es', 'mpeg4'],
]);

/** RFC 3551 §6, for sections without rtpmap (case 32). */
const STATIC_TYPES: Readonly<Record<number, readonly [codec: string, clockRate: number]>> = {
  0: ['pcmu', 8000],
  3: ['gsm', 8000],
  4: ['g723', 8000],
  8: ['pcma', 8000],
  9: ['g722', 8000],
  10: ['l16', 44100],
  11: ['l16', 44100],
  14: ['mpa', 90000],
  26: ['mjpeg', 90000],
  31: ['h261', 90000],
  32: ['mpv', 90000],
  33: ['mp2t', 90000],
  34: ['h263', 90000],
};

/** `96 H264/90000`, `97 MPEG4-GENERIC/16000/2`: payload type, encoding name, clock rate, channels (RFC 8866 §6.6). */
const RTPMAP = /^(\d{1,3})\s+([^/\s]+)(?:\s*\/\s*(\d{1,9}))?(?:\s*\/\s*(\d{1,3}))?/;
const MAX_LINES = 4096;
const MAX_MEDIA = 64;

interface Section {
  type: string;
  port: number;
  srtp: boolean;
  payloadTypes: number[];
  attributes: [name: string, value: string][];
}

/**
 * Whether a DESCRIBE answer is an SDP: by its type, with or without parameters, or by its look where the type is
 * missing or wrong (case 8).
 */
export function isSdp(contentType: string | undefined, body: string): boolean {
  return /^\s*application\/sdp\b/i.test(contentType ?? '') || /^[\s\uFEFF]*[voms]=/.test(body);
}

/** Parses an SDP. Never throws; a media section that makes no sense does not harm the others (case 29). */
export function parseSdp(text: string): Sdp {
  const session: Section = { type: '', port: 0, srtp: false, payloadTypes: [], attributes: [] };
  const sections: Section[] = [];
  let section = session;
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/, MAX_LINES)) {
    const line = raw.trim();
    if (/^m=/i.test(line)) {
      if (sections.length === MAX_MEDIA) break;
      section = parseMediaLine(line);
      sections.push(section);
    } else if (/^a=/i.test(line)) {
      const colon = line.indexOf(':');
      const name = (colon < 0 ? line.slice(2) : line.slice(2, colon)).trim().toLowerCase();
      section.attributes.push([name, colon < 0 ? '' : line.slice(colon + 1).trim()]);
    } // v= o= s= c= t= b= and what is no line at all: nothing that we need
  }

  const value = (of: Section, name: string) => of.attributes.find((a) => a[0] === name && a[1] !== '')?.[1];
  const ranges = [session, ...sections].map((s) => parseRange(value(s, 'range')));
  return {
    control: value(session, 'control'),
    range: ranges.find((range) => range !== undefined),
    tool: value(session, 'tool'),
    media: sections.map((s) => ({
      type: s.type,
      port: s.port,
      srtp: s.srtp,
      formats: formatsOf(s, sections),
      control: value(s, 'control'),
      framerate: positive(value(s, 'framerate') ?? value(s, 'x-framerate')),
      direction: directionOf(s),
      dimensions: parseDimensions(value(s, 'x-dimensions')),
    })),
  };
}

/** `m=video 0 RTP/AVP 96`, also `m=application/TP-LINK 0 RTP/AVP smart/1/90000` (case 30). */
function parseMediaLine(line: string): Section {
  const [type = '', port = '', protocol = '', ...formats] = line.slice(2).trim().split(/\s+/);
  return {
    type: type.toLowerCase(),
    port: /^\d{1,5}/.test(port) ? Number.parseInt(port, 10) : 0,
    srtp: /\/SAVPF?$/i.test(protocol),
    payloadTypes: formats.filter((f) => /^\d{1,3}$/.test(f) && Number(f) < 128).map(Number),
    attributes: [],
  };
}

function formatsOf(section: Section, all: readonly Section[]): SdpFormat[] {
  const mapped = new Map<number, readonly [codec: string, clockRate: number, channels?: number]>();
  for (const [name, value] of section.attributes) {
    const match = name === 'rtpmap' ? RTPMAP.exec(value) : null;
    if (!match?.[1] || !match[2]) continue;
    const encoding = match[2].toLowerCase();
    const codec = FFMPEG_NAMES.get(encoding) ?? encoding;
    mapped.set(Number(match[1]), [codec, Number(match[3] ?? 0), Number(match[4] ?? 0)]);
  }
  const formats: SdpFormat[] = [];
  for (const payloadType of new Set(section.payloadTypes.length > 0 ? section.payloadTypes : mapped.keys())) {
    const known = mapped.get(payloadType) ?? STATIC_TYPES[payloadType]; // rtpmap wins (case 32)
    if (!known) continue;
    const [codec, clockRate, channels = 0] = known;
    // The fmtp of the video has been seen under the audio section (case 33, WebRTC#419).
    const own = fmtpOf(section, payloadType);
    const fmtp = own ?? all.map((other) => fmtpOf(other, payloadType)).find((found) => found !== undefined);
    const counted = channels > 0 ? channels : undefined;
    formats.push({ payloadType, codec, clockRate, channels: counted, fmtp: parseFmtp(fmtp ?? '') });
  }
  return formats;
}

function fmtpOf(section: Section, payloadType: number): string | undefined {
  for (const [name, value] of section.attributes) {
    const match = name === 'fmtp' ? /^(\d{1,3})(?:\s+(.*))?$/.exec(value) : null;
    if (match && Number(match[1]) === payloadType) return match[2] ?? '';
  }
  return undefined;
}

/** `a=1;b=2;`, empty, or separated by blanks (case 33). The `=` that pad base64 stay in the value. */
function parseFmtp(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(/;|\s+(?=[A-Za-z][\w-]*=)/)) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name !== '' && !parameters.has(name))
      parameters.set(name, equals < 0 ? '' : part.slice(equals + 1).trim());
  }
  return parameters;
}

const DIRECTIONS = ['sendonly', 'recvonly', 'sendrecv', 'inactive'] as const;

function directionOf(section: Section): SdpMedia['direction'] {
  for (const [name] of section.attributes) {
    const direction = DIRECTIONS.find((d) => d === name);
    if (direction) return direction;
  }
  return undefined;
}

/** Cameras write `25`, `25.000000`, and `0S` (case 31). */
function positive(text: string | undefined): number | undefined {
  const number = Number.parseFloat(text ?? '');
  return number > 0 && number < 1000 ? number : undefined;
}

function parseDimensions(text: string | undefined): SdpMedia['dimensions'] {
  const match = /^(\d{1,5})\s*[,x]\s*(\d{1,5})/.exec(text ?? '');
  const width = Number(match?.[1] ?? 0);
  const height = Number(match?.[2] ?? 0);
  return width > 0 && height > 0 ? { width, height } : undefined;
}

/** RFC 2326 §3.6 and §3.7: `npt=now-`, `npt=0-`, `npt=0-30.5`, `npt=0:01:00-0:02:30`, `clock=…Z-…Z`. */
function parseRange(text: string | undefined): SdpRange | undefined {
  const match = /^(npt|clock|smpte[\w-]*)\s*=\s*([^-;]*)-([^;]*)/i.exec(text ?? '');
  if (!match) return undefined;
  const end = (match[3] ?? '').trim();
  if (end === '') return { kind: 'live' };
  if (match[1]?.toLowerCase() !== 'npt') return { kind: 'finite', duration: undefined };
  const from = (match[2] ?? '').trim();
  const duration = npt(end) - (from === '' || from === 'now' ? 0 : npt(from));
  return duration > 0 ? { kind: 'finite', duration } : { kind: 'live' };
}

function npt(text: string): number {
  const match = /^(?:(\d{1,6}):(\d{1,2}):)?(\d{1,9}(?:\.\d*)?)$/.exec(text);
  if (!match) return Number.NaN;
  return Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3]);
}

/** The video section to set up, and its format. */
export interface VideoChoice {
  readonly media: SdpMedia;
  readonly format: SdpFormat;
}

/**
 * The first video section with a format whose codec is in `codecs`. A `sendonly` section is a way for sound TO the
 * camera and must not be set up, unless no video section is anything else: IDS uEye and CV-RTSPHandler mark their only
 * video `sendonly` (case 34).
 */
export function chooseVideo(sdp: Sdp, codecs: readonly string[]): VideoChoice | undefined {
  const videos = sdp.media.filter((media) => media.type === 'video');
  const usable = videos.filter((media) => media.direction !== 'sendonly' && media.direction !== 'inactive');
  for (const media of usable.length > 0 ? usable : videos) {
    const format = media.formats.find((f) => codecs.includes(f.codec) && f.clockRate > 0);
    if (format) return { media, format };
  }
  return undefined;
}

/** Whether sound is sent. `sendonly` is meant from our side: a loudspeaker that the camera has (ONVIF's back channel). */
export function hasAudio(sdp: Sdp): boolean {
  return sdp.media.some(
    ({ type, direction }) => type === 'audio' && direction !== 'sendonly' && direction !== 'inactive',
  );
}

/** What is on offer, for the error message: `video hevc, audio pcma`. */
export function describeMedia(sdp: Sdp): string {
  const names = sdp.media.map((media) =>
    `${media.type.slice(0, 32)} ${media.formats.map((f) => f.codec.slice(0, 32)).join('/')}`.trim(),
  );
  return names.slice(0, 8).join(', ') || 'nothing';
}
