import { texts } from '../../i18n/i18n.ts';
import { CameraPicture } from '../../parts/CameraPicture.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { type Direction, nudged, removed, stretched } from './arrange.ts';
import { cellsOf } from './cells.ts';
import { type DraftTile, tileOf } from './draft.ts';
import type { Editing } from './editing.ts';

const ARROWS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** One tile on the stage: its picture, its number, and all that keys do to it. */
export function StageTile({
  editing,
  tile,
  index,
  names,
  limit,
  wasDragged,
}: {
  editing: Editing;
  tile: DraftTile;
  index: number;
  names: ReadonlyMap<string, string>;
  limit: number | undefined;
  wasDragged: () => boolean;
}) {
  const t = texts('layouts');
  const { id, cameras } = tile;
  const [camera] = cameras;
  const name = (one: string) => names.get(one) ?? t('goneCamera', { name: one });
  const shown = cameras.length === 0 ? t('emptyTile') : cameras.map(name).join(', ');

  const choose = (more: boolean) => {
    const armed = editing.armed.peek();
    if (armed === undefined) editing.select(id, more || editing.several.peek());
    else editing.offer(id, armed);
  };
  /** Says where a tile is now: nobody who does not see the stage would know. */
  const tell = (which: number) => {
    const draft = editing.draft.peek();
    const now = tileOf(draft, which);
    if (!now) return;
    const { x, y, w, h } = cellsOf(now, draft.grid);
    editing.said.value = t('placed', { x: x + 1, y: y + 1, w, h });
  };
  const press = (event: KeyboardEvent) => {
    const direction = ARROWS[event.key];
    if (direction) {
      event.preventDefault();
      const draft = editing.draft.peek();
      if (event.shiftKey) {
        editing.change(stretched(draft, id, direction), `stretch ${id}`);
        editing.selected.value = [id];
        tell(id);
        return;
      }
      const next = nudged(draft, id, direction);
      editing.change(next.draft, next.id === id ? `nudge ${id}` : undefined);
      editing.selected.value = [next.id];
      tell(next.id);
      focusTile(event.currentTarget, next.id);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(event.shiftKey || event.ctrlKey || event.metaKey);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      const { tiles } = editing.draft.peek();
      const beside = tiles[index + 1] ?? tiles[index - 1];
      editing.change(removed(editing.draft.peek(), [id]));
      editing.selected.value = beside ? [beside.id] : [];
      if (beside) focusTile(event.currentTarget, beside.id);
    }
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button may not hold the blocks of a picture
    <div
      role="button"
      tabIndex={0}
      class="grid-stack-item-content layouts-tile"
      data-fit={tile.fit ?? 'contain'}
      aria-label={t('tileLabel', { number: index + 1, shown })}
      aria-pressed={editing.selected.value.includes(id)}
      onClick={(event) => {
        // Gridstack keeps the browser from giving it the focus, without which the keys would do nothing.
        event.currentTarget.focus({ preventScroll: true });
        if (!wasDragged()) choose(event.shiftKey || event.ctrlKey || event.metaKey);
      }}
      onKeyDown={press}
    >
      {camera === undefined ? (
        <span class="layouts-tile-hint" aria-hidden="true">
          <Icon name="add" />
        </span>
      ) : (
        <CameraPicture camera={camera} alt="" width={480} />
      )}
      <span class="layouts-tile-words" aria-hidden="true">
        <b data-text={index + 1} />
        {camera !== undefined && <span class="layouts-tile-name">{name(camera)}</span>}
        {cameras.length > 1 && <span class="layouts-tile-turns" data-text={`+${cameras.length - 1}`} />}
        {limit !== undefined && <span class="layouts-tile-limit" data-text={t('fps', { fps: limit })} />}
      </span>
    </div>
  );
}

function focusTile(from: EventTarget | null, id: number): void {
  if (!(from instanceof Element)) return;
  const stage = from.closest('.grid-stack');
  requestAnimationFrame(() =>
    stage?.querySelector<HTMLElement>(`:scope > [data-tile="${id}"] > .layouts-tile`)?.focus(),
  );
}
