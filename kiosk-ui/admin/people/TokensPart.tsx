import { useState } from 'preact/hooks';
import type { Role, Token, TokenAdd, TokenMade } from '../../../daemon/schema.ts';
import { day, moment } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { SelectField, TextField } from '../../parts/Field.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';
import { useRead } from '../read.ts';

const DAYS = ['30', '90', '365', 'forever'] as const;

/** Keys for programs: shown once, then only by name. */
export function TokensPart() {
  const t = texts('people');
  const reading = useRead<{ tokens: Token[] }>('/api/tokens');
  const removal = useAction();
  const [adding, setAdding] = useState(false);
  const remove = async (token: Token) => {
    const answer = await removal.send('DELETE', `/api/tokens/${encodeURIComponent(token.id)}`);
    if (answer.ok) toast(t('tokenGone', { name: token.name }));
    reading.again();
  };
  return (
    <section class="card">
      <div class="page-head">
        <h2>{t('tokens')}</h2>
        <Button onClick={() => setAdding(true)}>
          <Icon name="key" />
          {t('addToken')}
        </Button>
      </div>
      <p class="soft">{t('tokensLead')}</p>
      {reading.failure.value && <ErrorNote failure={reading.failure.value} />}
      {removal.failure && <ErrorNote failure={removal.failure} />}
      <ul class="people-list">
        {reading.value.value?.tokens.map((token) => (
          <li key={token.id}>
            <div>
              <strong>{token.name}</strong>
              <p class="soft">
                {[
                  t(token.scope),
                  token.expires === null ? t('forever') : t('until', { day: day(token.expires) }),
                  token.last_used === null
                    ? t('neverUsed')
                    : t('lastUsed', { time: moment(token.last_used) }),
                ].join(' · ')}
              </p>
            </div>
            <Button
              kind="quiet"
              label={t('removeName', { name: token.name })}
              onClick={() => void remove(token)}
            >
              <Icon name="remove" />
            </Button>
          </li>
        ))}
      </ul>
      {adding && (
        <AddToken
          onClose={() => {
            setAdding(false);
            reading.again();
          }}
        />
      )}
    </section>
  );
}

function AddToken({ onClose }: { onClose: () => void }) {
  const t = texts('people');
  const c = texts('common');
  const action = useAction();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Role>('viewer');
  const [days, setDays] = useState<(typeof DAYS)[number]>('365');
  const [made, setMade] = useState<TokenMade>();
  const submit = async (event: Event) => {
    event.preventDefault();
    const body: TokenAdd = { name, scope, days: days === 'forever' ? null : Number(days) };
    const answer = await action.send<TokenMade>('POST', '/api/tokens', body);
    if (answer.ok) setMade(answer.value);
  };
  if (made)
    return (
      <Dialog
        title={t('tokenMade')}
        onClose={onClose}
        actions={<Button onClick={onClose}>{c('done')}</Button>}
      >
        <p>{t('tokenOnce')}</p>
        <output class="people-token">{made.token}</output>
        <CopyButton text={made.token} />
        <p class="hint">{t('tokenUse')}</p>
        <code class="people-example">{`curl -H 'Authorization: Bearer ${made.token.slice(0, 8)}…' ${location.origin}/api/cameras`}</code>
      </Dialog>
    );
  return (
    <Dialog title={t('addToken')} onClose={onClose}>
      <form onSubmit={submit}>
        <TextField
          label={t('tokenName')}
          value={name}
          onInput={setName}
          hint={t('tokenNameHint')}
          maxLength={64}
          required
        />
        <SelectField
          label={t('role')}
          hint={t(scope === 'admin' ? 'adminMay' : 'viewerMay')}
          value={scope}
          onInput={setScope}
          choices={(['viewer', 'admin'] as const).map((value) => ({ value, label: t(value) }))}
        />
        <SelectField
          label={t('validFor')}
          value={days}
          onInput={setDays}
          choices={DAYS.map((value) => ({
            value,
            label: value === 'forever' ? t('forever') : t('days', { count: Number(value) }),
          }))}
        />
        {action.failure && <ErrorNote failure={action.failure} />}
        <Button type="submit" kind="primary" busy={action.busy}>
          {t('addToken')}
        </Button>
      </form>
    </Dialog>
  );
}
