/**
 * What flows through the daemon. A leaf: imports nothing of ours.
 *
 *   ingest ── AccessUnit ──► decode ── JpegFrame ──► fanout
 */

/** Video codings as FFmpeg names them. */
export type VideoCodec = 'h264' | 'hevc' | 'mjpeg';

/**
 * What the parameter sets say of the pictures that follow. One object is shared by all access units
 * until the parameter sets change, so `a.video !== b.video` means "the decoder must be restarted"
 * (ffmpeg keeps the old output size silently otherwise).
 */
export interface VideoParameters {
  readonly codec: VideoCodec;
  /** Displayed size in pixels, after cropping. */
  readonly width: number;
  readonly height: number;
  /** Frames per second as the parameter sets state it (VUI timing), undefined where they do not. */
  readonly fps: number | undefined;
  /** RFC 6381 codec string from the parameter sets' own bytes, e.g. `avc1.42C01E`. */
  readonly codecString: string;
  /** Parameter sets as NAL units without start codes, in decoding order (SPS, PPS; VPS first for hevc). */
  readonly parameterSets: readonly Buffer[];
}

/** One coded picture (H.264/H.265) as it left the depacketizer. Never modified after it was emitted. */
export interface AccessUnit {
  readonly video: VideoParameters;
  /**
   * Annex B byte stream: every NAL unit behind a four-byte start code, access unit delimiters removed.
   * A key access unit always begins with its parameter sets.
   */
  readonly data: Buffer;
  /** Decoding can begin here (H.264: holds an IDR picture). */
  readonly key: boolean;
  /** Media time in milliseconds since the session's first access unit, from RTP timestamps, unwrapped. */
  readonly mediaTime: number;
  /** Arrival of the last packet, `performance.now()` milliseconds. */
  readonly receivedAt: number;
}

/** One decoded picture, compressed again for viewers. Never modified after it was emitted. */
export interface JpegFrame {
  readonly data: Buffer;
  /** Counts up from 1 within one rendition, also across restarts of its decoder. */
  readonly sequence: number;
  /** `receivedAt` of the access unit that this picture shows, `performance.now()` milliseconds. */
  readonly receivedAt: number;
  /** When the whole JPEG had left the decoder, `performance.now()` milliseconds. */
  readonly decodedAt: number;
}
