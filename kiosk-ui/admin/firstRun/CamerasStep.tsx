import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Finder } from '../cameras/Finder.tsx';

/** Cameras join by themselves as they are found. */
export function CamerasStep({ onBack, onDone }: { onBack: () => void; onDone: () => void }) {
  const t = texts('firstRun');
  const c = texts('common');
  return (
    <section class="first-run-wide">
      <h1>{t('camerasTitle')}</h1>
      <p class="lead">{t('camerasLead')}</p>
      <Finder />
      <footer class="first-run-foot">
        <Button kind="quiet" onClick={onBack}>
          {c('back')}
        </Button>
        <Button kind="primary" onClick={onDone}>
          {t('goOn')}
        </Button>
      </footer>
    </section>
  );
}
