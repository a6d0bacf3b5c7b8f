import { useEffect, useRef } from 'preact/hooks';
import type { Ptz, PtzCommand } from '../../../daemon/schema.ts';
import { request } from '../../api/request.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon, type IconName } from '../../parts/Icon.tsx';
import { useAction } from '../act.ts';
import { useRead } from '../read.ts';

const SPEED = 0.6;
/** Milliseconds between two renewals while a button is held; the daemon stops the camera two seconds after the last. */
const RENEW = 800;

type Move = Pick<Extract<PtzCommand, { action: 'move' }>, 'pan' | 'tilt' | 'zoom'>;

const DIRECTIONS = [
  { key: 'up', icon: 'up', move: { tilt: SPEED } },
  { key: 'left', icon: 'left', move: { pan: -SPEED } },
  { key: 'right', icon: 'right', move: { pan: SPEED } },
  { key: 'down', icon: 'down', move: { tilt: -SPEED } },
  { key: 'zoomIn', icon: 'add', move: { zoom: SPEED } },
  { key: 'zoomOut', icon: 'zoomOut', move: { zoom: -SPEED } },
] as const satisfies readonly { key: string; icon: IconName; move: Move }[];

/** Moves the camera while a button is held. Letting go, leaving the page or losing the network stops it. */
export function PtzPad({ camera }: { camera: string }) {
  const t = texts('cameras');
  const path = `/api/cameras/${encodeURIComponent(camera)}/ptz`;
  const reading = useRead<Ptz>(path);
  const action = useAction();
  const held = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  const say = (command: PtzCommand) => request('POST', path, command);
  const stop = () => {
    if (held.current === undefined) return;
    clearInterval(held.current);
    held.current = undefined;
    void say({ action: 'stop' });
  };
  const begin = (move: Move) => {
    stop();
    const go = () => void say({ action: 'move', ...move });
    go();
    held.current = setInterval(go, RENEW);
  };
  useEffect(() => {
    addEventListener('blur', stop);
    return () => {
      removeEventListener('blur', stop);
      stop();
    };
  }, [path]);
  const ptz = reading.value.value;
  return (
    <section class="card">
      <h2>{t('ptz')}</h2>
      <div class="cameras-ptz">
        {DIRECTIONS.map(({ key, icon, move }) => (
          <button
            key={key}
            type="button"
            class="button icon-only"
            data-direction={key}
            aria-label={t(key)}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              begin(move);
            }}
            onPointerUp={stop}
            onPointerCancel={stop}
            onKeyDown={(event) => {
              if ((event.key === 'Enter' || event.key === ' ') && !event.repeat) begin(move);
            }}
            onKeyUp={stop}
            onContextMenu={(event) => event.preventDefault()}
          >
            <Icon name={icon} />
          </button>
        ))}
      </div>
      {reading.failure.value && <ErrorNote failure={reading.failure.value} />}
      <div class="cameras-presets">
        {ptz?.home && (
          <Button
            busy={action.busy}
            onClick={() => void action.send('POST', path, { action: 'home' } satisfies PtzCommand)}
          >
            {t('home')}
          </Button>
        )}
        {ptz?.presets.map(({ preset, name }) => (
          <Button
            key={preset}
            busy={action.busy}
            onClick={() => void action.send('POST', path, { action: 'preset', preset } satisfies PtzCommand)}
          >
            {name}
          </Button>
        ))}
      </div>
      {action.failure && <ErrorNote failure={action.failure} />}
    </section>
  );
}
