/** H.265 for the way from RTP packets to access units (nalCoding.ts): RFC 7798, and what cameras make of it (cases 37, 60, 66). Pure. */
import {
  aggregatedNals,
  beginsPicture,
  H265_AP,
  H265_END_OF_SEQUENCE,
  H265_FU,
  H265_HEADER,
  H265_LAST_VCL,
  H265_PACI,
  H265_PPS,
  H265_PREFIX_SEI,
  H265_RASL_N,
  H265_RASL_R,
  H265_SUFFIX_SEI,
  H265_VPS,
  h265Layer,
  h265Type,
  isH265Irap,
  slicePpsId,
} from '../nal/h265.ts';
import { H265ParameterSets } from './h265ParameterSets.ts';
import type { NalCoding, NalRole, Packing } from './nalCoding.ts';

const START_BIT = 0x80;
const END_BIT = 0x40;
/** Of the header's first byte: all but the type. */
const REST = 0x81;
/** The last of the types that say with their lowest bit whether pictures of the same sub-layer may refer to this one. */
const LAST_SUB_LAYER = 15;
const SINGLE: Packing = { kind: 'single' };

/** Without decoding order numbers: no camera is known that announces them (`sprop-max-don-diff`). */
function unpack(payload: Buffer): Packing {
  switch (h265Type(payload[0]!)) {
    case H265_FU: {
      const fuHeader = payload[H265_HEADER];
      if (fuHeader === undefined) return { kind: 'malformed' };
      return {
        kind: 'fragment',
        start: (fuHeader & START_BIT) !== 0,
        end: (fuHeader & END_BIT) !== 0,
        data: payload.subarray(H265_HEADER + 1),
      };
    }
    case H265_AP:
      return { kind: 'aggregation', ...aggregatedNals(payload) };
    case H265_PACI:
      // What it carries may be anything: taken for a slice of type 1, TRAIL_R.
      return { kind: 'unsupported', header: Buffer.of((payload[0]! & REST) | 2, payload[1]!) };
    default:
      return SINGLE;
  }
}

function role(nal: Buffer): NalRole {
  const type = h265Type(nal[0]!);
  // The forbidden bit, or a temporal id plus one of 0.
  if (nal[0]! >> 7 !== 0 || (nal[1]! & 7) === 0) return 'malformed';
  if (h265Layer(nal) !== 0) return 'useless';
  if (type <= H265_LAST_VCL) return nal.length <= H265_HEADER ? 'malformed' : 'slice';
  if (type >= H265_VPS && type <= H265_PPS) return 'parameterSet';
  if (type === H265_PREFIX_SEI) return 'supplement';
  // Ends of sequence and stream, filler; suffixes, which stand behind the slices and which no decoder of ours wants.
  if ((type >= H265_END_OF_SEQUENCE && type < H265_PREFIX_SEI) || type === H265_SUFFIX_SEI) return 'useless';
  // An aggregation inside an aggregation, or what RFC 7798 leaves free.
  return type >= H265_AP ? 'malformed' : 'delimiter';
}

export const h265Coding: NalCoding = {
  codec: 'hevc',
  headerLength: H265_HEADER,
  unpack,
  fragmentHeader: (payload) =>
    Buffer.of((payload[0]! & REST) | ((payload[H265_HEADER]! & 0x3f) << 1), payload[1]!),
  role,
  isSlice: (header) => h265Type(header[0]!) <= H265_LAST_VCL && h265Layer(header) === 0,
  isKey: (slice) => isH265Irap(h265Type(slice[0]!)),
  isReference: (slice) => {
    const type = h265Type(slice[0]!);
    return type > LAST_SUB_LAYER || type % 2 === 1;
  },
  refersBeforeKey: (slice) => {
    const type = h265Type(slice[0]!);
    return type === H265_RASL_N || type === H265_RASL_R;
  },
  beginsPicture,
  ppsId: slicePpsId,
  parameterSets: () => new H265ParameterSets(),
  sprop: (fmtp) =>
    ['sprop-vps', 'sprop-sps', 'sprop-pps'].flatMap((name) => (fmtp.get(name) ?? '').split(',')),
};
