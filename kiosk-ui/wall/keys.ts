/** What a key of a keyboard or of a remote control asks for. */
export type Action =
  | { do: 'digit'; digit: number }
  | { do: 'arrow'; x: number; y: number }
  | { do: 'layout'; index: number }
  | { do: Plain };
type Plain = 'enter' | 'back' | 'hold' | 'next' | 'previous' | 'zoomIn' | 'zoomOut' | 'help' | 'move';

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** https://www.w3.org/TR/uievents-key/ and what televisions and Android boxes send for the same keys. */
const PLAIN: Record<string, Plain> = {
  Enter: 'enter',
  Select: 'enter',
  Accept: 'enter',
  OK: 'enter',
  Escape: 'back',
  Backspace: 'back',
  BrowserBack: 'back',
  GoBack: 'back',
  Exit: 'back',
  ' ': 'hold',
  MediaPlayPause: 'hold',
  MediaPlay: 'hold',
  MediaPause: 'hold',
  PageDown: 'next',
  ChannelUp: 'next',
  MediaTrackNext: 'next',
  PageUp: 'previous',
  ChannelDown: 'previous',
  MediaTrackPrevious: 'previous',
  '+': 'zoomIn',
  ZoomIn: 'zoomIn',
  '-': 'zoomOut',
  ZoomOut: 'zoomOut',
  '?': 'help',
  Help: 'help',
  Info: 'help',
  F1: 'help',
  p: 'move',
  P: 'move',
};

const COLOURS = ['ColorF0Red', 'ColorF1Green', 'ColorF2Yellow', 'ColorF3Blue'];

/** @param key as `KeyboardEvent.key`. Undefined for keys that mean nothing here. */
export function actionOfKey(key: string): Action | undefined {
  if (/^[0-9]$/.test(key)) return { do: 'digit', digit: Number(key) };
  const arrow = Object.hasOwn(ARROWS, key) ? ARROWS[key] : undefined;
  if (arrow) return { do: 'arrow', x: arrow[0], y: arrow[1] };
  const colour = COLOURS.indexOf(key);
  if (colour >= 0) return { do: 'layout', index: colour };
  const plain = Object.hasOwn(PLAIN, key) ? PLAIN[key] : undefined;
  return plain && { do: plain };
}
