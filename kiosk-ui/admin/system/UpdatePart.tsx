import { useState } from 'preact/hooks';
import type { Update } from '../../../daemon/schema.ts';
import { moment, percent } from '../../i18n/format.ts';
import { type TextKey, texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Progress } from '../../parts/Progress.tsx';
import { type Action, useAction } from '../act.ts';
import { changes } from '../live.ts';
import { type Reading, useRead } from '../read.ts';

const PATH = '/api/system/update';
/** Milliseconds. The daemon tells when something is new; this is for the minutes in which it is not there to tell. */
const LOOK = 10_000;

export const useUpdate = (): Reading<Update> =>
  useRead<Update>(PATH, { when: [changes.update], every: LOOK });

/** Which version runs, and how another one gets here. */
export function UpdatePart({ reading }: { reading: Reading<Update> }) {
  const t = texts('system');
  const action = useAction();
  const [asking, setAsking] = useState(false);
  const now = reading.value.value;
  if (!now) return reading.failure.value ? <ErrorNote failure={reading.failure.value} /> : null;
  const { supported, version, available, state } = now;
  const resting = state === 'idle' || state === 'failed';
  return (
    <section class="card" aria-busy={!resting}>
      <h2>{t('updates')}</h2>
      {now.rolled_back && <RolledBack update={now} notice={now.rolled_back} again={reading.again} />}
      <p class="system-version">
        <strong>{t('versionNow', { version })}</strong>
      </p>
      {!supported && <p class="soft">{t('notAppliance')}</p>}
      {supported && resting && <Found update={now} />}
      {!resting && <Under update={now} />}
      {state === 'failed' && <Failed message={now.message} />}
      {state === 'idle' && supported && now.message !== null && <ErrorNote message={now.message} />}
      {action.failure && <ErrorNote failure={action.failure} />}
      {supported && (
        <>
          <p class="soft system-source">
            {now.source === null ? t('updateFromStick') : t('updateFrom', { source: now.source })}
          </p>
          {(resting || state === 'checking') && (
            <div class="system-actions">
              {available !== null && (
                <Button kind="primary" disabled={!resting} onClick={() => setAsking(true)}>
                  {now.rolled_back?.version === available
                    ? t('updateAgain', { version: available })
                    : t('updateNow')}
                </Button>
              )}
              <Button
                busy={action.busy || state === 'checking'}
                onClick={() => void action.send('POST', `${PATH}/check`).then(reading.again)}
              >
                {t('updateCheck')}
              </Button>
            </div>
          )}
        </>
      )}
      {asking && available !== null && (
        <Ask
          version={version}
          target={available}
          action={action}
          onClose={() => setAsking(false)}
          begun={reading.again}
        />
      )}
    </section>
  );
}

/** The sentence of the last look. */
function Found({ update: { available, checked } }: { update: Update }) {
  const t = texts('system');
  if (available !== null)
    return (
      <p>
        <strong>{t('updateThere', { version: available })}</strong>
      </p>
    );
  return (
    <p class="soft">{checked === null ? t('updateNever') : t('updateNone', { time: moment(checked) })}</p>
  );
}

const UNDER: Partial<Record<Update['state'], TextKey<'system'>>> = {
  checking: 'updateChecking',
  downloading: 'updateDownloading',
  installing: 'updateInstalling',
  restarting: 'updateRestarting',
  confirming: 'updateConfirming',
};

/** What is being done, and how far it has come. */
function Under({ update: { state, version, available, progress, message } }: { update: Update }) {
  const t = texts('system');
  const words = UNDER[state];
  if (!words) return null;
  const target = state === 'confirming' ? version : (available ?? '');
  const part = progress === null ? undefined : Math.floor(progress) / 100;
  const label = t(words, { version: target }) + (part === undefined ? '' : ` ${percent(part)}`);
  return (
    <div class="system-update">
      <Progress part={part} label={label} />
      {message !== null && <p class="soft">{message}</p>}
      {state !== 'checking' && <p class="soft">{t('updateLeaveOn')}</p>}
    </div>
  );
}

function Failed({ message }: { message: string | null }) {
  const t = texts('system');
  return <ErrorNote message={message ?? t('updateFailed')} />;
}

/** Until somebody has read it. */
function RolledBack({
  update,
  notice,
  again,
}: {
  update: Update;
  notice: NonNullable<Update['rolled_back']>;
  again: () => void;
}) {
  const t = texts('system');
  const action = useAction();
  return (
    <div class="note warning system-rolled-back" role="alert">
      <Icon name="warning" />
      <div>
        <p>
          <strong>{t('rolledBack', { version: update.version })}</strong>
        </p>
        <p>{t('rolledBackWhy', { version: notice.version, time: moment(notice.at) })}</p>
        <p>{notice.reason}</p>
        {action.failure && <ErrorNote failure={action.failure} />}
        <Button busy={action.busy} onClick={() => void action.send('DELETE', `${PATH}/notice`).then(again)}>
          {t('rolledBackRead')}
        </Button>
      </div>
    </div>
  );
}

/** The wall goes dark for a while: nobody does that by a slip of the finger. */
function Ask({
  version,
  target,
  action,
  onClose,
  begun,
}: {
  version: string;
  target: string;
  action: Action;
  onClose: () => void;
  begun: () => void;
}) {
  const t = texts('system');
  const c = texts('common');
  const start = async () => {
    await action.send('POST', PATH);
    begun();
    onClose();
  };
  return (
    <Dialog
      title={t('updateTo', { version: target })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button kind="primary" busy={action.busy} onClick={() => void start()}>
            {t('updateNow')}
          </Button>
        </>
      }
    >
      <p>{t('updateWhat')}</p>
      <p>{t('updateSafety', { version })}</p>
    </Dialog>
  );
}
