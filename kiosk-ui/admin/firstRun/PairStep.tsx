import { useEffect, useState } from 'preact/hooks';
import type { PairingGrant, PairingPassword, Session } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { PasswordField, TextField } from '../../parts/Field.tsx';
import { useAction } from '../act.ts';
import { readSession } from '../session.ts';

const SHORTEST = 8;

/** The code from the screen proves that one stands before the box; then one chooses the password. */
export function PairStep() {
  const [grant, setGrant] = useState<string>();
  return grant === undefined ? (
    <CodeForm onGranted={setGrant} />
  ) : (
    <PasswordForm grant={grant} onExpired={() => setGrant(undefined)} />
  );
}

function CodeForm({ onGranted }: { onGranted: (grant: string) => void }) {
  const t = texts('firstRun');
  const action = useAction();
  const [code, setCode] = useState('');
  const pair = async (digits: string) => {
    const answer = await action.send<PairingGrant>('POST', '/api/pairing', { code: digits });
    if (answer.ok) onGranted(answer.value.grant);
    else setCode('');
  };
  useEffect(() => {
    const scanned = /^#pair=([0-9]{6})$/.exec(location.hash)?.[1];
    if (scanned === undefined) return;
    // Not kept in the history: the next who takes this phone shall not find it.
    history.replaceState(null, '', location.pathname);
    setCode(scanned);
    void pair(scanned);
  }, []);
  return (
    <form
      class="card first-run-form"
      onSubmit={(event) => {
        event.preventDefault();
        void pair(code);
      }}
    >
      <h1>{t('pairTitle')}</h1>
      <p class="lead">{t('pairLead')}</p>
      <div class="first-run-code">
        <TextField
          label={t('pairCode')}
          value={code}
          onInput={(typed) => {
            const digits = typed.replace(/\D/g, '').slice(0, 6);
            setCode(digits);
            if (digits.length === 6 && digits !== code) void pair(digits);
          }}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
        />
      </div>
      {action.failure && (
        <ErrorNote
          {...(action.failure.code === 'wrong_code'
            ? { message: t('pairWrong') }
            : { failure: action.failure })}
        />
      )}
      <Button type="submit" kind="primary" busy={action.busy} disabled={code.length !== 6}>
        {t('pair')}
      </Button>
    </form>
  );
}

function PasswordForm({ grant, onExpired }: { grant: string; onExpired: () => void }) {
  const t = texts('firstRun');
  const action = useAction();
  const [username, setUsername] = useState('admin');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [tried, setTried] = useState(false);
  const short = password.length < SHORTEST;
  const different = password !== again;
  const submit = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (short || different) return;
    const body: PairingPassword = { grant, username, password };
    const answer = await action.send<Session>('PUT', '/api/pairing/password', body);
    if (answer.ok) await readSession();
    else if (answer.code === 'grant_expired') onExpired();
  };
  return (
    <form class="card first-run-form" onSubmit={submit} noValidate>
      <h1>{t('passwordTitle')}</h1>
      <p class="lead">{t('passwordLead')}</p>
      <TextField
        label={t('yourName')}
        value={username}
        onInput={setUsername}
        autoComplete="username"
        required
      />
      <PasswordField
        label={t('newPassword')}
        value={password}
        onInput={setPassword}
        autoComplete="new-password"
        hint={t('passwordHint')}
        fault={tried && short ? t('passwordShort') : undefined}
        required
      />
      <PasswordField
        label={t('passwordAgain')}
        value={again}
        onInput={setAgain}
        autoComplete="new-password"
        fault={tried && !short && different ? t('passwordDifferent') : undefined}
        required
      />
      {action.failure && <ErrorNote failure={action.failure} />}
      <Button type="submit" kind="primary" busy={action.busy}>
        {t('passwordSet')}
      </Button>
    </form>
  );
}
