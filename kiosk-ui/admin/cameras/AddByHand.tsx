import { useState } from 'preact/hooks';
import type { Camera, CameraAdd } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { PasswordField, TextField } from '../../parts/Field.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';
import { isStreamAddress } from './streamAddress.ts';

/** Milliseconds. The daemon asks the camera itself, which may be slow. */
const PATIENCE = 30_000;

/** For what no search finds: another subnet, a camera without ONVIF, an NVR’s channel. */
export function AddByHand() {
  const t = texts('cameras');
  const action = useAction();
  const [address, setAddress] = useState('');
  const [name, setName] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const isStream = isStreamAddress(address);
  const submit = async (event: Event) => {
    event.preventDefault();
    const at = address.trim();
    const credentials = username === '' ? {} : { username, password };
    const called = name.trim() || hostOf(at);
    const body: CameraAdd = isStream
      ? { name: called, streams: [{ profile: 'main', rtsp_url: at }], ...credentials }
      : { name: called, address: at, ...credentials };
    const answer = await action.send<Camera>('POST', '/api/cameras', body, { timeout: PATIENCE });
    if (!answer.ok) return;
    toast(t('addedName', { name: answer.value.name }));
    setAddress('');
    setName('');
  };
  return (
    <details class="card finder-by-hand">
      <summary>{t('byHand')}</summary>
      <form onSubmit={submit}>
        <p class="soft">{t('byHandLead')}</p>
        <TextField
          label={t('address')}
          value={address}
          onInput={setAddress}
          placeholder="192.168.1.64"
          inputMode="url"
          hint={isStream ? t('addressRtsp') : t('addressHint')}
          required
        />
        <TextField label={t('name')} value={name} onInput={setName} placeholder={t('nameExample')} />
        <div class="finder-credentials">
          <TextField label={t('cameraUser')} value={username} onInput={setUsername} autoComplete="off" />
          <PasswordField
            label={t('cameraPassword')}
            value={password}
            onInput={setPassword}
            autoComplete="off"
          />
        </div>
        {action.failure && <ErrorNote failure={action.failure} />}
        <Button type="submit" kind="primary" busy={action.busy}>
          {t('addCamera')}
        </Button>
      </form>
    </details>
  );
}

/** A name to begin with: the host, which the user can change later. */
function hostOf(address: string): string {
  const host = /^(?:[a-z]+:\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/i.exec(address)?.[1];
  return host ?? address;
}
