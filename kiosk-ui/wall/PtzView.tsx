import { say } from '../i18n/wallTexts.ts';
import type { PtzControl } from './ptz.ts';

/** Of the presets: those that a digit chooses come first, the rest scrolls. */
export function PtzView({ ptz }: { ptz: PtzControl }) {
  const info = ptz.info.value;
  const error = ptz.error.value;
  if (!info) return error === '' ? null : <p class="ptz-error">{error}</p>;
  const mode = ptz.mode.value;
  const toggle = () => {
    ptz.mode.value = !mode;
  };
  return (
    <>
      <Pull ptz={ptz} />
      <aside class={mode ? 'ptz on' : 'ptz'} aria-label={say('move')}>
        {error !== '' && <p class="ptz-error">{error}</p>}
        {mode && <p class="hint">{say('moveHint')}</p>}
        <div class="ptz-row">
          <button type="button" class="main" aria-pressed={mode} onClick={toggle}>
            <kbd>P</kbd>
            {say(mode ? 'moveOff' : 'move')}
          </button>
          {info.home && (
            <button type="button" onClick={() => ptz.home()}>
              {say('home')}
            </button>
          )}
          {info.presets.map(({ preset, name }, i) => (
            <button type="button" key={preset} onClick={() => ptz.preset(i)}>
              {mode && i < 10 && <kbd>{(i + 1) % 10}</kbd>}
              {name}
            </button>
          ))}
        </div>
      </aside>
    </>
  );
}

/** From where the pointer was pressed to where it is: which way, how fast. */
function Pull({ ptz }: { ptz: PtzControl }) {
  const drag = ptz.drag.value;
  if (!drag) return null;
  const { x, y, dx, dy } = drag;
  return (
    <svg class="pull" aria-hidden="true">
      <circle cx={x} cy={y} r="22" />
      <line x1={x} y1={y} x2={x + dx} y2={y + dy} />
      <circle cx={x + dx} cy={y + dy} r="9" class="end" />
    </svg>
  );
}
