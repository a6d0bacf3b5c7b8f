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
import { useRead } from '../read.ts';
import { waitForRestart } from './restart.ts';

const RESET = 'RESET';
/** Milliseconds. */
const LOOK = 2_000;

/** Restart, update, and the way back to a new box. */
export function PowerPart() {
  const t = texts('system');
  const update = useRead<Update>('/api/system/update', { every: LOOK * 5 });
  const action = useAction();
  const [away, setAway] = useState(false);
  const [resetting, setResetting] = useState(false);
  const restart = async () => {
    const answer = await action.send('POST', '/api/system/restart');
    if (!answer.ok) return;
    setAway(true);
    await waitForRestart();
  };
  const now = update.value.value;
  return (
    <section class="card">
      <h2>{t('power')}</h2>
      {now && (
        <p>
          {t('versionNow', { version: now.version })}{' '}
          {now.available ? <strong>{t('updateThere', { version: now.available })}</strong> : null}
          {!now.supported && <span class="soft">{t('notAppliance')}</span>}
        </p>
      )}
      {now?.progress != null && <Progress part={now.progress} label={t('updating')} />}
      {away && <Progress label={t('restarting')} />}
      {action.failure && <ErrorNote failure={action.failure} />}
      <div class="system-actions">
        {now?.supported && now.available && (
          <Button
            kind="primary"
            busy={action.busy}
            onClick={() => void action.send('POST', '/api/system/update')}
          >
            {t('updateNow')}
          </Button>
        )}
        <Button busy={action.busy || away} onClick={() => void restart()}>
          <Icon name="power" />
          {t('restart')}
        </Button>
        <Button kind="danger" onClick={() => setResetting(true)}>
          {t('factoryReset')}
        </Button>
      </div>
      {resetting && <FactoryReset onClose={() => setResetting(false)} />}
    </section>
  );
}

function FactoryReset({ onClose }: { onClose: () => void }) {
  const t = texts('system');
  const action = useAction();
  const [typed, setTyped] = useState('');
  const [away, setAway] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const answer = await action.send('POST', '/api/system/factory-reset', { confirm: RESET });
    if (!answer.ok) return;
    setAway(true);
    await waitForRestart();
  };
  return (
    <Dialog title={t('factoryReset')} onClose={onClose}>
      <form onSubmit={submit}>
        <p class="note warning">{t('resetText')}</p>
        <TextField
          label={t('resetType', { word: RESET })}
          value={typed}
          onInput={setTyped}
          autoComplete="off"
        />
        {action.failure && <ErrorNote failure={action.failure} />}
        {away && <Progress label={t('restarting')} />}
        <Button type="submit" kind="danger" busy={action.busy || away} disabled={typed.trim() !== RESET}>
          {t('resetNow')}
        </Button>
      </form>
    </Dialog>
  );
}
