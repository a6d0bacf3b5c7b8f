import type { Camera, StreamState } from '../../../daemon/schema.ts';

/** From what is most telling of a camera to what is least. */
const TELLING: readonly StreamState[] = [
  'live',
  'refused',
  'gone',
  'unsupported',
  'busy',
  'stalled',
  'connecting',
  'ended',
  'paused',
  'idle',
  'stopped',
];
/** These need somebody to do something. */
const TROUBLE: ReadonlySet<StreamState> = new Set(['refused', 'gone', 'unsupported', 'busy', 'stalled']);

/** One state for a camera with several streams. `now`: the newest word on a stream, else what was read. */
export function cameraState(
  { streams }: Pick<Camera, 'streams'>,
  now: ReadonlyMap<string, { state: StreamState }>,
): StreamState {
  const states = streams.map((stream) => now.get(stream.name)?.state ?? stream.state);
  return TELLING.find((state) => states.includes(state)) ?? 'stopped';
}

export function inTrouble(state: StreamState): boolean {
  return TROUBLE.has(state);
}

/** Cameras with trouble first, otherwise as they come. */
export function troubleFirst<T extends { state: StreamState }>(cameras: readonly T[]): T[] {
  return [...cameras].sort((a, b) => Number(inTrouble(b.state)) - Number(inTrouble(a.state)));
}
