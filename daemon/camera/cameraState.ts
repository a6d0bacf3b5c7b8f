import type { IngestErrorCode } from '../ingest/ingestError.ts';
import type { StreamState } from '../schema.ts';

/** Why a session failed; `crowded`: refused although the credentials worked before. */
export type FailureCode = IngestErrorCode | 'crowded' | 'internal';

export interface LastError {
  code: FailureCode;
  message: string;
  /** Unix seconds. */
  time: number;
}

export type StreamEvent =
  /** Somebody looks, or the stream is kept warm. */
  | { type: 'wanted' }
  | { type: 'unwanted' }
  | { type: 'stopped' }
  /** Started by hand: a recording that ended plays again. */
  | { type: 'started' }
  /** An access unit arrived. */
  | { type: 'picture' }
  | { type: 'paused' }
  | { type: 'ended' }
  | { type: 'failed'; code: FailureCode };

/**
 * The one transition function of a stream's state. An error state stays while the supervisor tries again: on the wall
 * "gone since 14:02" must not flicker to "connecting" once a second.
 */
export function next(state: StreamState, event: StreamEvent): StreamState {
  switch (event.type) {
    case 'stopped':
      return 'stopped';
    case 'started':
      return state === 'ended' || state === 'stopped' ? 'idle' : state;
    case 'unwanted':
      return state === 'ended' ? state : 'idle';
    case 'wanted':
      return state === 'idle' || state === 'stopped' || state === 'paused' ? 'connecting' : state;
    case 'picture':
      return 'live';
    case 'paused':
      return 'paused';
    case 'ended':
      return 'ended';
    case 'failed':
      return failed(state, event.code);
  }
}

function failed(state: StreamState, code: FailureCode): StreamState {
  switch (code) {
    case 'stalled':
      return 'stalled';
    case 'refused':
    case 'certificate':
      return 'refused';
    case 'busy':
    case 'crowded':
      return 'busy';
    case 'unsupported':
    case 'invalid_url':
    case 'not_found':
      return 'unsupported';
    case 'closed':
      // The first loss of a live stream: the next attempt, a moment later, tells whether the camera is gone.
      return state === 'live' ? 'connecting' : 'gone';
    case 'unreachable':
    case 'timeout':
    case 'protocol':
    case 'redirect_loop':
    case 'internal':
      return 'gone';
  }
}

/** First and longest pause before the next attempt, milliseconds. */
const PAUSES: Record<FailureCode, { first: number; longest: number }> = {
  // A camera that comes back must be on the wall within three seconds, however long it was away: one SYN a second
  // costs nobody anything.
  stalled: { first: 100, longest: 1000 },
  closed: { first: 250, longest: 1500 },
  unreachable: { first: 500, longest: 1000 },
  timeout: { first: 500, longest: 1000 },
  protocol: { first: 1000, longest: 10_000 },
  internal: { first: 1000, longest: 10_000 },
  redirect_loop: { first: 10_000, longest: 60_000 },
  not_found: { first: 5_000, longest: 30_000 },
  unsupported: { first: 30_000, longest: 120_000 },
  invalid_url: { first: 60_000, longest: 300_000 },
  // Dahua answers 401 and 403 when its sessions are used up, and many makes lock the account after a few wrong
  // passwords: never hammer (ingest/README, cases 23, 56).
  refused: { first: 60_000, longest: 300_000 },
  // Until somebody has looked at it.
  certificate: { first: 60_000, longest: 300_000 },
  crowded: { first: 60_000, longest: 120_000 },
  busy: { first: 10_000, longest: 60_000 },
};

/**
 * Milliseconds to wait before attempt `failures + 1`, with ±20 % jitter so that fifty cameras behind one switch do not
 * come back in step. `random` is in [0, 1).
 */
export function retryPause(code: FailureCode, failures: number, random: number): number {
  const { first, longest } = PAUSES[code];
  const pause = Math.min(first * 2 ** Math.min(Math.max(failures - 1, 0), 20), longest);
  return pause * (0.8 + 0.4 * random);
}
