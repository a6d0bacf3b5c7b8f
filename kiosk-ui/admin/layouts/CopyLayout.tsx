import { useState } from 'preact/hooks';
import type { Layout } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';
import { mayBeNamed, NameField } from './NameField.tsx';
import { freeName } from './uses.ts';

export function CopyLayout({
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
  const [name, setName] = useState(freeName(`${layout.name.slice(0, 50)}-copy`, taken));
  const copy = async () => {
    const { name: _, ...body } = layout;
    const answer = await action.send('PUT', `/api/layouts/${name}`, body);
    if (!answer.ok) return;
    toast(c('saved'));
    onClose();
  };
  return (
    <Dialog
      title={t('copyName', { name: layout.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button
            kind="primary"
            busy={action.busy}
            disabled={!mayBeNamed(name, taken)}
            onClick={() => void copy()}
          >
            {t('duplicate')}
          </Button>
        </>
      }
    >
      <NameField value={name} taken={taken} onInput={setName} />
      {action.failure && <ErrorNote failure={action.failure} />}
    </Dialog>
  );
}
