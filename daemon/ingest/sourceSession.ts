import type { AccessUnit, AudioFrame, AudioParameters } from '../frame.ts';
import type { IngestCounters } from './counters.ts';
import type { TransportInUse } from './rtspSession.ts';

/** One session with a camera, whatever is spoken: what its supervisor needs to know of it. Runs once. */
export interface SourceSession {
  /** Live numbers of this session. */
  readonly counters: IngestCounters;
  /**
   * Resolves 'ended' when a recording is over, 'aborted' after `signal`, with everything closed. @throws IngestError
   */
  run(signal: AbortSignal): Promise<'ended' | 'aborted'>;
  readonly canPause: boolean;
  /** @throws IngestError unless `canPause` */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** The camera offers sound too; undefined before it said what it has. */
  readonly hasAudio: boolean | undefined;
  /** The sound that comes with the pictures. */
  readonly audio: AudioParameters | undefined;
  /** What asking for sound came to. */
  readonly soundTrial: { refused: boolean; setUp: boolean; picture: boolean };
  /** Credentials were asked for and accepted. */
  readonly loginWorked: boolean;
  /** Of RTSP: another method would have kept the session alive. */
  readonly keepAliveSuspect: boolean;
  /** Of RTSP: packets of a dead session came in this one. */
  readonly staleSession: boolean;
}

/** How pictures come. */
export type SourceTransport = TransportInUse | 'rtmp' | 'srt' | 'file' | 'v4l2';

export interface SourceSink {
  /** Pictures are on their way. */
  playing(info: { transport: SourceTransport }): void;
  /** Must not throw. */
  accessUnit(unit: AccessUnit): void;
  /** Must not throw. None before the first access unit. */
  audioFrame(frame: AudioFrame): void;
}
