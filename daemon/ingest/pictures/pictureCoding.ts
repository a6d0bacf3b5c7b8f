/** What the way from RTP packets to access units has to know of a coding whose packets hold a picture’s bytes in order. Types only. */
import type { VideoCodec, VideoParameters } from '../../frame.ts';

export interface CodedPicture {
  readonly data: Buffer;
  /** Milliseconds after what the packets’ timestamp says. */
  readonly after: number;
}

/** A picture that decoding can begin with. */
export interface KeyPicture {
  /** As decoders take it: with its parameter sets. */
  readonly data: Buffer;
  readonly video: Omit<VideoParameters, 'codec'>;
}

/** One stream’s: it may know parameter sets that came outside of the stream. Total: whatever it gets, it does not throw. */
export interface PictureCoding {
  readonly codec: VideoCodec;
  /** Whether a picture begins with this packet’s payload. */
  begins(payload: Buffer): boolean;
  /** What is in the packets of one timestamp, mostly one whole picture; empty: they make no sense. */
  pictures(payloads: readonly Buffer[]): readonly CodedPicture[];
  /** Undefined: decoding cannot begin here. */
  key(picture: Buffer): KeyPicture | undefined;
}
