import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LayoutBody, Tile } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { CameraPicture } from '../../parts/CameraPicture.tsx';
import { Icon } from '../../parts/Icon.tsx';

/** Milliseconds; often enough to see that it lives, seldom enough for a phone’s radio. */
const EVERY = 1_500;

/** The layout as the screen will show it, as large as this screen allows, cameras taking turns. */
export function Preview({
  body,
  names,
  onClose,
}: {
  body: LayoutBody;
  names: ReadonlyMap<string, string>;
  onClose: () => void;
}) {
  const t = texts('layouts');
  const c = texts('common');
  const root = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = root.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={root}
      class="layouts-preview"
      aria-label={t('preview')}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div class="layouts-preview-screen" data-orientation={body.orientation ?? 'landscape'}>
        {body.tiles.map((tile, n) => (
          <PreviewTile key={n} tile={tile} names={names} />
        ))}
      </div>
      <button type="button" class="button" aria-label={c('close')} onClick={onClose}>
        <Icon name="close" />
      </button>
    </dialog>
  );
}

function PreviewTile({ tile, names }: { tile: Tile; names: ReadonlyMap<string, string> }) {
  const [turn, setTurn] = useState(0);
  const count = tile.cameras.length;
  useEffect(() => {
    if (count < 2) return;
    const timer = setInterval(() => setTurn((now) => now + 1), (tile.dwell_seconds ?? 10) * 1000);
    return () => clearInterval(timer);
  }, [count, tile.dwell_seconds]);
  const camera = tile.cameras[turn % Math.max(count, 1)];
  const percent = (part: number) => `${part * 100}%`;
  return (
    <div
      class="layouts-preview-tile"
      data-fit={tile.fit ?? 'contain'}
      style={{
        left: percent(tile.x),
        top: percent(tile.y),
        width: percent(tile.width),
        height: percent(tile.height),
      }}
    >
      {camera !== undefined && (
        <>
          <CameraPicture
            key={camera}
            camera={camera}
            alt={names.get(camera) ?? camera}
            width={1280}
            every={EVERY}
          />
          <span aria-hidden="true">{names.get(camera) ?? camera}</span>
        </>
      )}
    </div>
  );
}
