/**
 * What to do now: which windows to start and end, which outputs to switch off and on, and whether all is well. Pure: what
 * is seen goes in with what was remembered, orders come out. Times in milliseconds of a clock that never jumps.
 */
import type { Told } from './told.ts';

/** A screen that has a number, as it is now. */
export interface Seen {
  screen: number;
  /** The connector has a monitor; never while we hold it off. */
  connected: boolean;
  /** Its first mode; empty: none. */
  mode: string;
  /** The compositor shows something on it: a window may come. Without any output weston 14 falls over a new window. */
  ready: boolean;
  /** We can switch it off. */
  switchable: boolean;
  /** Its browser, when it was started, and the bytes that it has. */
  window: { since: number; bytes: number; hidden: boolean } | undefined;
}

export interface Facts {
  now: number;
  /** Nobody minds a window that is started anew. */
  night: boolean;
  /** undefined: the daemon does not answer. */
  told: readonly Told[] | undefined;
  /** Bytes that a browser may have. */
  bound: number;
  seen: readonly Seen[];
}

export interface Screen {
  darkSince?: number | undefined;
  /** We hold its output off. */
  off: boolean;
  /** Its output is gone, or was, under a window that goes on. */
  lost: boolean;
  /** The mode under which its window was started, and whether there were others then. */
  mode: string;
  several: boolean;
  /** Its page has spoken since its window was started. */
  heard: boolean;
  heardAt: number;
  /** How often its window was started anew in vain. */
  tries: number;
  largeSince?: number | undefined;
  turnedThen: number | null;
  /** A monitor without modes. */
  bareSince?: number | undefined;
}

export interface Memory {
  screens: ReadonlyMap<number, Screen>;
  /** The longest that a page has taken to its first word; 0: none has spoken yet. */
  slowest: number;
  /** The last moment at which the daemon answered. */
  answeredAt: number;
}

/** hide: a browser on no output, for a page that says when its screen is to come back */
export type Order =
  | { do: 'start' | 'hide' | 'detect'; screen: number }
  | { do: 'stop' | 'off' | 'on'; screen: number; why: string };

export interface Decision {
  memory: Memory;
  orders: Order[];
  /** Nothing keeps a picture off the screens that we cannot mend here. */
  well: boolean;
}

/** Milliseconds. */
export const DARK_REST = 10_000;
/** A page speaks once a second. Seconds, by the daemon's clock. */
export const AWAKE = 20;
export const SILENCE = 30_000;
/** Until the first page of a slow machine; and of one that has shown one: at least, and so many times as long as that took. */
export const FIRST_GRACE = 300_000;
export const GRACE = 120_000;
const TIMES = 3;
/** Without the daemon's word a dark screen stays dark for so long: it may be starting anew. */
export const WORDLESS = 120_000;
export const BARE = 4_000;
/** A browser has the machine for itself for so long at most, until its page speaks: two at once take longer than one after the other. */
export const ALONE = 20_000;
/** The whole kiosk is started anew after that many windows in vain. */
export const TRIES = 2;
/** How much above its bound a browser is not waited with. */
export const FAR_TOO_LARGE = 1.5;

export const NOTHING: Memory = { screens: new Map(), slowest: 0, answeredAt: -Infinity };

const NEW: Screen = {
  ...{ off: false, lost: false, mode: '', several: false, heard: false },
  ...{ heardAt: 0, tries: 0, turnedThen: null },
};

export function decide(before: Memory, facts: Facts): Decision {
  const { now, told, seen } = facts;
  const orders: Order[] = [];
  const answeredAt = told === undefined ? before.answeredAt : now;
  const words = new Map(told?.map((one) => [one.screen, one]));
  const awake = (screen: number) => (words.get(screen)?.silent ?? Infinity) < AWAKE;
  const screens = new Map(
    seen.map(({ screen }): [number, Screen] => [screen, { ...NEW, ...before.screens.get(screen) }]),
  );
  const of = (screen: number): Screen => screens.get(screen)!;
  const plugged = seen.filter(({ screen, connected }) => connected || of(screen).off);
  const several = plugged.length > 1;

  // ── dark or lit ──
  const someoneSpeaks = seen.some(({ screen }) => awake(screen));
  const starting = seen.some(({ window }) => window && now - window.since < GRACE);
  for (const { screen } of seen) {
    const own = of(screen);
    const silence = told === undefined ? now - answeredAt < WORDLESS : !someoneSpeaks && starting;
    // Nobody says anything, and soon somebody will: it stays as it is.
    if (own.off && silence) continue;
    own.darkSince = words.get(screen)?.dark ? (own.darkSince ?? now) : undefined;
  }
  const isDark = (screen: number) => now - (of(screen).darkSince ?? Infinity) >= DARK_REST;
  const lit = plugged.filter(({ screen }) => !isDark(screen));
  /** Of several dark screens one page goes on: it says when they are to come back. */
  const judge = lit.length > 0 ? undefined : plugged.find(({ window }) => window)?.screen;
  const stopped = new Set<number>();
  const stop = (screen: number, why: string) => {
    if (!stopped.has(screen)) orders.push({ do: 'stop', screen, why });
    stopped.add(screen);
  };
  for (const { screen, switchable, window } of plugged.toReversed()) {
    const own = of(screen);
    if (!isDark(screen) || (!switchable && !own.off)) continue;
    if (window && screen !== judge) stop(screen, 'its output is off');
    else if (window) own.lost = true;
    if (own.off) continue;
    orders.push({ do: 'off', screen, why: 'its hours' });
    own.off = true;
  }
  // Chromium 156 ends when its last output goes.
  const [first] = plugged;
  if (first && lit.length === 0 && judge === undefined && plugged.every(({ screen }) => of(screen).off))
    orders.push({ do: 'hide', screen: first.screen });
  for (const { screen } of lit) {
    const own = of(screen);
    if (!own.off) continue;
    own.off = false;
    orders.push({ do: 'on', screen, why: words.get(screen)?.dark === false ? 'its hours' : 'no word' });
  }

  // ── windows ──
  const judged: boolean[] = [];
  let { slowest } = before;
  let beginning = seen.some(
    ({ screen, ready, window }) => ready && window && !of(screen).heard && now - window.since < ALONE,
  );
  for (const { screen, connected, mode, ready, window } of seen) {
    const own = of(screen);
    own.bareSince = connected && mode === '' ? (own.bareSince ?? now) : undefined;
    if (own.bareSince !== undefined && now - own.bareSince >= BARE) {
      own.bareSince = now;
      orders.push({ do: 'detect', screen });
    }
    if (own.off || stopped.has(screen)) continue;
    if (!window) {
      if (!ready || beginning) continue;
      beginning = true;
      orders.push({ do: 'start', screen });
      Object.assign(own, { several, mode, lost: false, heard: false, heardAt: now });
      Object.assign(own, { largeSince: undefined, turnedThen: null });
      continue;
    }
    if (window.hidden) {
      stop(screen, 'its output is on');
      continue;
    }
    if (!ready) {
      own.lost = true;
      // Weston moves the others to where it was, and this window would lie over theirs.
      if (seen.some((other) => other.screen !== screen && other.ready && !of(other.screen).off))
        stop(screen, 'its monitor is gone');
      continue;
    }
    if (own.lost && (own.several || several || own.mode !== mode)) {
      // Weston 14 finds no new place for a window whose output was gone.
      stop(screen, 'its monitor is back');
      continue;
    }
    own.lost = false;
    const silent = words.get(screen)?.silent ?? Infinity;
    // Its last word may be of the window before.
    const spoke = silent < AWAKE && silent * 1000 < now - window.since;
    if (spoke && !own.heard) slowest = Math.max(slowest, now - window.since);
    judged.push(isHeard(own, { now, told, spoke, slowest }));
    if (!judged.at(-1) && own.tries < TRIES) {
      own.tries++;
      stop(screen, 'its page does not paint');
    } else if (isTooLarge(own, window.bytes, facts, words.get(screen)))
      stop(screen, 'it has grown too large');
  }
  const hopeless = seen.some(({ screen, window }) => window && of(screen).tries >= TRIES);
  const well = judged.length === 0 || judged.some(Boolean) || !hopeless;
  return { memory: { screens, slowest, answeredAt }, orders, well };
}

interface Hearing {
  now: number;
  told: Facts['told'];
  spoke: boolean;
  slowest: number;
}

/** Whether its page speaks, or may still be silent. Without a daemon nobody can speak. */
function isHeard(own: Screen, { now, told, spoke, slowest }: Hearing): boolean {
  if (told === undefined) own.heardAt = now;
  if (spoke) Object.assign(own, { heard: true, heardAt: now, tries: 0 });
  if (told === undefined || spoke) return true;
  const grace = slowest === 0 ? FIRST_GRACE : Math.max(GRACE, TIMES * slowest);
  return now - own.heardAt < (own.heard ? SILENCE : grace);
}

/** It is started anew while the wall turns to another layout, or at night. */
function isTooLarge(
  own: Screen,
  bytes: number,
  { now, night, bound }: Facts,
  told: Told | undefined,
): boolean {
  if (bytes <= bound) {
    own.largeSince = undefined;
    return false;
  }
  if (own.largeSince === undefined) Object.assign(own, { largeSince: now, turnedThen: told?.turned ?? null });
  const turned = told !== undefined && told.turned !== own.turnedThen;
  return turned || night || told?.dark === true || bytes > bound * FAR_TOO_LARGE;
}
