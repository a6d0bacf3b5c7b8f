/**
 * Whose turn it is, among layouts in sequence or cameras in one tile. `since` is when this turn began, milliseconds
 * of the page's clock.
 */
export interface Turn {
  index: number;
  since: number;
}

/** The turn at `now`. It is held while somebody looks at one camera, and then begins anew. */
export function nextTurn(turn: Turn, count: number, dwellSeconds: number, now: number, held: boolean): Turn {
  if (turn.index >= count) return { index: 0, since: now };
  if (held) return { index: turn.index, since: now };
  if (count < 2 || now - turn.since < dwellSeconds * 1000) return turn;
  return { index: (turn.index + 1) % count, since: now };
}
