/** What one session has counted. Plain numbers, changed in place while the session runs; names as in the API. */
export interface TrackCounters {
  /** RTP packets, bytes with their headers. */
  packets_received: number;
  bytes_received: number;
  packets_lost: number;
  packets_reordered: number;
  packets_duplicate: number;
  rtcp_received: number;
  /** Interarrival jitter (RFC 3550 §6.4.1), milliseconds. */
  jitter: number;
}

/** Of the video, and of the whole session. */
export interface IngestCounters extends TrackCounters {
  /** Access units handed on. */
  frames_received: number;
  key_frames: number;
  /** Access units given up because of loss. */
  frames_dropped: number;
  /** Rubbish between the messages of a TCP stream (case 6). */
  bytes_skipped: number;
  /** Frames on channels that were never set up (case 42). */
  unknown_channel: number;
  /** Unix seconds of the last access unit. */
  last_frame_time: number | null;
}

/** Of the sound. */
export interface AudioCounters extends TrackCounters {
  /** Frames handed on. */
  frames_received: number;
  /** Frames left out: before the first picture, or where their time lay behind what was handed on already. */
  frames_dropped: number;
  /** Packets that made no sense. */
  malformed: number;
}

const newTrackCounters = (): TrackCounters => ({
  packets_received: 0,
  bytes_received: 0,
  packets_lost: 0,
  packets_reordered: 0,
  packets_duplicate: 0,
  rtcp_received: 0,
  jitter: 0,
});

export function newCounters(): IngestCounters {
  return {
    ...newTrackCounters(),
    frames_received: 0,
    key_frames: 0,
    frames_dropped: 0,
    bytes_skipped: 0,
    unknown_channel: 0,
    last_frame_time: null,
  };
}

export function newAudioCounters(): AudioCounters {
  return { ...newTrackCounters(), frames_received: 0, frames_dropped: 0, malformed: 0 };
}
