import './firstRun.css';
import { useState } from 'preact/hooks';
import { texts } from '../../i18n/i18n.ts';
import { LanguageChoice } from '../../parts/LanguageChoice.tsx';
import { session } from '../session.ts';
import { CamerasStep } from './CamerasStep.tsx';
import { DoneStep } from './DoneStep.tsx';
import { LayoutStep } from './LayoutStep.tsx';
import { NameStep } from './NameStep.tsx';
import { PairStep } from './PairStep.tsx';

const STEPS = ['name', 'cameras', 'layout', 'done'] as const;
type Step = (typeof STEPS)[number];

/** A new box: pair with the code on its screen, then four steps. Whoever comes back later goes on where he was. */
export function FirstRun() {
  const t = texts('firstRun');
  const [step, setStep] = useState<Step>('name');
  const paired = session.value?.role === 'admin';
  const at = STEPS.indexOf(step);
  return (
    <div class="first-run">
      <header>
        <p class="first-run-brand">Walleye</p>
        <LanguageChoice />
      </header>
      {paired && (
        <ol class="first-run-steps" aria-label={t('steps')}>
          {STEPS.map((one, n) => (
            <li key={one} aria-current={one === step ? 'step' : undefined} data-past={n < at || undefined}>
              <span>{t(one)}</span>
            </li>
          ))}
        </ol>
      )}
      <main id="content">
        {!paired ? (
          <PairStep />
        ) : step === 'name' ? (
          <NameStep onDone={() => setStep('cameras')} />
        ) : step === 'cameras' ? (
          <CamerasStep onBack={() => setStep('name')} onDone={() => setStep('layout')} />
        ) : step === 'layout' ? (
          <LayoutStep onBack={() => setStep('cameras')} onDone={() => setStep('done')} />
        ) : (
          <DoneStep />
        )}
      </main>
    </div>
  );
}
