import './layouts.css';
import { useState } from 'preact/hooks';
import type { Layout, ScreenWallList } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { CopyLayout } from './CopyLayout.tsx';
import { DeleteLayout } from './DeleteLayout.tsx';
import { Miniature } from './Miniature.tsx';
import { NewLayout } from './NewLayout.tsx';
import { RenameLayout } from './RenameLayout.tsx';
import { isUsed, usesOnWalls } from './uses.ts';

type Doing = { what: 'new' } | { what: 'copy' | 'rename' | 'delete'; layout: Layout };

/** All layouts, drawn, and what can be done with each. */
export function LayoutsPage() {
  const t = texts('layouts');
  const c = texts('common');
  const reading = useRead<{ layouts: Layout[] }>('/api/layouts', { when: [changes.layouts] });
  const wallReading = useRead<ScreenWallList>('/api/walls', { when: [changes.wall] });
  const [doing, setDoing] = useState<Doing>();
  const layouts = reading.value.value?.layouts;
  const walls = wallReading.value.value?.walls;
  const taken = layouts?.map(({ name }) => name) ?? [];
  const close = () => {
    setDoing(undefined);
    reading.again();
    wallReading.again();
  };
  return (
    <section class="page">
      <div class="page-head">
        <h1>{c('layouts')}</h1>
        <Button kind="primary" disabled={!layouts} onClick={() => setDoing({ what: 'new' })}>
          <Icon name="add" />
          {t('newLayout')}
        </Button>
      </div>
      {reading.failure.value && !layouts && <ErrorNote failure={reading.failure.value} />}
      {!layouts && !reading.failure.value && <Waiting />}
      {layouts?.length === 0 && <p class="note">{t('noneYet')}</p>}
      <ul class="layouts-list cards">
        {layouts?.map((layout) => {
          const { name, tiles, orientation } = layout;
          const cameras = new Set(tiles.flatMap((tile) => tile.cameras)).size;
          return (
            <li key={name} class="card layouts-card">
              <a href={`/admin/layouts/${name}`} aria-label={t('editName', { name })}>
                <Miniature tiles={tiles} orientation={orientation} />
              </a>
              <h2>
                <a href={`/admin/layouts/${name}`}>{name}</a>
              </h2>
              <p class="soft">
                {t('tiles', { count: tiles.length })} · {t('cameras', { count: cameras })}
              </p>
              {walls && isUsed(usesOnWalls(walls, name)) && (
                <span class="layouts-on-wall">{t('onWall')}</span>
              )}
              <div class="layouts-card-actions">
                <Button
                  kind="quiet"
                  label={t('copyName', { name })}
                  onClick={() => setDoing({ what: 'copy', layout })}
                >
                  {t('duplicate')}
                </Button>
                <Button
                  kind="quiet"
                  label={t('renameName', { name })}
                  onClick={() => setDoing({ what: 'rename', layout })}
                >
                  {t('rename')}
                </Button>
                <Button
                  kind="quiet"
                  label={t('deleteName', { name })}
                  onClick={() => setDoing({ what: 'delete', layout })}
                >
                  {c('delete')}
                </Button>
              </div>
            </li>
          );
        })}
      </ul>
      {doing?.what === 'new' && <NewLayout taken={taken} onClose={close} />}
      {doing?.what === 'copy' && <CopyLayout layout={doing.layout} taken={taken} onClose={close} />}
      {doing?.what === 'rename' && <RenameLayout layout={doing.layout} taken={taken} onClose={close} />}
      {doing?.what === 'delete' && <DeleteLayout name={doing.layout.name} onClose={close} />}
    </section>
  );
}
