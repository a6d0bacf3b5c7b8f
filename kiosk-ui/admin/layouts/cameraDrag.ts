/** Dragging a camera out of the palette by mouse, finger or pen. */
export interface CameraDrag {
  /** The tile under the pointer, if any. */
  over: (tile: number | undefined) => void;
  dropped: (tile: number) => void;
}

/** Pixels before a press counts as a drag and no longer as a tap. */
const THRESHOLD = 6;

/**
 * Begins with a pointer that went down on `source`. A copy of it follows the pointer; the palette’s `touch-action` leaves
 * one direction to scrolling, in which case the browser cancels the pointer and nothing happens.
 */
export function dragCamera(event: PointerEvent, source: HTMLElement, { over, dropped }: CameraDrag): void {
  if (event.button !== 0) return;
  const { pointerId, clientX, clientY } = event;
  let ghost: HTMLElement | undefined;
  const place = (at: PointerEvent) => {
    ghost?.style.setProperty('translate', `${at.clientX}px ${at.clientY}px`);
  };
  const move = (at: PointerEvent) => {
    if (at.pointerId !== pointerId) return;
    if (!ghost && Math.hypot(at.clientX - clientX, at.clientY - clientY) < THRESHOLD) return;
    if (!ghost) {
      ghost = source.cloneNode(true) as HTMLElement;
      ghost.className = 'layouts-ghost';
      ghost.setAttribute('aria-hidden', 'true');
      document.body.append(ghost);
    }
    at.preventDefault();
    place(at);
    over(tileUnder(at));
  };
  const end = (at: PointerEvent) => {
    if (at.pointerId !== pointerId) return;
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', end);
    removeEventListener('pointercancel', end);
    removeEventListener('keydown', giveUp, true);
    over(undefined);
    if (!ghost) return;
    ghost.remove();
    // The click that follows a drag is not a tap on the camera.
    const swallow = (click: Event) => {
      click.stopPropagation();
      click.preventDefault();
    };
    addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener('click', swallow, true));
    const tile = at.type === 'pointerup' ? tileUnder(at) : undefined;
    if (tile !== undefined) dropped(tile);
  };
  const giveUp = (key: KeyboardEvent) => {
    if (key.key === 'Escape') end(new PointerEvent('pointercancel', { pointerId }));
  };
  addEventListener('pointermove', move);
  addEventListener('pointerup', end);
  addEventListener('pointercancel', end);
  addEventListener('keydown', giveUp, true);
}

function tileUnder({ clientX, clientY }: PointerEvent): number | undefined {
  for (const element of document.elementsFromPoint(clientX, clientY)) {
    const id = element.closest<HTMLElement>('[data-tile]')?.dataset.tile;
    if (id !== undefined) return Number(id);
  }
  return undefined;
}
