import { moment } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { say } from '../i18n/wallTexts.ts';
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
  /** Of when the picture is that is shown until the first live one. */
  still: string;
}

export const NO_FACE: Face = { kind: 'empty', title: '', time: '', note: '', still: '' };

export function sameFace(a: Face, b: Face): boolean {
  return (
    a.kind === b.kind && a.title === b.title && a.time === b.time && a.note === b.note && a.still === b.still
  );
}

/** Milliseconds up to which an age is told in seconds; beyond, people ask since when. */
const SECONDS_UNTIL = 60_000;

/**
 * @param camera its id
 * @param unixNow milliseconds
 * @param stillFrom Unix seconds of the kept picture beneath; undefined where there is none
 */
export function faceOf(state: TileState, camera: string, unixNow: number, stillFrom?: number): Face {
  const still =
    stillFrom === undefined ? '' : say('pictureFrom', { time: moment(stillFrom, unixNow / 1000) });
  return { kind: state.kind, still, ...words(state, camera, unixNow) };
}

function words(state: TileState, camera: string, unixNow: number): Pick<Face, 'title' | 'time' | 'note'> {
  const { kind } = state;
  switch (kind) {
    case 'empty':
    case 'live':
      return { title: '', time: '', note: '' };
    case 'connecting':
      // A camera that is there answers within this time; counting every wait would only make the wall restless.
      return {
        title: say('connecting'),
        time: state.elapsed < 3_000 ? '' : ago(state.elapsed, unixNow),
        note: '',
      };
    case 'late':
      return { title: '', time: ago(state.age, unixNow), note: '' };
    case 'frozen':
      return { title: say('noPicture'), time: ago(state.age, unixNow), note: '' };
    case 'unchanged':
      return { title: say('samePicture'), time: ago(state.age, unixNow), note: '' };
    case 'notPainted':
      return { title: say('notPainted'), time: ago(state.age, unixNow), note: say('notPaintedNote') };
    case 'unreachable':
      return {
        title: say('unreachable'),
        time: state.age === undefined ? '' : ago(state.age, unixNow),
        note: '',
      };
    case 'unknown':
      return { title: say('unknownCamera'), time: '', note: say('unknownCameraNote', { id: camera }) };
    case 'noStream':
      return { title: say('noStream'), time: '', note: say('noStreamNote') };
    case 'noConnection':
      return { title: say('noConnection'), time: '', note: say('noConnectionNote') };
    case 'gone':
    case 'ended':
    case 'busy':
    case 'refused':
    case 'unsupported':
    case 'stopped':
      return {
        ...trouble[kind](state.message),
        time: ago(state.age ?? unixNow - state.since * 1000, unixNow),
      };
  }
}

const trouble = {
  gone: (message: string | null) => ({ title: say('offline'), note: sentence(message) ?? '' }),
  ended: () => ({ title: say('ended'), note: '' }),
  busy: (message: string | null) => ({ title: say('busy'), note: sentence(message) ?? say('busyNote') }),
  refused: (message: string | null) => ({
    title: say('loginRefused'),
    note: sentence(message) ?? say('loginRefusedNote'),
  }),
  unsupported: (message: string | null) => ({
    title: say('unsupported'),
    note: sentence(message) ?? say('unsupportedNote'),
  }),
  stopped: () => ({ title: say('stopped'), note: say('stoppedNote') }),
};

/** The daemon's messages are parts of log lines, in English: who reads another language is told in that what we know. */
function sentence(message: string | null): string | undefined {
  if (!message || language.value !== 'en') return undefined;
  return message.charAt(0).toUpperCase() + message.slice(1);
}

/** “14 s”, later “since 14:02”. Milliseconds. */
function ago(age: number, unixNow: number): string {
  if (age < SECONDS_UNTIL) return say('seconds', { n: Math.floor(Math.max(age, 0) / 1000) });
  return say('since', { time: moment((unixNow - age) / 1000, unixNow / 1000) });
}

/**
 * How much room a text takes, in Latin capitals: Chinese characters are as wide as they are high, one and a half of
 * those.
 */
export function letters(text: string): number {
  let sum = 0;
  for (const character of text) sum += character > '\u2e7f' ? 1.5 : 1;
  return sum;
}
