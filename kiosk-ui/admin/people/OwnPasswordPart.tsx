import { useState } from 'preact/hooks';
import type { OwnPassword } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { PasswordField } from '../../parts/Field.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';
import { session } from '../session.ts';

const SHORTEST = 8;

export function OwnPasswordPart() {
  const t = texts('people');
  const action = useAction();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  if (session.value?.kind !== 'user') return null;
  const short = password !== '' && password.length < SHORTEST;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (password.length < SHORTEST) return;
    const body: OwnPassword = { current, password };
    const answer = await action.send('PUT', '/api/session/password', body);
    if (!answer.ok) return;
    setCurrent('');
    setPassword('');
    toast(t('passwordChanged'));
  };
  return (
    <form class="card people-own" onSubmit={submit} noValidate>
      <h2>{t('ownPassword')}</h2>
      <PasswordField
        label={t('currentPassword')}
        value={current}
        onInput={setCurrent}
        autoComplete="current-password"
        required
      />
      <PasswordField
        label={t('newPassword')}
        value={password}
        onInput={setPassword}
        autoComplete="new-password"
        hint={t('passwordRule')}
        fault={short ? t('passwordShort') : undefined}
        required
      />
      {action.failure && <ErrorNote failure={action.failure} />}
      <Button type="submit" busy={action.busy} disabled={current === '' || password.length < SHORTEST}>
        {t('changePassword')}
      </Button>
    </form>
  );
}
