import { useState } from 'preact/hooks';
import type { Update } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { TextField } from '../../parts/Field.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Progress } from '../../parts/Progress.tsx';
import { useAction } from '../act.ts';
import type { Reading } from '../read.ts';
import { waitForReboot, waitForRestart } from './restart.ts';

const RESET = 'RESET';

/** Restart, and the way back to a new box. */
export function PowerPart({ update }: { update: Reading<Update> }) {
  const t = texts('system');
  /** The whole machine is ours to restart and to empty. */
  const whole = update.value.value?.supported ?? false;
  const action = useAction();
  const [away, setAway] = useState(false);
  const [open, setOpen] = useState<'reboot' | 'reset'>();
  const restart = async () => {
    const answer = await action.send('POST', '/api/system/restart');
    if (!answer.ok) return;
    setAway(true);
    await waitForRestart();
  };
  const close = () => setOpen(undefined);
  return (
    <section class="card">
      <h2>{t('power')}</h2>
      {away && <Progress label={t('restarting')} />}
      {action.failure && <ErrorNote failure={action.failure} />}
      <div class="system-actions">
        {whole && (
          <Button disabled={away} onClick={() => setOpen('reboot')}>
            <Icon name="power" />
            {t('reboot')}
          </Button>
        )}
        <Button busy={action.busy || away} onClick={() => void restart()}>
          <Icon name={whole ? 'refresh' : 'power'} />
          {whole ? t('restartWalleye') : t('restart')}
        </Button>
        <Button kind="danger" onClick={() => setOpen('reset')}>
          {t('factoryReset')}
        </Button>
      </div>
      {open === 'reboot' && <Reboot onClose={close} />}
      {open === 'reset' && <FactoryReset whole={whole} onClose={close} />}
    </section>
  );
}

function Reboot({ onClose }: { onClose: () => void }) {
  const t = texts('system');
  const c = texts('common');
  const action = useAction();
  const [away, setAway] = useState<'going' | 'stayed'>();
  const reboot = async () => {
    const answer = await action.send('POST', '/api/system/reboot');
    if (!answer.ok) return;
    setAway('going');
    await waitForReboot();
    setAway('stayed');
  };
  const going = away === 'going';
  return (
    <Dialog
      title={t('reboot')}
      onClose={onClose}
      actions={
        <>
          <Button disabled={going} onClick={onClose}>
            {c('cancel')}
          </Button>
          <Button kind="primary" busy={action.busy || going} onClick={() => void reboot()}>
            {t('reboot')}
          </Button>
        </>
      }
    >
      <p>{t('rebootText')}</p>
      {going && <Progress label={t('rebooting')} />}
      {away === 'stayed' && <ErrorNote message={t('rebootNot')} />}
      {action.failure && <ErrorNote failure={action.failure} />}
    </Dialog>
  );
}

function FactoryReset({ whole, onClose }: { whole: boolean; onClose: () => void }) {
  const t = texts('system');
  const action = useAction();
  const [typed, setTyped] = useState('');
  const [away, setAway] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const answer = await action.send('POST', '/api/system/factory-reset', { confirm: RESET });
    if (!answer.ok) return;
    setAway(true);
    await (whole ? waitForReboot() : waitForRestart());
    setAway(false);
  };
  return (
    <Dialog title={t('factoryReset')} onClose={onClose}>
      <form onSubmit={submit}>
        <p class="note warning">{whole ? t('resetTextBox') : t('resetText')}</p>
        {whole && <p>{t('resetStick')}</p>}
        <TextField
          label={t('resetType', { word: RESET })}
          value={typed}
          onInput={setTyped}
          autoComplete="off"
        />
        {action.failure && <ErrorNote failure={action.failure} />}
        {away && <Progress label={whole ? t('resetting') : t('restarting')} />}
        <Button type="submit" kind="danger" busy={action.busy || away} disabled={typed.trim() !== RESET}>
          {t('resetNow')}
        </Button>
      </form>
    </Dialog>
  );
}
