/** What the way from RTP packets to access units has to know of a coding that is made of NAL units: H.264 or H.265. Types only. */
import type { VideoCodec, VideoParameters } from '../frame.ts';

/** What a NAL unit means to the picture at hand. */
export type NalRole =
  /** A slice: part of a picture. */
  | 'slice'
  /** Begins the next picture, as all but slices and what follows do. */
  | 'delimiter'
  | 'parameterSet'
  /** Supplemental enhancement information before a picture. */
  | 'supplement'
  /** Of no use to a decoder: filler, ends of sequences, layers that nobody decodes. */
  | 'useless'
  /** Not a NAL unit of this coding. */
  | 'malformed';

/** What the payload of an RTP packet is. */
export type Packing =
  | { readonly kind: 'single' }
  /** `cut`: the header of one that is cut off. */
  | { readonly kind: 'aggregation'; readonly nals: readonly Buffer[]; readonly cut: Buffer | undefined }
  | { readonly kind: 'fragment'; readonly start: boolean; readonly end: boolean; readonly data: Buffer }
  | { readonly kind: 'malformed' }
  /** Of the interleaved modes, which nothing we know sends; in the place of a slice with this header. */
  | { readonly kind: 'unsupported'; readonly header: Buffer };

/** The parameter sets that a stream has sent. */
export interface ParameterSets {
  /** Takes a parameter set. `same`: known already, but for zeros at its end. The bytes are copied. */
  add(nal: Buffer): 'new' | 'same' | 'invalid';
  /** What holds for a key picture whose slices name this picture parameter set; undefined while a set of it is missing. */
  activate(ppsId: number): VideoParameters | undefined;
}

/** Pure, all of it; NAL units are given without start codes, and have a header at least. */
export interface NalCoding {
  readonly codec: VideoCodec;
  /** Bytes. */
  readonly headerLength: number;
  /** How a payload of at least `headerLength` bytes is packed. */
  unpack(payload: Buffer): Packing;
  /** The header of the NAL unit that this payload has a fragment of. */
  fragmentHeader(payload: Buffer): Buffer;
  role(nal: Buffer): NalRole;
  /** Whether a header says that its NAL unit is a slice, however broken that is. */
  isSlice(header: Buffer): boolean;
  /** Of a slice: decoding can begin with its picture. */
  isKey(nal: Buffer): boolean;
  /** Of a slice: later pictures may refer to its picture. */
  isReference(nal: Buffer): boolean;
  /** Of a slice: its picture refers to one before the key picture that it follows, and cannot be decoded where decoding began there. */
  refersBeforeKey(nal: Buffer): boolean;
  /** Of a slice: it is the first of its picture. */
  beginsPicture(nal: Buffer): boolean;
  /** The picture parameter set that a slice names; undefined where its header makes no sense. */
  ppsId(nal: Buffer): number | undefined;
  parameterSets(): ParameterSets;
  /** Parameter sets in the SDP's format parameters, base64. */
  sprop(fmtp: ReadonlyMap<string, string>): readonly string[];
}
