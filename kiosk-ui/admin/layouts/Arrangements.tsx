import { texts } from '../../i18n/i18n.ts';
import { Miniature } from './Miniature.tsx';
import { type Orientation, PRESETS, type Preset, preset } from './presets.ts';

/** All arrangements by number, drawn for this screen; `free` begins with nothing. */
export function Arrangements({
  orientation,
  chosen,
  onChoose,
}: {
  orientation: Orientation;
  chosen?: Preset | 'free' | undefined;
  onChoose: (choice: Preset | 'free') => void;
}) {
  const t = texts('layouts');
  return (
    <fieldset class="layouts-arrangements" data-orientation={orientation}>
      <legend>{t('arrangement')}</legend>
      {([...PRESETS, 'free'] as const).map((choice) => (
        <button
          key={choice}
          type="button"
          class="layouts-arrangement"
          data-preset={choice}
          aria-pressed={choice === chosen}
          onClick={() => onChoose(choice)}
        >
          <Miniature
            orientation={orientation}
            tiles={
              choice === 'free'
                ? []
                : preset(choice, orientation).rects.map((rect) => ({ ...rect, cameras: ['-'] }))
            }
          />
          <span>{choice === 'free' ? t('free') : t('tiles', { count: choice })}</span>
        </button>
      ))}
    </fieldset>
  );
}
