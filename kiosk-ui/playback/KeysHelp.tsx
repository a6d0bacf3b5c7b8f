import { type TextKey, texts } from '../i18n/i18n.ts';
import { Dialog } from '../parts/Dialog.tsx';

const LINES: readonly (readonly [readonly string[], TextKey<'playback'>])[] = [
  [['␣'], 'helpSpace'],
  [['←', '→'], 'helpArrows'],
  [[',', '.'], 'helpFrames'],
  [['N', 'P'], 'helpEvents'],
  [['+', '−'], 'helpSpeed'],
  [['Home', 'End'], 'helpEdges'],
  [['I', 'O'], 'helpMarks'],
  [['↑', '↓'], 'helpZoom'],
  [['1', '9'], 'helpChoose'],
  [['L'], 'helpLive'],
];

export function KeysHelp({ close }: { close: () => void }) {
  const t = texts('playback');
  return (
    <Dialog title={t('keys')} onClose={close}>
      <dl class="keys">
        {LINES.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">{t('helpWheel')}</p>
    </Dialog>
  );
}
