import { useState } from 'preact/hooks';
import type { Camera, CameraPatch } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { PasswordField, TextField } from '../../parts/Field.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';

/** Milliseconds: at a new address the camera itself is asked. */
const PATIENCE = 30_000;

/** Name, address, credentials. The password never comes back: an empty field leaves it as it is. */
export function CameraForm({ camera }: { camera: Camera }) {
  const t = texts('cameras');
  const c = texts('common');
  const action = useAction();
  const [name, setName] = useState(camera.name);
  const [address, setAddress] = useState(camera.address ?? '');
  const [username, setUsername] = useState(camera.username ?? '');
  const [password, setPassword] = useState('');
  const patch: CameraPatch = {
    ...(name.trim() !== camera.name ? { name: name.trim() } : {}),
    ...(camera.address !== null && address.trim() !== camera.address ? { address: address.trim() } : {}),
    ...(username !== (camera.username ?? '') ? { username: username || null } : {}),
    ...(password !== '' ? { password } : {}),
  };
  const changed = Object.keys(patch).length > 0;
  const submit = async (event: Event) => {
    event.preventDefault();
    const answer = await action.send<Camera>(
      'PATCH',
      `/api/cameras/${encodeURIComponent(camera.id)}`,
      patch,
      {
        timeout: PATIENCE,
      },
    );
    if (!answer.ok) return;
    setPassword('');
    setName(answer.value.name);
    setAddress(answer.value.address ?? '');
    toast(c('saved'));
  };
  return (
    <form class="card" onSubmit={submit}>
      <h2>{t('settings')}</h2>
      <TextField label={t('name')} value={name} onInput={setName} maxLength={128} required />
      {camera.address !== null && (
        <TextField label={t('address')} value={address} onInput={setAddress} inputMode="url" required />
      )}
      <TextField label={t('cameraUser')} value={username} onInput={setUsername} autoComplete="off" />
      <PasswordField
        label={t('cameraPassword')}
        value={password}
        onInput={setPassword}
        autoComplete="off"
        hint={camera.has_password ? t('passwordKept') : t('passwordNone')}
      />
      {action.failure && <ErrorNote failure={action.failure} />}
      <Button type="submit" kind="primary" busy={action.busy} disabled={!changed}>
        {c('save')}
      </Button>
    </form>
  );
}
