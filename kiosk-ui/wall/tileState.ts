import type { StreamState } from '../../daemon/schema.ts';

/**
 * Milliseconds. Below the first a picture counts as live; from the second on nobody may take it for live: the overlay is
 * on the screen five seconds after the last picture, so it is decided on a little earlier.
 */
export const LATE = 2_000;
export const FROZEN = 4_400;
/** How long the events socket may be away before the page says so: it then knows nothing about any picture. */
export const UNREACHABLE = 2_000;

/** What the events socket last said about a stream. */
export interface StreamFact {
  state: StreamState;
  /** Unix seconds. */
  since: number;
  message: string | null;
}

/** Everything that a tile's state depends on. Times are milliseconds of the page's own clock, which never jumps. */
export interface TileFacts {
  now: number;
  /** Since when the events socket has been away; undefined while it is open. */
  downSince: number | undefined;
  /** none: an empty tile; unknown: the layout names a camera that is not there. */
  camera: 'none' | 'unknown' | 'known';
  /** Of the stream shown or asked for; undefined where the camera has none. */
  stream: StreamFact | undefined;
  /** When the tile turned to this camera. */
  openedAt: number;
  /** When the camera's newest picture on the screen arrived from it; undefined before the first. */
  pictureAt: number | undefined;
  /** The browser has no connection left for this tile. */
  noConnection: boolean;
  /** Milliseconds for which all pictures have been the very same, by the daemon's word; undefined: none was. */
  unchangedFor: number | undefined;
  /** From how many milliseconds on that is worth saying; Infinity: never. */
  unchangedLimit: number;
  /** Milliseconds for which the page has painted the same although it is sent other pictures; undefined: it does not. */
  unpaintedFor: number | undefined;
}

/**
 * `age`: milliseconds since the newest picture that was a new one, undefined if there is none. `since`: Unix seconds.
 */
export type TileState =
  | { kind: 'empty' }
  | { kind: 'unknown' }
  | { kind: 'noStream' }
  | { kind: 'noConnection' }
  | { kind: 'connecting'; elapsed: number }
  | { kind: 'live' }
  | { kind: 'late'; age: number }
  | { kind: 'frozen'; age: number }
  | { kind: 'unchanged'; age: number }
  | { kind: 'notPainted'; age: number }
  | { kind: 'unreachable'; age: number | undefined }
  | { kind: Trouble; age: number | undefined; since: number; message: string | null };

export type Trouble = 'stopped' | 'refused' | 'unsupported' | 'busy' | 'gone' | 'ended';

/** What a tile shows. Pure: the same facts, the same state. */
export function tileState(facts: TileFacts): TileState {
  const { now, downSince, stream, openedAt, pictureAt } = facts;
  const age = pictureAt === undefined ? undefined : Math.max(0, now - pictureAt);
  if (facts.camera === 'none') return { kind: 'empty' };
  if (downSince !== undefined && now - downSince > UNREACHABLE) return { kind: 'unreachable', age };
  if (facts.camera === 'unknown') return { kind: 'unknown' };
  if (!stream) return { kind: 'noStream' };
  if (facts.noConnection) return { kind: 'noConnection' };
  const trouble = troubleOf(stream.state);
  if (trouble && (isFinal(trouble) || age === undefined || age >= LATE)) {
    return { kind: trouble, age, since: stream.since, message: stream.message };
  }
  if (age === undefined) return { kind: 'connecting', elapsed: Math.max(0, now - openedAt) };
  // What the daemon sends is of no use while the page paints something else.
  if (age < FROZEN && facts.unpaintedFor !== undefined) {
    return { kind: 'notPainted', age: facts.unpaintedFor };
  }
  if (age < LATE) {
    const unchanged = facts.unchangedFor ?? 0;
    return unchanged >= facts.unchangedLimit ? { kind: 'unchanged', age: unchanged } : { kind: 'live' };
  }
  if (age < FROZEN) return { kind: 'late', age };
  return { kind: 'frozen', age };
}

/** The stream's states that explain a missing picture; the others leave it to the picture's age. */
function troubleOf(state: StreamState): Trouble | undefined {
  switch (state) {
    case 'stopped':
    case 'refused':
    case 'unsupported':
    case 'busy':
    case 'gone':
    case 'ended':
      return state;
    case 'idle':
    case 'connecting':
    case 'live':
    case 'stalled':
    case 'paused':
      return undefined;
  }
}

/** Said at once. The rest may be over in a moment and is said when the picture is late. */
function isFinal(trouble: Trouble): boolean {
  return trouble === 'stopped' || trouble === 'ended' || trouble === 'refused' || trouble === 'unsupported';
}
