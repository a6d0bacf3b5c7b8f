/** Which connector is which screen. Pure. */

/** As many as the daemon keeps walls for. */
export const MOST_SCREENS = 4;

/**
 * Connectors in the order of their screens' numbers: the first is screen 1. A number stays with its connector, so that a
 * monitor that is switched off, or missing at a start, does not move the other one's wall.
 *
 * @param known as it was; what is kept over restarts
 * @param connected those with a monitor now
 * @param pinned whose numbers somebody has fixed
 */
export function numbered(
  known: readonly string[],
  connected: readonly string[],
  pinned: readonly string[] = [],
): string[] {
  const list = [...new Set([...pinned, ...known])].slice(0, MOST_SCREENS);
  for (const name of connected) {
    if (list.includes(name)) continue;
    const isGone = (one: string) => !connected.includes(one) && !pinned.includes(one);
    const [only] = list;
    // The cable of the only monitor was moved, or it is another box by now.
    const moved = list.length === 1 && only !== undefined && isGone(only);
    const free = moved || list.length >= MOST_SCREENS ? list.findIndex(isGone) : list.length;
    if (free >= 0) list[free] = name;
  }
  return list;
}
