/** What keys do on the playback page. Pure. */

export type PlaybackAction =
  | { do: 'toggle' }
  | { do: 'jump'; seconds: number }
  | { do: 'frame'; step: 1 | -1 }
  | { do: 'event'; step: 1 | -1 }
  | { do: 'speed'; step: 1 | -1 }
  | { do: 'edge'; edge: 'start' | 'end' }
  | { do: 'mark'; edge: 'in' | 'out' }
  | { do: 'zoom'; factor: number }
  | { do: 'choose'; index: number }
  | { do: 'live' };

const KEYS: Readonly<Record<string, PlaybackAction>> = {
  ' ': { do: 'toggle' },
  k: { do: 'toggle' },
  ArrowLeft: { do: 'jump', seconds: -5 },
  ArrowRight: { do: 'jump', seconds: 5 },
  PageUp: { do: 'jump', seconds: 60 },
  PageDown: { do: 'jump', seconds: -60 },
  ',': { do: 'frame', step: -1 },
  '.': { do: 'frame', step: 1 },
  n: { do: 'event', step: 1 },
  p: { do: 'event', step: -1 },
  '+': { do: 'speed', step: 1 },
  '=': { do: 'speed', step: 1 },
  '-': { do: 'speed', step: -1 },
  Home: { do: 'edge', edge: 'start' },
  End: { do: 'edge', edge: 'end' },
  i: { do: 'mark', edge: 'in' },
  o: { do: 'mark', edge: 'out' },
  ArrowUp: { do: 'zoom', factor: 2 },
  ArrowDown: { do: 'zoom', factor: 0.5 },
  l: { do: 'live' },
};

export interface Pressed {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/** Undefined: the key is not ours. With Shift arrows go a minute. */
export function actionOfKey({
  key,
  shiftKey,
  ctrlKey,
  altKey,
  metaKey,
}: Pressed): PlaybackAction | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  if (/^[1-9]$/.test(key)) return { do: 'choose', index: Number(key) - 1 };
  const action = KEYS[key.length === 1 ? key.toLowerCase() : key];
  if (action?.do === 'jump' && shiftKey && Math.abs(action.seconds) === 5)
    return { do: 'jump', seconds: action.seconds * 12 };
  return action;
}

/** What a focused element needs for itself: fields all of it, lists and sliders their arrows, buttons Space. */
export function isTaken(key: string, tag: string, type: string): boolean {
  if (tag === 'INPUT' && !/^(checkbox|radio|button|range)$/.test(type)) return true;
  if (tag === 'TEXTAREA' || tag === 'SELECT') return true;
  if (tag === 'INPUT') return key === ' ' || key.startsWith('Arrow');
  if (tag === 'BUTTON' || tag === 'A' || tag === 'SUMMARY') return key === ' ' || key === 'Enter';
  return false;
}
