import { useState } from 'preact/hooks';
import type { Camera, LayoutBody, Tile, Wall } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { CameraPicture } from '../../parts/CameraPicture.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { type Proposal, proposals } from './proposals.ts';

/** Screens lie on their side far more often than they stand; the editor turns them. */
const ASPECT = 16 / 9;
const PAGE_SECONDS = 20;

/** What the screen could show, drawn; one tap is enough. */
export function LayoutStep({ onBack, onDone }: { onBack: () => void; onDone: () => void }) {
  const t = texts('firstRun');
  const c = texts('common');
  const action = useAction();
  const reading = useRead<{ cameras: Camera[] }>('/api/cameras', { when: [changes.cameras] });
  const cameras = reading.value.value?.cameras;
  const offered = cameras
    ? proposals(
        cameras.map(({ id }) => id),
        ASPECT,
      )
    : [];
  const [chosen, setChosen] = useState<Proposal['kind']>();
  const proposal = offered.find(({ kind }) => kind === chosen) ?? offered[0];
  const apply = async () => {
    if (!proposal) return onDone();
    const names = proposal.pages.map((_, n) => (proposal.pages.length === 1 ? 'main' : `page-${n + 1}`));
    for (const [n, tiles] of proposal.pages.entries()) {
      const answer = await action.send('PUT', `/api/layouts/${names[n]}`, { tiles } satisfies LayoutBody);
      if (!answer.ok) return;
    }
    const sequence = names.map((layout) => ({ layout, dwell_seconds: PAGE_SECONDS }));
    const answer = await action.send('PUT', '/api/wall', { sequence } satisfies Wall);
    if (answer.ok) onDone();
  };
  return (
    <section class="first-run-wide">
      <h1>{t('layoutTitle')}</h1>
      <p class="lead">{t('layoutLead')}</p>
      {reading.failure.value && <ErrorNote failure={reading.failure.value} />}
      {cameras === undefined ? (
        <Waiting />
      ) : offered.length === 0 ? (
        <p class="note">{t('layoutNone')}</p>
      ) : (
        <div class="first-run-proposals" role="radiogroup" aria-label={t('layoutTitle')}>
          {offered.map((one) => (
            <label key={one.kind} class="first-run-proposal">
              <input
                type="radio"
                name="proposal"
                checked={one === proposal}
                onChange={() => setChosen(one.kind)}
              />
              <Miniature pages={one.pages} live={one === proposal} />
              <strong>{t(one.kind, { count: one.pages.length })}</strong>
            </label>
          ))}
        </div>
      )}
      {action.failure && <ErrorNote failure={action.failure} />}
      <footer class="first-run-foot">
        <Button kind="quiet" onClick={onBack}>
          {c('back')}
        </Button>
        <Button
          kind="primary"
          busy={action.busy}
          disabled={cameras === undefined}
          onClick={() => void apply()}
        >
          {offered.length === 0 ? t('goOn') : t('layoutUse')}
        </Button>
      </footer>
    </section>
  );
}

function Miniature({ pages, live }: { pages: readonly Tile[][]; live: boolean }) {
  const percent = (part: number) => `${part * 100}%`;
  return (
    <div class="first-run-miniature">
      {(pages[0] ?? []).map((tile) => (
        <div
          key={`${tile.x} ${tile.y}`}
          style={{
            left: percent(tile.x),
            top: percent(tile.y),
            width: percent(tile.width),
            height: percent(tile.height),
          }}
        >
          {live && tile.cameras[0] !== undefined && (
            <CameraPicture camera={tile.cameras[0]} alt="" width={240} />
          )}
        </div>
      ))}
    </div>
  );
}
