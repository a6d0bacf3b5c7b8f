/**
 * Compares what one page was sent with what it says it painted, and decides what is to be mended. A page that says
 * nothing of a tile is told nothing about it. Pure but for the memory of one page; `now` in milliseconds of a clock that
 * never jumps.
 */
import type { PageEvent } from '../schema.ts';

export type PaintedTile = Extract<PageEvent, { type: 'painted' }>['tiles'][number];

/** Milliseconds that the screen may stand still although other pictures were sent. */
const PATIENCE = 2_500;
/** The same for a picture that was never painted yet: a page that opens thirty at once takes its time. */
const FIRST_PATIENCE = 5_000;
/** Milliseconds that a picture opened anew gets to move. */
const TRY = 3_000;
/** Pictures opened anew in a row before the whole page is loaded again. */
const TRIES = 2;
/** Milliseconds between two loadings of a client's page, and between tries while it may not be loaded again. */
export const RELOAD_PAUSE = 300_000;
const HOPELESS_PAUSE = 60_000;
/** A picture stood still so long ago that it has nothing to do with this time. */
const FORGET = 60_000;
/** The page's look and our writing are not of the same instant. */
const SLACK = 100;

export interface Repair {
  /** reopen, reload: the page is to be told · itself: the page opened a picture anew of its own accord that stood still */
  readonly action: 'reopen' | 'reload' | 'itself';
  /** Of the picture that stood still. */
  readonly viewer: string;
}

export interface LivenessQuestion {
  readonly tiles: readonly PaintedTile[];
  readonly visible: boolean;
  /** When that viewer was last written a picture that differed from the one before; undefined: never, or no such viewer. */
  readonly changedAt: (viewer: string) => number | undefined;
  /** Whether this client's page may be loaded again; called only when it then is. */
  readonly mayReload: () => boolean;
  readonly now: number;
}

interface Slot {
  viewer: string;
  hash: number | null;
  /** This viewer has painted something. */
  proven: boolean;
  /** When it was written a picture that should have changed the screen, and has not. */
  fedAt: number | undefined;
  /** The report before found it standing still already. */
  suspect: boolean;
  tries: number;
  triedAt: number | undefined;
}

/** One page, for the life of its events socket. */
export class PageLiveness {
  #slots = new Map<string, Slot>();

  /** One report of the page. @returns what is to be done, and to be written down */
  look(question: LivenessQuestion): Repair[] {
    const { tiles, visible, now } = question;
    // Browsers draw nothing of what is not to be seen.
    if (!visible) {
      this.#slots.clear();
      return [];
    }
    const before = this.#slots;
    this.#slots = new Map();
    const repairs: Repair[] = [];
    for (const tile of tiles) {
      const name = slotOf(tile.viewer);
      if (this.#slots.has(name)) continue;
      const last = before.get(name);
      const helpedItself = last !== undefined && last.viewer !== tile.viewer && last.suspect;
      if (helpedItself) repairs.push({ action: 'itself', viewer: last.viewer });
      const known = helpedItself ? { ...last, suspect: false, tries: last.tries + 1, triedAt: now } : last;
      const slot = judged(known, tile, question.changedAt(tile.viewer), now);
      this.#slots.set(name, slot);
      const due = now - (slot.triedAt ?? -Infinity) >= (slot.tries > TRIES ? HOPELESS_PAUSE : TRY);
      // Two reports in a row: one may have been under way for long, and the page shall say it on the screen first.
      const isSure = known?.suspect === true || slot.tries > 0;
      if (!slot.suspect || !isSure || !due) continue;
      slot.tries++;
      slot.triedAt = now;
      const action = slot.tries > TRIES && question.mayReload() ? 'reload' : 'reopen';
      if (action === 'reload') {
        this.#slots.clear();
        return [...repairs, { action, viewer: tile.viewer }];
      }
      slot.fedAt = undefined;
      slot.suspect = false;
      repairs.push({ action, viewer: tile.viewer });
    }
    return repairs;
  }
}

function judged(known: Slot | undefined, tile: PaintedTile, sentAt: number | undefined, now: number): Slot {
  const { viewer, hash, same_ms } = tile;
  const same = known?.viewer === viewer ? known : undefined;
  const moved = same !== undefined && same.hash !== null && hash !== null && same.hash !== hash;
  const stale = now - (known?.triedAt ?? now) > FORGET;
  const fresh = moved || (stale && !known?.suspect);
  const slot: Slot = {
    viewer,
    hash,
    proven: same?.proven === true || hash !== null,
    fedAt: same?.fedAt,
    suspect: false,
    tries: fresh ? 0 : (known?.tries ?? 0),
    triedAt: fresh ? undefined : known?.triedAt,
  };
  // Since when nothing new has been seen, or since what was tried last.
  const since = Math.max(now - same_ms, slot.triedAt ?? -Infinity);
  // A connection that is not there any more feeds nobody: the page hears of that by itself.
  if (sentAt === undefined || (slot.fedAt ?? Infinity) <= since) slot.fedAt = undefined;
  if (sentAt !== undefined && sentAt > since + SLACK) slot.fedAt ??= sentAt;
  const patience = slot.proven ? PATIENCE : FIRST_PATIENCE;
  slot.suspect = slot.fedAt !== undefined && now - slot.fedAt >= patience && same_ms >= patience;
  return slot;
}

/** `page.SLOT-N`: the slot stays with the tile, the number counts what was opened for it. */
function slotOf(viewer: string): string {
  const own = viewer.slice(viewer.indexOf('.') + 1);
  const dash = own.indexOf('-');
  return dash < 0 ? own : own.slice(0, dash);
}

/** A page that is loaded again is another page to us: who asked for it is what stays. */
export class ReloadLimit {
  #last = new Map<string, number>();

  /** Whether this client's page may be loaded again, `now` in milliseconds. If so, it counts as done. */
  allow(client: string, now: number): boolean {
    for (const [one, at] of this.#last) if (now - at >= RELOAD_PAUSE) this.#last.delete(one);
    if (this.#last.has(client)) return false;
    this.#last.set(client, now);
    return true;
  }
}
