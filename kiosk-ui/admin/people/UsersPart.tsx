import { useState } from 'preact/hooks';
import type { Role, User, UserAdd, UserPatch } from '../../../daemon/schema.ts';
import { moment } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { PasswordField, SelectField, TextField } from '../../parts/Field.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { toast } from '../../parts/toast.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { session } from '../session.ts';

const SHORTEST = 8;
const ROLES: readonly Role[] = ['viewer', 'admin'];

export function UsersPart() {
  const t = texts('people');
  const c = texts('common');
  const reading = useRead<{ users: User[] }>('/api/users', { when: [changes.session] });
  const [open, setOpen] = useState<'add' | User>();
  const users = reading.value.value?.users;
  const close = (changed: boolean) => {
    setOpen(undefined);
    if (changed) {
      toast(c('saved'));
      reading.again();
    }
  };
  return (
    <section class="card">
      <div class="page-head">
        <h2>{t('users')}</h2>
        <Button onClick={() => setOpen('add')}>
          <Icon name="add" />
          {t('addUser')}
        </Button>
      </div>
      {reading.failure.value && !users && <ErrorNote failure={reading.failure.value} />}
      {!users && !reading.failure.value && <Waiting />}
      {users?.length === 0 && <p class="note">{t('noUsers')}</p>}
      <ul class="people-list">
        {users?.map((user) => (
          <li key={user.name}>
            <div>
              <strong>{user.name}</strong>
              {user.name === session.value?.user && <span class="people-you">{t('you')}</span>}
              <p class="soft">
                {t(user.role)} ·{' '}
                {user.last_login === null ? t('neverIn') : t('lastIn', { time: moment(user.last_login) })}
              </p>
            </div>
            <Button kind="quiet" label={t('editName', { name: user.name })} onClick={() => setOpen(user)}>
              <Icon name="edit" />
            </Button>
          </li>
        ))}
      </ul>
      {open === 'add' && <AddUser onClose={close} />}
      {open !== undefined && open !== 'add' && <EditUser user={open} onClose={close} />}
    </section>
  );
}

function RoleField({ role, onInput }: { role: Role; onInput: (role: Role) => void }) {
  const t = texts('people');
  return (
    <SelectField
      label={t('role')}
      hint={t(role === 'admin' ? 'adminMay' : 'viewerMay')}
      value={role}
      onInput={onInput}
      choices={ROLES.map((value) => ({ value, label: t(value) }))}
    />
  );
}

function AddUser({ onClose }: { onClose: (changed: boolean) => void }) {
  const t = texts('people');
  const c = texts('common');
  const action = useAction();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const short = password.length < SHORTEST;
  const submit = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (short) return;
    const answer = await action.send<User>('POST', '/api/users', { name, role, password } satisfies UserAdd);
    if (answer.ok) onClose(true);
  };
  return (
    <Dialog title={t('addUser')} onClose={() => onClose(false)}>
      <form onSubmit={submit} noValidate>
        <TextField
          label={c('username')}
          value={name}
          onInput={setName}
          autoComplete="off"
          hint={t('nameRule')}
          required
        />
        <RoleField role={role} onInput={setRole} />
        <PasswordField
          label={c('password')}
          value={password}
          onInput={setPassword}
          autoComplete="new-password"
          hint={t('passwordRule')}
          fault={tried && short ? t('passwordShort') : undefined}
          required
        />
        {action.failure && <ErrorNote failure={action.failure} />}
        <Button type="submit" kind="primary" busy={action.busy} disabled={name === ''}>
          {t('addUser')}
        </Button>
      </form>
    </Dialog>
  );
}

function EditUser({ user, onClose }: { user: User; onClose: (changed: boolean) => void }) {
  const t = texts('people');
  const c = texts('common');
  const action = useAction();
  const [role, setRole] = useState(user.role);
  const [password, setPassword] = useState('');
  const [removing, setRemoving] = useState(false);
  const short = password !== '' && password.length < SHORTEST;
  const path = `/api/users/${encodeURIComponent(user.name)}`;
  const patch: UserPatch = {
    ...(role === user.role ? {} : { role }),
    ...(password === '' ? {} : { password }),
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (short) return;
    const answer = await action.send<User>('PATCH', path, patch);
    if (answer.ok) onClose(true);
  };
  const remove = async () => {
    const answer = await action.send('DELETE', path);
    if (answer.ok) onClose(true);
  };
  return (
    <Dialog title={user.name} onClose={() => onClose(false)}>
      <form onSubmit={submit} noValidate>
        <RoleField role={role} onInput={setRole} />
        <PasswordField
          label={t('newPassword')}
          value={password}
          onInput={setPassword}
          autoComplete="new-password"
          hint={t('newPasswordHint')}
          fault={short ? t('passwordShort') : undefined}
        />
        {action.failure && <ErrorNote failure={action.failure} />}
        {removing ? (
          <div class="note warning">
            <p>{t('removeText', { name: user.name })}</p>
            <Button kind="danger" busy={action.busy} onClick={() => void remove()}>
              {t('removeUser')}
            </Button>
          </div>
        ) : (
          <div class="people-actions">
            <Button kind="danger" onClick={() => setRemoving(true)}>
              {t('removeUser')}
            </Button>
            <Button
              type="submit"
              kind="primary"
              busy={action.busy}
              disabled={Object.keys(patch).length === 0}
            >
              {c('save')}
            </Button>
          </div>
        )}
      </form>
    </Dialog>
  );
}
