import type { AudioParameters } from '../frame.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';

/** A frame as it left the packets, before its place on the video's clock is known. */
export interface CodedAudio {
  readonly audio: AudioParameters;
  /** A copy: a view would keep the network's whole buffer in memory for a few hundred bytes. */
  readonly data: Buffer;
  /** RTP timestamp of the packet that it began in … */
  readonly timestamp: number;
  /** … and how far behind that it begins, milliseconds: a packet can hold several frames. */
  readonly offset: number;
  /** Milliseconds. */
  readonly duration: number;
  /** When its last packet arrived, milliseconds. */
  readonly arrival: number;
}

/** What an RTP payload format of sound has to do. Total: hostile bytes are counted, never thrown upon. */
export interface AudioDepacketizer {
  /** What is known so far; a new object when the stream says otherwise (ADTS in AAC). */
  readonly audio: AudioParameters;
  /** Ticks a second of the RTP timestamps. */
  readonly clockRate: number;
  /** Packets, or parts of them, that made no sense. */
  readonly malformed: number;
  /** What the stream holds that is left out, once it was seen. */
  readonly leftOut: string | undefined;
  /** Takes the next packet in order; returns the frames that it completed. */
  push(packet: ReceivedPacket): CodedAudio[];
}
