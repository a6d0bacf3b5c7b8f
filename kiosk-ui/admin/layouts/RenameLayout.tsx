import { useState } from 'preact/hooks';
import type { Layout } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';
import { changeWalls } from './changeWalls.ts';
import { mayBeNamed, NameField } from './NameField.tsx';
import { wallRenamed } from './uses.ts';

/**
 * The API knows no renaming: the layout is saved under the new name, the walls are told, the old one goes. In this order no
 * wall ever names a layout that is not there, and whatever fails leaves nothing lost: at worst both exist.
 */
export function RenameLayout({
  layout,
  taken,
  onClose,
}: {
  layout: Layout;
  taken: readonly string[];
  onClose: () => void;
}) {
  const t = texts('layouts');
  const c = texts('common');
  const action = useAction();
  const [name, setName] = useState(layout.name);
  const rename = async () => {
    const { name: old, ...body } = layout;
    const made = await action.send('PUT', `/api/layouts/${name}`, body);
    if (!made.ok) return;
    if (!(await changeWalls(action, old, (wall) => wallRenamed(wall, old, name)))) return;
    const gone = await action.send('DELETE', `/api/layouts/${old}`);
    if (!gone.ok && gone.status !== 404) return;
    toast(c('saved'));
    onClose();
  };
  const others = taken.filter((one) => one !== layout.name);
  return (
    <Dialog
      title={t('renameName', { name: layout.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button
            kind="primary"
            busy={action.busy}
            disabled={name === layout.name || !mayBeNamed(name, others)}
            onClick={() => void rename()}
          >
            {t('rename')}
          </Button>
        </>
      }
    >
      <NameField value={name} taken={others} onInput={setName} />
      {action.failure && <ErrorNote failure={action.failure} />}
    </Dialog>
  );
}
