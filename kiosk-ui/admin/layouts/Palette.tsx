import { useState } from 'preact/hooks';
import type { Camera } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { CameraPicture } from '../../parts/CameraPicture.tsx';
import { dragCamera } from './cameraDrag.ts';
import type { Editing } from './editing.ts';
import { unused } from './fill.ts';

/** From so many cameras on one looks for one by name. */
const SEARCH_FROM = 10;

/** All cameras: drag one onto a tile, or tap it and then a tile. */
export function Palette({ editing, cameras }: { editing: Editing; cameras: readonly Camera[] }) {
  const t = texts('layouts');
  const c = texts('common');
  const [wanted, setWanted] = useState('');
  const free = new Set(
    unused(
      editing.draft.value,
      cameras.map(({ id }) => id),
    ),
  );
  const armed = editing.armed.value;
  const shown = cameras.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const inHand = cameras.find(({ id }) => id === armed);
  return (
    <section class="layouts-palette" aria-label={t('palette')}>
      <p class="layouts-palette-note" role="status">
        {inHand
          ? t('inHand', { name: inHand.name })
          : free.size === 0
            ? t('allUsed')
            : t('unusedCount', { count: free.size })}
        {inHand && (
          <Button
            kind="quiet"
            onClick={() => {
              editing.armed.value = undefined;
            }}
          >
            {c('cancel')}
          </Button>
        )}
      </p>
      {cameras.length >= SEARCH_FROM && (
        <input
          type="search"
          aria-label={t('findCamera')}
          placeholder={t('findCamera')}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      <ul class="layouts-palette-list">
        {shown.map(({ id, name }) => (
          <li key={id}>
            <button
              type="button"
              class="layouts-camera"
              data-camera={id}
              data-unused={free.has(id) || undefined}
              aria-pressed={armed === id}
              onPointerDown={(event) =>
                dragCamera(event, event.currentTarget, {
                  over: (tile) => {
                    editing.over.value = tile;
                  },
                  dropped: (tile) => editing.offer(tile, id),
                })
              }
              onClick={() => {
                editing.armed.value = armed === id ? undefined : id;
              }}
            >
              <CameraPicture camera={id} alt="" width={160} every={10_000} />
              <span class="layouts-camera-name">{name}</span>
              {free.has(id) && <span class="layouts-camera-mark">{t('unused')}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
