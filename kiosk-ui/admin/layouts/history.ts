/** What was, is, and was undone. Pure. */
export interface History<T> {
  past: readonly T[];
  now: T;
  future: readonly T[];
  /** What the newest change was about: changes of the same thing in a row are one step. */
  about: string | undefined;
}

/** Nobody goes back further. */
const LONGEST = 200;

export const begun = <T>(now: T): History<T> => ({ past: [], now, future: [], about: undefined });

export function changed<T>(history: History<T>, now: T, about?: string): History<T> {
  if (now === history.now) return history;
  const same = about !== undefined && about === history.about;
  const past = same ? history.past : [...history.past, history.now].slice(-LONGEST);
  return { past, now, future: [], about };
}

export function undone<T>(history: History<T>): History<T> {
  const now = history.past.at(-1);
  if (now === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    now,
    future: [history.now, ...history.future],
    about: undefined,
  };
}

export function redone<T>(history: History<T>): History<T> {
  const [now, ...future] = history.future;
  if (now === undefined) return history;
  return { past: [...history.past, history.now], now, future, about: undefined };
}
