import { setTimeout as sleep } from 'node:timers/promises';
import { FrameRate } from '../ingest/frameRate.ts';
import type { StreamRow } from '../store/rows.ts';
import type { StreamFacts } from './advice.ts';
import { BitRate } from './bitRate.ts';
import { KEY_PATIENCE } from './keyPictures.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

/** Milliseconds. */
const LOOK = 200;
/** Of pictures at least: the rate is known then. */
const LEAST = 3_000;
/** For all of it: a camera with a key frame every ten seconds is told apart by then. */
const MOST = 20_000;
/** Until the first picture. */
const PATIENCE = 10_000;

export interface Measured {
  readonly facts: StreamFacts;
  /** Bits a second; null: not known. */
  readonly bitrate: number | null;
  /** Seconds from asking to the first picture; null: it was open already. */
  readonly firstPicture: number | null;
  /** Why it did not open; undefined: it did. */
  readonly failure: string | undefined;
}

/**
 * Opens a stream as a viewer would, if nobody looks at it already, for as long as its rate and two key frames take: 3 to 20 s.
 * The camera's session is given back at once. Never rejects.
 */
export async function measureStream(
  supervisor: StreamSupervisor,
  row: StreamRow,
  signal: AbortSignal,
): Promise<Measured> {
  const facts = {
    name: row.name,
    token: row.profile_token,
    codec: row.codec,
    width: row.width,
    height: row.height,
    fps: null,
    key_frame_interval: null,
  };
  const began = performance.now();
  const wasOpen = supervisor.connected;
  let firstAt: number | undefined;
  const nothing = { bitrate: null, firstPicture: null };
  let live: number | undefined;
  // Not the supervisor's, which knows what was before: the viewers of a stream that was just set up anew keep it open.
  const rate = new FrameRate();
  // The first picture of a camera that was asked for it stands nearer to the next key picture than its settings say.
  const keys = new FrameRate();
  let keyPictures = 0;
  const bits = new BitRate();
  let session = supervisor.connects;
  const release = supervisor.watch((unit) => {
    if (supervisor.connects !== session) {
      for (const each of [rate, keys]) each.reset();
      bits.reset();
    }
    session = supervisor.connects;
    firstAt ??= unit.receivedAt;
    rate.push(unit);
    if (unit.key) keyPictures++;
    if (!wasOpen && firstAt - began >= KEY_PATIENCE && keyPictures < 2) return;
    keys.push(unit);
    bits.push(unit);
  });
  try {
    for (;;) {
      await sleep(LOOK, undefined, { signal }).catch(() => {});
      const now = performance.now();
      const { state, latest, lastError } = supervisor;
      live = state === 'live' && latest ? (live ?? now) : undefined;
      const over = signal.aborted || now - began > MOST;
      if (live !== undefined && latest) {
        const seen = keys.keyInterval;
        if (!over && (now - live < LEAST || seen === undefined)) continue;
        // None in all that time: what its viewers have waited for is longer.
        const keyInterval = seen ?? rate.keyInterval ?? supervisor.frameRate.keyInterval ?? null;
        const { codec, width, height } = latest.video;
        const measured = {
          codec,
          width,
          height,
          fps: rate.fps ?? null,
          key_frame_interval: keyInterval,
        };
        return {
          facts: { ...facts, ...measured, outcome: 'measured' },
          bitrate: bits.value ?? null,
          firstPicture: wasOpen || firstAt === undefined ? null : (firstAt - began) / 1000,
          failure: undefined,
        };
      }
      if (state === 'unsupported')
        return { ...nothing, facts: { ...facts, outcome: 'unsupported' }, failure: lastError?.message };
      const hopeless = state === 'refused' || state === 'busy' || state === 'stopped' || state === 'ended';
      if (over || hopeless || now - began > PATIENCE)
        return {
          ...nothing,
          facts: { ...facts, outcome: 'closed' },
          failure: lastError?.message ?? `it is ${state}`,
        };
    }
  } finally {
    release();
  }
}
