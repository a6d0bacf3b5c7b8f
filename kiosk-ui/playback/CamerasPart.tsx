import { useId } from 'preact/hooks';
import type { ScreenWallList } from '../../daemon/schema.ts';
import { useRead } from '../admin/read.ts';
import { texts } from '../i18n/i18n.ts';
import { Switch } from '../parts/Field.tsx';
import { MOST_CAMERAS } from './address.ts';
import type { Beginning } from './beginning.ts';
import type { Deck } from './deck.ts';

/** Which cameras are looked at together, or the wall as it was. */
export function CamerasPart({
  deck,
  begun,
  wall,
  setWall,
}: {
  deck: Deck;
  begun: Beginning;
  wall: number | undefined;
  setWall: (screen: number | undefined) => void;
}) {
  const t = texts('playback');
  const walls = useRead<ScreenWallList>('/api/walls').value.value?.walls ?? [];
  const shown = deck.cameras.value;
  const full = shown.length >= MOST_CAMERAS;
  const show = (cameras: readonly string[]) => deck.show(cameras.map((camera) => ({ camera })));
  return (
    <>
      <Switch
        label={t('asWall')}
        hint={t('asWallHint')}
        checked={wall !== undefined}
        onInput={(on) => {
          setWall(on ? 1 : undefined);
          // What was on the wall goes on being looked at.
          if (!on) show(deck.cameras.peek().slice(0, MOST_CAMERAS));
        }}
      />
      {wall !== undefined && walls.length > 1 && (
        <fieldset class="screens" aria-label={t('asWall')}>
          {walls.map(({ screen }) => (
            <button
              key={screen}
              type="button"
              class="button quiet"
              aria-pressed={screen === wall}
              onClick={() => setWall(screen)}
            >
              {t('screen', { number: screen })}
            </button>
          ))}
        </fieldset>
      )}
      {wall === undefined && (
        <>
          <ul class="choice">
            {begun.cameras.map(({ id, name }) => {
              const on = shown.includes(id);
              return (
                <Choice
                  key={id}
                  name={name}
                  hint={begun.recorded.has(id) ? undefined : t('noRecordings')}
                  checked={on}
                  disabled={!on && full}
                  onInput={() => show(on ? shown.filter((one) => one !== id) : [...shown, id])}
                />
              );
            })}
          </ul>
          <p class="hint">{t(full ? 'camerasFull' : 'camerasHint', { count: MOST_CAMERAS })}</p>
        </>
      )}
    </>
  );
}

function Choice({
  name,
  hint,
  checked,
  disabled,
  onInput,
}: {
  name: string;
  hint: string | undefined;
  checked: boolean;
  disabled: boolean;
  onInput: () => void;
}) {
  const id = useId();
  return (
    <li>
      <input id={id} type="checkbox" checked={checked} disabled={disabled} onChange={onInput} />
      <label for={id}>
        <span>{name}</span>
        {hint && <span class="hint">{hint}</span>}
      </label>
    </li>
  );
}
