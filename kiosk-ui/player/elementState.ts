/** What a `<walleye-camera>` says over its picture. Pure: the same facts, the same words. */
import { type StreamFact, type TileState, tileState, UNREACHABLE } from '../wall/tileState.ts';

export interface ElementFacts {
  /** Milliseconds of the page's clock. */
  now: number;
  /** Neither a stream nor a camera is given. */
  empty: boolean;
  /** Why nothing is even tried, one sentence. */
  problem: string | undefined;
  /** Since when there has been no connection; undefined: there is one. */
  downSince: number | undefined;
  /** Whether there ever was one. */
  proven: boolean;
  /** When the stream was asked for. */
  openedAt: number;
  /** The box's last word on the stream. */
  stream: StreamFact | undefined;
  /** Why the box does not send it, one sentence. */
  error: string | undefined;
  /** Of the picture on the screen, milliseconds. */
  age: number | undefined;
}

export type ElementState =
  | TileState
  | { kind: 'problem' | 'error'; age: number | undefined; message: string };

/** The stream's state before the box has said it. */
const ASKED: StreamFact = { state: 'connecting', since: 0, message: null };

export function elementState(facts: ElementFacts): ElementState {
  const { now, age, problem, error, downSince } = facts;
  if (facts.empty) return { kind: 'empty' };
  if (problem !== undefined) return { kind: 'problem', age, message: problem };
  if (error !== undefined && downSince === undefined) return { kind: 'error', age, message: error };
  return tileState({
    now,
    // Before the first picture there is nothing that could be taken for live: it may take its time.
    downSince: facts.proven || now - facts.openedAt > UNREACHABLE ? downSince : undefined,
    camera: 'known',
    stream: facts.stream ?? ASKED,
    openedAt: facts.openedAt,
    pictureAt: age === undefined ? undefined : now - age,
    noConnection: false,
    unchangedFor: undefined,
    unchangedLimit: Infinity,
    unpaintedFor: undefined,
  });
}

export interface ElementWords {
  /** Large. Empty: no overlay. */
  title: string;
  /** How old, since when. With a title or without. */
  time: string;
  /** One sentence. */
  note: string;
}

/** English; an attribute `text-gone`, `note-gone` … says it otherwise. `{message}`: the box's own sentence. */
export const WORDS: Readonly<Record<string, string>> = {
  'text-empty': 'NO STREAM',
  'note-empty': 'Give the attribute “stream” or “camera”.',
  'text-problem': 'NOT SHOWN',
  'note-problem': '{message}',
  'text-error': 'NOT SHOWN',
  'note-error': '{message}',
  'text-connecting': 'Connecting',
  'text-frozen': 'NO PICTURE',
  'note-frozen': 'Nothing new has come from this camera.',
  'text-unreachable': 'NO CONNECTION',
  'note-unreachable': 'The connection to the box is interrupted.',
  'note-unreachable-yet': 'The box does not answer, or refuses the token.',
  'text-gone': 'OFFLINE',
  'note-gone': '{message}',
  'text-busy': 'CAMERA BUSY',
  'note-busy': '{message}',
  'text-refused': 'LOGIN REFUSED',
  'note-refused': '{message}',
  'text-unsupported': 'CANNOT DECODE',
  'note-unsupported': '{message}',
  'text-stopped': 'SWITCHED OFF',
  'note-stopped': 'This stream was stopped by hand.',
  'text-ended': 'RECORDING ENDED',
  'text-seconds': '{n} s',
  'text-since': 'since {time}',
};

/** Milliseconds up to which an age is told in seconds; beyond, people ask since when. */
const SECONDS_UNTIL = 60_000;

/**
 * @param attribute what the page says instead of WORDS
 * @param unixNow milliseconds
 */
export function wordsOf(
  state: ElementState,
  attribute: (name: string) => string | null,
  unixNow: number,
  proven: boolean,
): ElementWords {
  const { kind } = state;
  const say = (name: string) => attribute(name) ?? WORDS[name] ?? '';
  if (kind === 'live') return { title: '', time: '', note: '' };
  const age = 'age' in state ? state.age : kind === 'connecting' ? state.elapsed : undefined;
  const since = 'since' in state ? unixNow - state.since * 1000 : undefined;
  const time = ago(age ?? since, unixNow, say);
  if (kind === 'late') return { title: '', time, note: '' };
  // Those that are there answer within this time; counting every wait would only be restless.
  if (kind === 'connecting')
    return { title: say('text-connecting'), time: (age ?? 0) < 3_000 ? '' : time, note: '' };
  const message = sentence('message' in state ? state.message : null);
  const note = say(kind === 'unreachable' && !proven ? 'note-unreachable-yet' : `note-${kind}`);
  return { title: say(`text-${kind}`), time, note: note.replace('{message}', message) };
}

/** “14 s”, later “since 14:02”. */
function ago(age: number | undefined, unixNow: number, say: (name: string) => string): string {
  if (age === undefined) return '';
  if (age < SECONDS_UNTIL)
    return say('text-seconds').replace('{n}', String(Math.floor(Math.max(age, 0) / 1000)));
  const moment = new Date(unixNow - age);
  const day = age > 20 * 3_600_000 ? ({ dateStyle: 'short' } as const) : {};
  return say('text-since').replace('{time}', moment.toLocaleString([], { timeStyle: 'short', ...day }));
}

/** The box's messages are parts of log lines. */
function sentence(message: string | null): string {
  return message ? message.charAt(0).toUpperCase() + message.slice(1) : '';
}
