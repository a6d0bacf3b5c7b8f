import type { AccessUnit } from '../frame.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';

/** From the packets of a coding, in order, to access units. */
export interface VideoDepacketizer {
  /** Pictures given up since the first key picture. */
  readonly droppedUnits: number;
  /** How often the camera's timestamps jumped. */
  readonly discontinuities: number;
  /** See `Timeline.timeOf`. */
  timeOf(timestamp: number): number | undefined;
  /** Takes the next packet; returns the access units that it completed, mostly none or one. */
  push(packet: ReceivedPacket): AccessUnit[];
  /** The stream is over: returns what was still in the making. */
  flush(): AccessUnit[];
}
