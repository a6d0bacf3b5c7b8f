import { useEffect } from 'preact/hooks';
import type { Editing } from './editing.ts';

/** Ctrl+Z and Ctrl+Shift+Z or Ctrl+Y, outside of fields: those have an undo of their own. Escape lets go of a camera. */
export function useUndoKeys(editing: Editing): void {
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        editing.armed.value = undefined;
        return;
      }
      const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea');
      if (!(event.ctrlKey || event.metaKey) || event.altKey || typing) return;
      const key = event.key.toLowerCase();
      if (key !== 'z' && key !== 'y') return;
      event.preventDefault();
      if (key === 'y' || event.shiftKey) editing.redo();
      else editing.undo();
    };
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  }, [editing]);
}
