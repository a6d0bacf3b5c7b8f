/**
 * Fingers and pens drag tiles and their corners at once. Gridstack begins only after a finger has rested for 0.3 s, until
 * when the browser may have taken the swipe for scrolling or for Back; so it is kept from touches and gets mouse events
 * made of them. A tap stays the browser’s own: it sends the click.
 *
 * @returns takes the listeners away again
 */
export function dragByTouch(stage: HTMLElement): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let held: { pointer: number; target: Element } | undefined;

  const tell = (type: 'mousedown' | 'mousemove' | 'mouseup', target: Element, at: PointerEvent) => {
    const { clientX, clientY, screenX, screenY } = at;
    target.dispatchEvent(
      new MouseEvent(type, {
        bubbles: true,
        cancelable: true,
        view: window,
        ...{ clientX, clientY, screenX, screenY, button: 0, buttons: type === 'mouseup' ? 0 : 1 },
      }),
    );
  };
  const begin = (event: PointerEvent) => {
    const { target, pointerId: pointer, pointerType, isPrimary, button } = event;
    if (pointerType === 'mouse' || !isPrimary || button !== 0 || !(target instanceof Element)) return;
    if (!target.closest('.layouts-tile, .ui-resizable-handle')) return;
    held = { pointer, target };
    tell('mousedown', target, event);
  };
  const move = (event: PointerEvent) => {
    if (event.pointerId === held?.pointer) tell('mousemove', held.target, event);
  };
  const end = (event: PointerEvent) => {
    if (event.pointerId !== held?.pointer) return;
    const { target } = held;
    held = undefined;
    tell('mouseup', target, event);
  };
  stage.addEventListener('touchstart', (event) => event.stopPropagation(), {
    signal,
    capture: true,
    passive: true,
  });
  stage.addEventListener('pointerdown', begin, { signal, capture: true });
  addEventListener('pointermove', move, { signal });
  addEventListener('pointerup', end, { signal });
  addEventListener('pointercancel', end, { signal });
  return () => stop.abort();
}
