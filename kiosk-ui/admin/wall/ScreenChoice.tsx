import { texts } from '../../i18n/i18n.ts';

/** Which of several screens the programme below is for. */
export function ScreenChoice({
  screens,
  chosen,
  locked,
  onChoose,
}: {
  screens: readonly number[];
  chosen: number;
  /** Something below is not saved. */
  locked: boolean;
  onChoose: (screen: number) => void;
}) {
  const t = texts('wallPage');
  return (
    <div class="wall-screens">
      {screens.map((screen) => (
        <button
          key={screen}
          type="button"
          class="wall-day"
          aria-pressed={screen === chosen}
          disabled={locked && screen !== chosen}
          onClick={() => onChoose(screen)}
        >
          {t('screen', { number: screen })}
        </button>
      ))}
      {locked && <span class="soft">{t('saveFirst')}</span>}
    </div>
  );
}
