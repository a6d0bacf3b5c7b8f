import { useState } from 'preact/hooks';
import { texts } from '../../i18n/i18n.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Icon, type IconName } from '../../parts/Icon.tsx';
import { Arrangements } from './Arrangements.tsx';
import { added, presetOf, rearranged, turned } from './arrange.ts';
import { GRIDS } from './cells.ts';
import type { Editing } from './editing.ts';
import { filled } from './fill.ts';

/** What is done with the layout as a whole. */
export function Toolbar({
  editing,
  cameras,
  onPreview,
}: {
  editing: Editing;
  cameras: readonly string[];
  onPreview: () => void;
}) {
  const t = texts('layouts');
  const [arranging, setArranging] = useState(false);
  const draft = editing.draft.value;
  const { past, future } = editing.history.value;
  const full = filled(draft, cameras);
  const nothingToFill = full.tiles.every((tile, n) => tile.cameras === draft.tiles[n]?.cameras);
  return (
    <div class="layouts-tools" role="toolbar" aria-label={t('tools')}>
      <Tool icon="undo" label={t('undo')} disabled={past.length === 0} onClick={() => editing.undo()} />
      <Tool icon="redo" label={t('redo')} disabled={future.length === 0} onClick={() => editing.redo()} />
      <Tool icon="layouts" label={t('arrangement')} onClick={() => setArranging(true)} />
      <Tool
        icon="rotate"
        label={draft.orientation === 'landscape' ? t('toPortrait') : t('toLandscape')}
        onClick={() =>
          editing.change(turned(draft, draft.orientation === 'landscape' ? 'portrait' : 'landscape'))
        }
      />
      <Tool
        icon="add"
        label={t('addTile')}
        disabled={added(draft) === undefined}
        onClick={() => {
          const made = added(draft);
          if (!made) return;
          editing.change(made.draft);
          editing.selected.value = [made.id];
        }}
      />
      <Tool
        icon="check"
        label={t('several')}
        pressed={editing.several.value}
        onClick={() => {
          editing.several.value = !editing.several.peek();
        }}
      />
      <Tool icon="cameras" label={t('fill')} disabled={nothingToFill} onClick={() => editing.change(full)} />
      <Tool icon="play" label={t('preview')} onClick={onPreview} />
      <label class="layouts-grid-choice">
        <span>{t('grid')}</span>
        <select
          value={draft.grid}
          onChange={(event) => editing.change({ ...draft, grid: Number(event.currentTarget.value) })}
        >
          {[...new Set([...GRIDS, draft.grid])]
            .sort((a, b) => a - b)
            .map((grid) => (
              <option key={grid} value={grid}>
                {`${grid} × ${grid}`}
              </option>
            ))}
        </select>
      </label>
      {arranging && (
        <Dialog title={t('arrangementTitle')} onClose={() => setArranging(false)}>
          <Arrangements
            orientation={draft.orientation}
            chosen={presetOf(draft)}
            onChoose={(choice) => {
              editing.change(choice === 'free' ? { ...draft, tiles: [] } : rearranged(draft, choice));
              setArranging(false);
            }}
          />
        </Dialog>
      )}
    </div>
  );
}

function Tool({
  icon,
  label,
  disabled = false,
  pressed,
  onClick,
}: {
  icon: IconName;
  label: string;
  disabled?: boolean;
  pressed?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      class="button layouts-tool"
      aria-label={label}
      title={label}
      disabled={disabled}
      aria-pressed={pressed}
      onClick={onClick}
    >
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
}
