import { useEffect, useState } from 'preact/hooks';
import type { WallChanges } from '../../daemon/schema.ts';
import { readWallChanges } from '../api/recordings.ts';
import type { Deck } from './deck.ts';
import { lengthOf } from './scale.ts';

/** Milliseconds that the view has to rest. */
const REST = 400;
const NONE: readonly number[] = [];

/** When the wall's layout changed, within the view: Unix seconds. */
export function useWallChanges(deck: Deck, screen: number | undefined): readonly number[] {
  const [changes, setChanges] = useState(NONE);
  const view = deck.view.value;
  // Coarse, so that a view that follows the playhead does not ask at every step.
  const step = lengthOf(view) / 4;
  const key = screen === undefined ? '' : `${screen} ${Math.round(view.from / step)} ${Math.round(step)}`;
  useEffect(() => {
    if (screen === undefined) return setChanges(NONE);
    let ended = false;
    const timer = setTimeout(() => {
      const { from, to } = deck.view.peek();
      void readWallChanges(screen, from - step, to + step).then((answer) => {
        if (!ended && answer.ok) setChanges(layoutChanges(answer.value.changes));
      });
    }, REST);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [key]);
  return changes;
}

/** Cameras and states change all the time; told are the changes of the layout. What it was before the first is not known. */
function layoutChanges(changes: WallChanges['changes']): number[] {
  return changes.filter(({ layout }, i) => i > 0 && layout !== changes[i - 1]!.layout).map(({ at }) => at);
}
