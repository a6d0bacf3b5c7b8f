/** MPEG-4 part 2 (ISO/IEC 14496-2) as RTP carries it (RFC 6416): the elementary stream, cut anywhere. Old Axis, Vivotek, ACTi. Pure. */
import { BitReader } from '../../nal/bitReader.ts';
import { isLayerCode, type Mpeg4Layer, mpeg4Layer, tickBits } from './mpeg4Layer.ts';
import type { CodedPicture, KeyPicture, PictureCoding } from './pictureCoding.ts';

const PREFIX = Buffer.of(0, 0, 1);
/** Start codes, §6.2.1. */
const VISUAL_SEQUENCE = 0xb0;
const GROUP = 0xb3;
const PICTURE = 0xb6;
const I_VOP = 0;
/** Pictures of one timestamp; more are none. */
const MOST = 64;
/** Seconds between two pictures of one packet that are believed. */
const LONGEST = 10;

interface StartCode {
  readonly at: number;
  readonly code: number;
}

/** @param config what the SDP says (`config=` in hexadecimal) or a file: the headers, which not all repeat in the stream */
export function mpeg4Coding(config: Buffer | undefined): PictureCoding {
  let layer = config && layerOf(config, startCodes(config));
  return {
    codec: 'mpeg4',
    begins: (payload) => payload.subarray(0, PREFIX.length).equals(PREFIX),
    pictures(payloads) {
      const whole = Buffer.concat(payloads);
      const codes = startCodes(whole);
      layer = layerOf(whole, codes) ?? layer;
      return cut(whole, codes, layer?.ticks);
    },
    key: (picture) => keyPicture(picture, config),
  };
}

/** `config` of an `a=fmtp`, RFC 6416 §7.1. */
export function mpeg4Config(text: string | undefined): Buffer | undefined {
  return text !== undefined && /^([0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/**
 * Several small pictures may be in a packet, of which the timestamp is the first one’s (§5.1; GStreamer’s payloader does that): what lies
 * between them, they say themselves.
 */
function cut(whole: Buffer, codes: readonly StartCode[], ticks: number | undefined): CodedPicture[] {
  const found: CodedPicture[] = [];
  let [begin, after] = [0, 0];
  let before: number | undefined;
  for (const [i, { code }] of codes.entries()) {
    if (code !== PICTURE) continue;
    if (before !== undefined) {
      // Headers between two pictures belong to the second.
      const end = codes[before + 1]!.at;
      found.push({ data: whole.subarray(begin, end), after });
      if (found.length === MOST) return [];
      begin = end;
      after += ticks === undefined ? 0 : apart(whole, codes[before]!, codes[i]!, ticks);
    }
    before = i;
  }
  if (before !== undefined) found.push({ data: whole.subarray(begin), after });
  return found;
}

/** Milliseconds from one picture to the next, by vop_time_increment and the seconds since the picture before (§6.3.5). */
function apart(whole: Buffer, one: StartCode, other: StartCode, ticks: number): number {
  const [first, second] = [one, other].map(({ at }) => {
    const bits = new BitReader(whole.subarray(at + 4, at + 12));
    bits.bits(2);
    let seconds = 0;
    while (seconds < LONGEST && bits.flag()) seconds++;
    bits.bit();
    return { seconds, ticks: bits.bits(tickBits(ticks)) };
  });
  const between = second!.seconds + (second!.ticks - first!.ticks) / ticks;
  return between > 0 && between < LONGEST ? between * 1000 : 0;
}

function keyPicture(picture: Buffer, config: Buffer | undefined): KeyPicture | undefined {
  const codes = startCodes(picture);
  const vop = codes.find(({ code }) => code === PICTURE);
  if (!vop || (picture[vop.at + 4] ?? 0xff) >> 6 !== I_VOP) return undefined;
  const end = codes.find(({ code }) => code === GROUP || code === PICTURE)?.at ?? vop.at;
  const own = layerOf(picture, codes) !== undefined;
  const headers = own ? picture.subarray(0, end) : config;
  if (!headers) return undefined;
  const headerCodes = startCodes(headers);
  const layer = layerOf(headers, headerCodes);
  if (!layer) return undefined;
  const sequence = headerCodes.find(({ code }) => code === VISUAL_SEQUENCE);
  const profile = sequence && headers[sequence.at + 4];
  return {
    data: own ? picture : Buffer.concat([headers, picture]),
    video: {
      width: layer.width,
      height: layer.height,
      fps: undefined,
      // RFC 6381 §3.3: object type 0x20, then profile and level in decimal; 1 is Simple, level 1.
      codecString: `mp4v.20.${profile ?? 1}`,
      parameterSets: [Buffer.from(headers)],
    },
  };
}

function layerOf(bytes: Buffer, codes: readonly StartCode[]): Mpeg4Layer | undefined {
  const found = codes.find(({ code }) => isLayerCode(code));
  return found && mpeg4Layer(bytes.subarray(found.at + 4));
}

function startCodes(bytes: Buffer): StartCode[] {
  const found: StartCode[] = [];
  for (let at = bytes.indexOf(PREFIX); at >= 0; at = bytes.indexOf(PREFIX, at + PREFIX.length)) {
    const code = bytes[at + PREFIX.length];
    if (code !== undefined) found.push({ at, code });
  }
  return found;
}
