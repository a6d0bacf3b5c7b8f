import { useState } from 'preact/hooks';
import type { Backup, BackupRequest, Restored, RestoreRequest } from '../../../daemon/schema.ts';
import { exactly } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { PasswordField } from '../../parts/Field.tsx';
import { FileField } from '../../parts/FileField.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { useAction } from '../act.ts';
import { settings } from '../session.ts';
import { waitForRestart } from './restart.ts';

/** Milliseconds: sealing and opening take a second on purpose, longer on a small box. */
const PATIENCE = 60_000;
const SHORTEST = 8;

/** Everything in one file, sealed with a pass phrase, and back again. */
export function BackupPart() {
  const t = texts('system');
  const [open, setOpen] = useState<'backup' | 'restore'>();
  return (
    <section class="card">
      <h2>{t('backup')}</h2>
      <p class="soft">{t('backupLead')}</p>
      <div class="system-actions">
        <Button onClick={() => setOpen('backup')}>
          <Icon name="download" />
          {t('makeBackup')}
        </Button>
        <Button onClick={() => setOpen('restore')}>
          <Icon name="upload" />
          {t('restore')}
        </Button>
      </div>
      {open === 'backup' && <MakeBackup onClose={() => setOpen(undefined)} />}
      {open === 'restore' && <Restore onClose={() => setOpen(undefined)} />}
    </section>
  );
}

function MakeBackup({ onClose }: { onClose: () => void }) {
  const t = texts('system');
  const action = useAction();
  const [passphrase, setPassphrase] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    const body: BackupRequest = { passphrase };
    const answer = await action.send<Backup>('POST', '/api/system/backup', body, { timeout: PATIENCE });
    if (!answer.ok) return;
    download(answer.value);
    onClose();
  };
  return (
    <Dialog title={t('makeBackup')} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{t('passphraseLead')}</p>
        <PasswordField
          label={t('passphrase')}
          value={passphrase}
          onInput={setPassphrase}
          autoComplete="new-password"
          hint={t('passphraseHint')}
          required
        />
        {action.failure && <ErrorNote failure={action.failure} />}
        <Button type="submit" kind="primary" busy={action.busy} disabled={passphrase.length < SHORTEST}>
          {t('makeBackup')}
        </Button>
      </form>
    </Dialog>
  );
}

function download(backup: Backup): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(backup)], { type: 'application/json' }));
  const name = (settings.peek()?.name ?? 'walleye').replace(/[^\p{L}\p{N}]+/gu, '-');
  link.download = `${name}-${new Date(backup.created * 1000).toISOString().slice(0, 10)}.walleye`;
  link.click();
  // The download has its own reference by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function Restore({ onClose }: { onClose: () => void }) {
  const t = texts('system');
  const action = useAction();
  const [backup, setBackup] = useState<Backup>();
  const [wrongFile, setWrongFile] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  const [done, setDone] = useState<Restored>();
  const take = (text: string) => {
    try {
      const read = JSON.parse(text) as Backup;
      setBackup(read.walleye_backup === 1 ? read : undefined);
      setWrongFile(read.walleye_backup !== 1);
    } catch {
      setBackup(undefined);
      setWrongFile(true);
    }
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!backup) return;
    const body: RestoreRequest = { backup, passphrase };
    const answer = await action.send<Restored>('POST', '/api/system/restore', body, { timeout: PATIENCE });
    if (!answer.ok) return;
    setDone(answer.value);
    void waitForRestart();
  };
  if (done)
    return (
      <Dialog title={t('restored')} onClose={onClose}>
        <p role="status">
          {t('restoredWhat', { cameras: done.cameras, layouts: done.layouts, users: done.users })}
        </p>
        <p>{t('restarting')}</p>
      </Dialog>
    );
  return (
    <Dialog title={t('restore')} onClose={onClose}>
      <form onSubmit={submit}>
        <p class="note warning">{t('restoreWarning')}</p>
        <FileField label={t('backupFile')} accept=".walleye,.json" onText={take} />
        {wrongFile && <ErrorNote message={t('notABackup')} />}
        {backup && (
          <p class="soft">
            {t('backupOf', { name: backup.name, time: exactly(backup.created), version: backup.version })}
          </p>
        )}
        <PasswordField
          label={t('passphrase')}
          value={passphrase}
          onInput={setPassphrase}
          autoComplete="off"
          required
        />
        {action.failure && (
          <ErrorNote
            {...(action.failure.code === 'wrong_passphrase'
              ? { message: t('wrongPassphrase') }
              : { failure: action.failure })}
          />
        )}
        <Button
          type="submit"
          kind="danger"
          busy={action.busy}
          disabled={!backup || passphrase.length < SHORTEST}
        >
          {t('restoreNow')}
        </Button>
      </form>
    </Dialog>
  );
}
