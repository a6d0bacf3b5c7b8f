import { useState } from 'preact/hooks';
import type { Camera, CameraReboot } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';

/** Milliseconds. Finding the service and logging in come before it. */
const PATIENCE = 20_000;

/** For a camera that hangs. Asks first: it is away for a minute or two. */
export function RebootButton({ camera: { id, name } }: { camera: Camera }) {
  const t = texts('cameras');
  const c = texts('common');
  const action = useAction();
  const [asking, setAsking] = useState(false);
  const reboot = async () => {
    const path = `/api/cameras/${encodeURIComponent(id)}/reboot`;
    const answer = await action.send<CameraReboot>('POST', path, undefined, { timeout: PATIENCE });
    if (!answer.ok) return;
    setAsking(false);
    toast(t('rebooting', { name }));
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>
        <Icon name="refresh" />
        {t('reboot')}
      </Button>
      {asking && (
        <Dialog
          title={t('rebootTitle', { name })}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{c('cancel')}</Button>
              <Button kind="primary" busy={action.busy} onClick={() => void reboot()}>
                {t('reboot')}
              </Button>
            </>
          }
        >
          <p>{t('rebootText')}</p>
          {action.failure && <ErrorNote failure={action.failure} />}
        </Dialog>
      )}
    </>
  );
}
