import './cameras.css';
import { useState } from 'preact/hooks';
import type { Camera } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { CameraPicture } from '../../parts/CameraPicture.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { StatePill } from '../../parts/StatePill.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { changes, streams } from '../live.ts';
import { useRead } from '../read.ts';
import { cameraState, inTrouble, troubleFirst } from './cameraState.ts';

/** From so many cameras on one looks for one by name. */
const SEARCH_FROM = 10;

export function CamerasPage() {
  const t = texts('cameras');
  const reading = useRead<{ cameras: Camera[] }>('/api/cameras', { when: [changes.cameras] });
  const [wanted, setWanted] = useState('');
  const all = reading.value.value?.cameras.map((camera) => ({
    camera,
    state: cameraState(camera, streams.value),
  }));
  const shown = troubleFirst(all ?? []).filter(({ camera }) =>
    `${camera.name} ${camera.address ?? ''} ${camera.manufacturer ?? ''} ${camera.model ?? ''}`
      .toLowerCase()
      .includes(wanted.trim().toLowerCase()),
  );
  const troubled = all?.filter(({ state }) => inTrouble(state)).length ?? 0;
  return (
    <section class="page">
      <div class="page-head">
        <div>
          <h1>{t('title')}</h1>
          {all && (
            <p class="soft">
              {troubled === 0 ? t('allWell', { count: all.length }) : t('someTrouble', { count: troubled })}
            </p>
          )}
        </div>
        <a class="button primary" href="/admin/cameras/add">
          <Icon name="add" />
          {t('addTitle')}
        </a>
      </div>
      {reading.failure.value && !all && <ErrorNote failure={reading.failure.value} />}
      {!all && !reading.failure.value && <Waiting />}
      {all?.length === 0 && <p class="note">{t('noneYet')}</p>}
      {all && all.length >= SEARCH_FROM && (
        <input
          type="search"
          class="cameras-search"
          aria-label={t('find')}
          placeholder={t('find')}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      <ul class="cameras-list">
        {shown.map(({ camera, state }) => (
          <li key={camera.id}>
            <a class="cameras-card" href={`/admin/cameras/${camera.id}`}>
              <CameraPicture camera={camera.id} alt={t('pictureOf', { name: camera.name })} />
              <strong>{camera.name}</strong>
              <StatePill state={state} />
              <span class="soft cameras-model">
                {[camera.manufacturer, camera.model].filter(Boolean).join(' ') || (camera.address ?? '')}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
