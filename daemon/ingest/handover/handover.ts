/**
 * What a daemon that dies leaves to the next one: the connection to a camera, which the service manager keeps open, what was said to
 * set it up, and the bytes that came through it last. So the next one goes on in the middle of the session: the camera notices
 * nothing, and no picture is missing from a recording.
 */
import type { Exchange } from './exchange.ts';
import type { JournalRecord } from './journalRecords.ts';

/** The connection to one camera, as a daemon before has left it. */
export interface LeftSession {
  /** Of its socket, which is the caller's from now on. */
  readonly descriptor: number;
  /** What was asked and answered, up to PLAY. */
  readonly talk: readonly Exchange[];
  /** What the camera has sent last, without a gap up to what waits in the socket. Begins where an item of RTSP begins. */
  readonly records: readonly JournalRecord[];
}

/** Of one stream. */
export interface Handover {
  /** Where its journal lies: in memory, and as long as this machine runs. */
  readonly folder: string;
  /** Every picture counts: it is being recorded. */
  readonly wanted: boolean;
  /** What a daemon before has left; not given twice. Waits until those are there who want its pictures. Never rejects. */
  take(): Promise<LeftSession | undefined>;
  /** This connection is to outlive us. @param descriptor of its socket; undefined: it was closed meanwhile */
  keep(descriptor: () => number | undefined): void;
  /** It need not any more. */
  release(): void;
}

/** Milliseconds of a clock that all processes share while the machine runs: what `performance.now()` is counted from. */
export const CLOCK_BASE = Number(process.hrtime.bigint()) / 1e6 - performance.now();
