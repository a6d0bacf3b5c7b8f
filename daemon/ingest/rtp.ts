/** RTP packets (RFC 3550 §5.1). Pure: bytes in, one packet or the reason why not. */

export interface RtpPacket {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** A view into the bytes that were parsed (no copy), padding and header extension taken off. May be empty. */
  readonly payload: Buffer;
}

export interface RtpInvalid {
  readonly invalid: string;
}

const FIXED_HEADER = 12;

/**
 * Parses one RTP packet. CSRC list, header extension and padding are skipped by the lengths that they state
 * (case 68: retina broke this once, yellowstone assumes four bytes of extension and leaves padding in).
 */
export function parseRtp(bytes: Buffer): RtpPacket | RtpInvalid {
  if (bytes.length < FIXED_HEADER) return { invalid: `${bytes.length} bytes are too few for an RTP header` };
  const first = bytes[0]!;
  if (first >> 6 !== 2) return { invalid: `RTP version ${first >> 6}` };

  let start = FIXED_HEADER + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (bytes.length < start + 4) return { invalid: 'header extension cut off' };
    start += 4 + bytes.readUInt16BE(start + 2) * 4;
  }
  if (start > bytes.length) return { invalid: 'header reaches past the end of the packet' };

  let end = bytes.length;
  if ((first & 0x20) !== 0 && end > start) {
    // A count of 0 contradicts the padding bit; nothing to take off then.
    end -= bytes[end - 1]!;
    if (end < start) return { invalid: 'padding longer than the payload' };
  }

  const second = bytes[1]!;
  return {
    marker: (second & 0x80) !== 0,
    payloadType: second & 0x7f,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, end),
  };
}
