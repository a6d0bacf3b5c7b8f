/** H.264 for the way from RTP packets to access units (nalCoding.ts): RFC 6184, and what cameras make of it (cases 59–66). Pure. */
import {
  beginsPicture,
  H264_AUD,
  H264_END_OF_SEQUENCE,
  H264_FU_A,
  H264_FU_B,
  H264_HEADER,
  H264_IDR,
  H264_MTAP16,
  H264_MTAP24,
  H264_PPS,
  H264_SEI,
  H264_SLICE,
  H264_SPS,
  H264_STAP_A,
  H264_STAP_B,
  h264Type,
  isH264Vcl,
  slicePpsId,
  stapANals,
} from '../nal/h264.ts';
import { H264ParameterSets } from './h264ParameterSets.ts';
import type { NalCoding, NalRole, Packing } from './nalCoding.ts';

const START_BIT = 0x80;
const END_BIT = 0x40;
const REFERENCE_BITS = 0x60;
const SINGLE: Packing = { kind: 'single' };

function unpack(payload: Buffer): Packing {
  const indicator = payload[0]!;
  switch (h264Type(indicator)) {
    case H264_FU_A: {
      // §5.8. The reserved bit is not looked at: Longse CMSEKL800 sets it (case 61).
      const fuHeader = payload[1];
      if (fuHeader === undefined) return { kind: 'malformed' };
      return {
        kind: 'fragment',
        start: (fuHeader & START_BIT) !== 0,
        end: (fuHeader & END_BIT) !== 0,
        data: payload.subarray(2),
      };
    }
    case H264_STAP_A:
      return { kind: 'aggregation', ...stapANals(payload) };
    case H264_STAP_B:
    case H264_MTAP16:
    case H264_MTAP24:
    case H264_FU_B:
      return { kind: 'unsupported', header: Buffer.of((indicator & REFERENCE_BITS) | H264_SLICE) };
    default:
      return SINGLE;
  }
}

function role(nal: Buffer): NalRole {
  const header = nal[0]!;
  const type = h264Type(header);
  if (header >> 7 !== 0) return 'malformed';
  if (isH264Vcl(type)) return nal.length < 2 ? 'malformed' : 'slice';
  if (type === H264_SPS || type === H264_PPS) return 'parameterSet';
  if (type === H264_SEI) return 'supplement';
  if (type === H264_AUD) return 'delimiter';
  // Ends of sequence and stream, filler, and extensions (SVC, MVC) that nobody decodes.
  return type < H264_END_OF_SEQUENCE || type > 23 ? 'malformed' : 'useless';
}

export const h264Coding: NalCoding = {
  codec: 'h264',
  headerLength: H264_HEADER,
  unpack,
  fragmentHeader: (payload) => Buffer.of((payload[0]! & REFERENCE_BITS) | h264Type(payload[1]!)),
  role,
  isSlice: (header) => isH264Vcl(h264Type(header[0]!)),
  isKey: (slice) => h264Type(slice[0]!) === H264_IDR,
  isReference: (slice) => (slice[0]! & REFERENCE_BITS) !== 0,
  refersBeforeKey: () => false,
  beginsPicture,
  ppsId: slicePpsId,
  parameterSets: () => new H264ParameterSets(),
  sprop: (fmtp) => (fmtp.get('sprop-parameter-sets') ?? '').split(','),
};
