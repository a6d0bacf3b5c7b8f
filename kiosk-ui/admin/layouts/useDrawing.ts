import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { added } from './arrange.ts';
import type { Cells } from './cells.ts';
import type { Editing } from './editing.ts';

type Box = { left: string; top: string; width: string; height: string };

/**
 * A new tile is drawn with the mouse over free cells. Fingers scroll the page there; they have the Add button.
 */
export function useDrawing(editing: Editing, root: RefObject<HTMLElement | null>) {
  const rect = useSignal<Box | undefined>(undefined);
  const begin = (event: PointerEvent) => {
    const element = root.current;
    if (!element || event.target !== element || event.button !== 0 || event.pointerType === 'touch') return;
    const { grid } = editing.draft.peek();
    const bounds = element.getBoundingClientRect();
    const cellAt = (at: PointerEvent) => {
      const clamp = (part: number) => Math.min(Math.max(Math.floor(part * grid), 0), grid - 1);
      return {
        x: clamp((at.clientX - bounds.left) / bounds.width),
        y: clamp((at.clientY - bounds.top) / bounds.height),
      };
    };
    const from = cellAt(event);
    let cells: Cells | undefined;
    const move = (at: PointerEvent) => {
      const to = cellAt(at);
      cells = {
        x: Math.min(from.x, to.x),
        y: Math.min(from.y, to.y),
        w: Math.abs(from.x - to.x) + 1,
        h: Math.abs(from.y - to.y) + 1,
      };
      const percent = (value: number) => `${(value / grid) * 100}%`;
      rect.value = {
        left: percent(cells.x),
        top: percent(cells.y),
        width: percent(cells.w),
        height: percent(cells.h),
      };
    };
    const end = (at: PointerEvent) => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', end);
      rect.value = undefined;
      // One cell is a click that missed.
      if (at.type !== 'pointerup' || !cells || cells.w * cells.h < 2) return;
      const made = added(editing.draft.peek(), cells);
      if (!made) return;
      editing.change(made.draft);
      editing.selected.value = [made.id];
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
    addEventListener('pointercancel', end);
  };
  return { rect, begin };
}
