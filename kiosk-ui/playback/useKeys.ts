import { useEffect } from 'preact/hooks';
import { timeZone } from '../i18n/format.ts';
import type { Deck } from './deck.ts';
import { toEdge } from './edges.ts';
import { actionOfKey, isTaken, type PlaybackAction } from './keys.ts';
import { speedBeside } from './sync.ts';

/** The whole page listens, unless a field or a dialog has the keys. */
export function useKeys(deck: Deck): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { target } = event;
      if (target instanceof HTMLElement) {
        if (target.closest('dialog')) return;
        if (isTaken(event.key, target.tagName, target.getAttribute('type') ?? '')) return;
      }
      const action = actionOfKey(event);
      if (!action) return;
      event.preventDefault();
      act(deck, action);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [deck]);
}

function act(deck: Deck, action: PlaybackAction): void {
  switch (action.do) {
    case 'toggle':
      deck.play();
      break;
    case 'jump':
      deck.jump(action.seconds);
      break;
    case 'frame':
      void deck.step(action.step);
      break;
    case 'event':
      deck.toEvent(action.step);
      break;
    case 'speed':
      deck.setSpeed(speedBeside(deck.speed.peek(), action.step));
      break;
    case 'edge':
      void toEdge(deck, action.edge, timeZone.peek());
      break;
    case 'mark':
      deck.mark(action.edge);
      break;
    case 'zoom':
      deck.zoom(action.factor);
      break;
    case 'choose':
      if (deck.tiles.peek()[action.index]) deck.chosen.value = action.index;
      break;
    case 'live':
      deck.goLive();
      break;
  }
}
