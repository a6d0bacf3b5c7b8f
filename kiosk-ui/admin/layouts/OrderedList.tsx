import './orderedList.css';
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { texts } from '../../i18n/i18n.ts';
import { Icon } from '../../parts/Icon.tsx';

/** `list` with the entry at `from` standing at `to`. */
export function movedWithin<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = [...list];
  const [one] = rest.splice(from, 1);
  if (one !== undefined) rest.splice(to, 0, one);
  return rest;
}

/** A list whose order matters: by dragging the handle (mouse, touch, pen), by buttons, by arrow keys on the handle. */
export function OrderedList<T>({
  items,
  label,
  nameOf,
  draw,
  onOrder,
  onRemove,
}: {
  items: readonly T[];
  label: string;
  nameOf: (item: T) => string;
  draw: (item: T, index: number) => ComponentChildren;
  onOrder: (items: T[]) => void;
  onRemove: (index: number) => void;
}) {
  const t = texts('layouts');
  const list = useRef<HTMLOListElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  /** The same at once: a quick hand lets go before the move is drawn. */
  const now = useRef<{ from: number; to: number }>(undefined);
  const drags = (next: { from: number; to: number } | undefined) => {
    now.current = next;
    setDrag(next);
  };
  const placeAt = (y: number): number => {
    const rows = [...(list.current?.children ?? [])];
    const below = rows.findIndex((row) => {
      const { top, height } = row.getBoundingClientRect();
      return y < top + height / 2;
    });
    return below < 0 ? rows.length - 1 : below;
  };
  const move = (from: number, to: number) => {
    if (to < 0 || to >= items.length || to === from) return;
    onOrder(movedWithin(items, from, to));
  };
  return (
    <ol class="ordered" aria-label={label} ref={list}>
      {items.map((item, n) => {
        const name = nameOf(item);
        return (
          <li
            key={n}
            data-dragged={drag?.from === n || undefined}
            data-target={drag && drag.to === n && drag.from !== n ? '' : undefined}
          >
            <button
              type="button"
              class="ordered-handle"
              aria-label={t('handle', { name })}
              onPointerDown={(event) => {
                if (event.button !== 0) return;
                event.currentTarget.setPointerCapture(event.pointerId);
                drags({ from: n, to: n });
              }}
              onPointerMove={(event) => {
                if (now.current) drags({ from: now.current.from, to: placeAt(event.clientY) });
              }}
              onPointerUp={() => {
                const done = now.current;
                drags(undefined);
                if (done) move(done.from, done.to);
              }}
              onPointerCancel={() => drags(undefined)}
              onKeyDown={(event) => {
                if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
                event.preventDefault();
                const to = event.key === 'ArrowUp' ? n - 1 : n + 1;
                move(n, to);
                const rows = list.current?.children;
                queueMicrotask(() => rows?.[to]?.querySelector<HTMLElement>('.ordered-handle')?.focus());
              }}
            >
              <span aria-hidden="true" />
            </button>
            <div class="ordered-body">{draw(item, n)}</div>
            <div class="ordered-actions">
              <button
                type="button"
                class="button quiet icon-only"
                aria-label={t('earlierName', { name })}
                disabled={n === 0}
                onClick={() => move(n, n - 1)}
              >
                <Icon name="up" />
              </button>
              <button
                type="button"
                class="button quiet icon-only"
                aria-label={t('laterName', { name })}
                disabled={n === items.length - 1}
                onClick={() => move(n, n + 1)}
              >
                <Icon name="down" />
              </button>
              <button
                type="button"
                class="button quiet icon-only"
                aria-label={t('takeOutName', { name })}
                onClick={() => onRemove(n)}
              >
                <Icon name="remove" />
              </button>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
