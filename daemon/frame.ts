/**
 * What flows through the daemon. A leaf: imports nothing of ours.
 *
 *   ingest ─┬─ AccessUnit ──► decode ── JpegFrame ──► fanout
 *           ├─ AccessUnit ──► mp4 ──► fanout, record
 *           └─ AudioFrame ──► decode (G.711, G.726) ──► mp4 ──► fanout, record
 */

/** Video codings as FFmpeg names them. */
export type VideoCodec = 'h264' | 'hevc' | 'mjpeg' | 'mpeg4' | 'vp8' | 'vp9' | 'av1';

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
  /**
   * Parameter sets as NAL units without start codes, in decoding order (SPS, PPS; VPS first for hevc). MPEG-4 part 2: its headers as they
   * stand; AV1: its sequence header OBU. Others have none.
   */
  readonly parameterSets: readonly Buffer[];
}

/** One coded picture as it left the depacketizer. Never modified after it was emitted. */
export interface AccessUnit {
  readonly video: VideoParameters;
  /**
   * H.264, H.265: an Annex B byte stream, every NAL unit behind a four-byte start code, access unit delimiters removed. JPEG: the whole
   * file. MPEG-4 part 2, VP8, VP9: the picture. AV1: a temporal unit without its delimiter, every OBU with its size.
   * A key access unit always begins with its parameter sets, where it has any.
   */
  readonly data: Buffer;
  /** Decoding can begin here (H.264: holds an IDR picture; every JPEG). */
  readonly key: boolean;
  /**
   * When it is shown: milliseconds since the session's first access unit, from RTP timestamps, unwrapped. Goes forward but for B
   * pictures, which come after one that is shown later.
   */
  readonly mediaTime: number;
  /** Arrival of the last packet, `performance.now()` milliseconds; negative: a daemon before us received it (ingest/handover/). */
  readonly receivedAt: number;
}

/** Sound codings as FFmpeg names them. */
export type AudioCodec = 'aac' | 'opus' | 'pcm_mulaw' | 'pcm_alaw' | 'adpcm_g726';

/** What holds for all the sound of a track. One object is shared by all its frames until something of it changes. */
export interface AudioParameters {
  readonly codec: AudioCodec;
  /** Samples a second. */
  readonly sampleRate: number;
  readonly channels: number;
  /** RFC 6381 codec string of what MP4 and browsers take, e.g. `mp4a.40.2`, `opus`; undefined: they take none of it. */
  readonly codecString: string | undefined;
  /** AAC: the AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1). Others: undefined. */
  readonly config: Buffer | undefined;
  /** G.726: bits of one code word, 2 to 5. Others: undefined. */
  readonly codeBits: number | undefined;
}

/** Some milliseconds of sound as they left the depacketizer: one AAC frame, one Opus packet, the samples of one RTP packet. */
export interface AudioFrame {
  readonly audio: AudioParameters;
  readonly data: Buffer;
  /** On the clock of the access units' `mediaTime`, milliseconds. */
  readonly mediaTime: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Arrival of the last packet, `performance.now()` milliseconds; negative: a daemon before us received it (ingest/handover/). */
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
