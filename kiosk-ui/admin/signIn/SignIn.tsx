import { useState } from 'preact/hooks';
import type { Login, Session } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { PasswordField, TextField } from '../../parts/Field.tsx';
import { LanguageChoice } from '../../parts/LanguageChoice.tsx';
import { useAction } from '../act.ts';
import { readSession } from '../session.ts';

/** Name and password; afterwards the page that was asked for. `lead`: what for, if not to set the box up. */
export function SignIn({ lead }: { lead?: string }) {
  const t = texts('common');
  const action = useAction();
  const [username, setUsername] = useState('admin');
  const [password, setPassword] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    const answer = await action.send<Session>('POST', '/api/session', { username, password } satisfies Login);
    if (answer.ok) await readSession();
    else setPassword('');
  };
  return (
    <main class="alone">
      <form class="card sign-in" onSubmit={submit}>
        <h1>{t('signInTitle')}</h1>
        <p class="lead">{lead ?? t('signInLead', { name: location.hostname })}</p>
        <TextField
          label={t('username')}
          value={username}
          onInput={setUsername}
          autoComplete="username"
          required
        />
        <PasswordField
          label={t('password')}
          value={password}
          onInput={setPassword}
          autoComplete="current-password"
          required
        />
        {action.failure && <ErrorNote failure={action.failure} />}
        <Button type="submit" kind="primary" busy={action.busy}>
          {t('signIn')}
        </Button>
        <p class="hint">{t('signInForgot')}</p>
        <LanguageChoice />
      </form>
    </main>
  );
}
