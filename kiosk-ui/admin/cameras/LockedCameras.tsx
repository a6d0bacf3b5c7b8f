import { useState } from 'preact/hooks';
import type { Discovery, DiscoveryCredentials } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { PasswordField, TextField } from '../../parts/Field.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { useAction } from '../act.ts';
import { deviceName, type LockedGroup } from './finding.ts';

/** “These three need a password”: asked for once a make, tried once on each, so that no camera locks its account. */
export function LockedCameras({ group, onTried }: { group: LockedGroup; onTried: () => void }) {
  const t = texts('cameras');
  const action = useAction();
  const [username, setUsername] = useState('admin');
  const [password, setPassword] = useState('');
  const { make, devices } = group;
  const submit = async (event: Event) => {
    event.preventDefault();
    const body: DiscoveryCredentials = { devices: devices.map(({ id }) => id), username, password };
    const answer = await action.send<Discovery>('POST', '/api/discovery/credentials', body);
    if (answer.ok) onTried();
  };
  const refused = devices.find(({ onvif_error }) => onvif_error !== null)?.onvif_error;
  return (
    <form class="card finder-locked" onSubmit={submit}>
      <h2>
        <Icon name="lock" />
        {make === null
          ? t('lockedUnknown', { count: devices.length })
          : t('locked', { count: devices.length, make: make.charAt(0).toUpperCase() + make.slice(1) })}
      </h2>
      <p class="soft">{devices.map((device) => `${deviceName(device)} (${device.address})`).join(' · ')}</p>
      <div class="finder-credentials">
        <TextField
          label={t('cameraUser')}
          value={username}
          onInput={setUsername}
          autoComplete="off"
          required
        />
        <PasswordField
          label={t('cameraPassword')}
          value={password}
          onInput={setPassword}
          autoComplete="off"
        />
        <Button type="submit" kind="primary" busy={action.busy}>
          {t('unlock', { count: devices.length })}
        </Button>
      </div>
      <p class="hint">{t('unlockHint')}</p>
      {action.failure ? (
        <ErrorNote failure={action.failure} />
      ) : (
        refused?.code === 'wrong_password' && <ErrorNote message={t('wrongCameraPassword')} />
      )}
    </form>
  );
}
