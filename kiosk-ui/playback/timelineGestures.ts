/**
 * Mouse: a click or a drag puts the playhead there, dragging the ruler moves the tape, the wheel zooms, with Shift it moves. Finger:
 * the tape is drawn beneath the playhead, two fingers zoom, a tap goes there.
 */
import type { Deck } from './deck.ts';
import { lengthOf, moved, timeOf } from './scale.ts';
import { RULER } from './timelineDraw.ts';

/** CSS pixels: less is a tap. */
const DRAG = 6;
const WHEEL_STEP = 1.0018;

interface Finger {
  x: number;
  startX: number;
  startY: number;
  moved: boolean;
}

export class TimelineGestures {
  readonly #deck: Deck;
  readonly #element: HTMLElement;
  readonly #rowAt: (y: number) => string | undefined;
  #fingers = new Map<number, Finger>();
  #panning = false;
  #pinched = false;

  /** @param rowAt the camera whose row is at that height */
  constructor(deck: Deck, element: HTMLElement, rowAt: (y: number) => string | undefined) {
    this.#deck = deck;
    this.#element = element;
    this.#rowAt = rowAt;
    element.addEventListener('pointerdown', this.#down);
    element.addEventListener('pointermove', this.#move);
    element.addEventListener('pointerup', this.#up);
    element.addEventListener('pointercancel', this.#up);
    // Preact's would be passive, and the page would scroll or zoom along.
    element.addEventListener('wheel', this.#wheel, { passive: false });
  }

  close(): void {
    const element = this.#element;
    element.removeEventListener('pointerdown', this.#down);
    element.removeEventListener('pointermove', this.#move);
    element.removeEventListener('pointerup', this.#up);
    element.removeEventListener('pointercancel', this.#up);
    element.removeEventListener('wheel', this.#wheel);
  }

  get #box(): DOMRect {
    return this.#element.getBoundingClientRect();
  }

  #timeAt(clientX: number): number {
    const { left, width } = this.#box;
    return timeOf(this.#deck.view.peek(), width, clientX - left);
  }

  #down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    this.#element.setPointerCapture(event.pointerId);
    const { clientX: x, clientY } = event;
    this.#fingers.set(event.pointerId, { x, startX: x, startY: clientY, moved: false });
    if (this.#fingers.size > 1) {
      this.#pinched = true;
      return;
    }
    this.#pinched = false;
    const y = clientY - this.#box.top;
    this.#panning = event.pointerType === 'mouse' && y < RULER;
    const row = this.#rowAt(y);
    if (row !== undefined && event.pointerType === 'mouse') this.#deck.choose(row);
    if (event.pointerType === 'mouse' && !this.#panning) {
      this.#deck.scrubbing.value = true;
      this.#deck.seek(this.#timeAt(x));
    }
  };

  #move = (event: PointerEvent): void => {
    const finger = this.#fingers.get(event.pointerId);
    if (!finger) return;
    const before = finger.x;
    finger.x = event.clientX;
    if (Math.abs(finger.x - finger.startX) > DRAG) finger.moved = true;
    const deck = this.#deck;
    const { width } = this.#box;
    if (this.#fingers.size === 2) {
      const [a, b] = [...this.#fingers.values()] as [Finger, Finger];
      const other = finger === a ? b : a;
      const was = Math.abs(before - other.x);
      const is = Math.abs(finger.x - other.x);
      if (was > 10 && is > 10) deck.zoom(is / was);
      return;
    }
    if (!finger.moved && event.pointerType !== 'mouse') return;
    const seconds = ((before - finger.x) / width) * lengthOf(deck.view.peek());
    if (this.#panning) {
      deck.view.value = moved(deck.view.peek(), seconds);
    } else if (event.pointerType === 'mouse') {
      deck.seek(this.#timeAt(finger.x));
    } else if (!this.#pinched) {
      deck.scrubbing.value = true;
      const at = Math.min(deck.time + seconds, Date.now() / 1000);
      deck.view.value = moved(deck.view.peek(), at - deck.time);
      deck.seek(at);
    }
  };

  #up = (event: PointerEvent): void => {
    const finger = this.#fingers.get(event.pointerId);
    if (!finger) return;
    this.#fingers.delete(event.pointerId);
    if (this.#fingers.size > 0) return;
    this.#deck.scrubbing.value = false;
    if (event.type === 'pointerup' && event.pointerType !== 'mouse' && !finger.moved && !this.#pinched) {
      const row = this.#rowAt(finger.startY - this.#box.top);
      if (row !== undefined) this.#deck.choose(row);
      this.#deck.seek(this.#timeAt(finger.x));
    }
  };

  #wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const deck = this.#deck;
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      deck.view.value = moved(deck.view.peek(), (sideways / this.#box.width) * lengthOf(deck.view.peek()));
      return;
    }
    // Some mice tell lines, not pixels.
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 33 : event.deltaY;
    deck.zoom(WHEEL_STEP ** -pixels, this.#timeAt(event.clientX));
  };
}
