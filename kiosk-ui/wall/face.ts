import { clock, text } from './strings.ts';
import type { TileState } from './tileState.ts';

/** What is written on a tile over its picture. Small and comparable: the page draws it anew only when it changed. */
export interface Face {
  kind: TileState['kind'];
  /** Large. Empty: no overlay. */
  title: string;
  /** Beside or under the title: how long, since when. */
  time: string;
  /** One sentence, small. */
  note: string;
}

/** Milliseconds up to which an age is told in seconds; beyond, people ask since when. */
const SECONDS_UNTIL = 60_000;

/** `unixNow` in milliseconds. */
export function faceOf(state: TileState, camera: string, unixNow: number): Face {
  const { kind } = state;
  switch (kind) {
    case 'empty':
    case 'live':
      return { kind, title: '', time: '', note: '' };
    case 'connecting':
      // A camera that is there answers within this time; counting every wait would only make the wall restless.
      return {
        kind,
        title: text.connecting,
        time: state.elapsed < 3_000 ? '' : ago(state.elapsed, unixNow),
        note: '',
      };
    case 'late':
      return { kind, title: '', time: ago(state.age, unixNow), note: '' };
    case 'frozen':
      return { kind, title: text.noPicture, time: ago(state.age, unixNow), note: '' };
    case 'unreachable':
      return {
        kind,
        title: text.unreachable,
        time: state.age === undefined ? '' : ago(state.age, unixNow),
        note: '',
      };
    case 'unknown':
      return { kind, title: text.unknownCamera, time: '', note: text.unknownCameraNote(camera) };
    case 'noStream':
      return { kind, title: text.noStream, time: '', note: text.noStreamNote };
    case 'noConnection':
      return { kind, title: text.noConnection, time: '', note: text.noConnectionNote };
    case 'gone':
    case 'ended':
    case 'busy':
    case 'refused':
    case 'unsupported':
    case 'stopped':
      return {
        kind,
        ...trouble[kind](state.message),
        time: ago(state.age ?? unixNow - state.since * 1000, unixNow),
      };
  }
}

const trouble = {
  gone: (message: string | null) => ({ title: text.offline, note: sentence(message ?? '') }),
  ended: () => ({ title: text.ended, note: '' }),
  busy: (message: string | null) => ({ title: text.busy, note: sentence(message ?? text.busyNote) }),
  refused: (message: string | null) => ({
    title: text.loginRefused,
    note: sentence(message ?? text.loginRefusedNote),
  }),
  unsupported: (message: string | null) => ({
    title: text.unsupported,
    note: sentence(message ?? text.unsupportedNote),
  }),
  stopped: () => ({ title: text.stopped, note: text.stoppedNote }),
};

/** The daemon's messages are parts of log lines. */
function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}

/** “14 s”, later “since 14:02”. Milliseconds. */
function ago(age: number, unixNow: number): string {
  if (age < SECONDS_UNTIL) return text.seconds(Math.floor(Math.max(age, 0) / 1000));
  return text.since(clock(new Date(unixNow - age), new Date(unixNow)));
}
