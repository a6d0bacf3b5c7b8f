import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Camera, LayoutBody } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { SelectField, Switch } from '../../parts/Field.tsx';
import { useAction } from '../act.ts';
import { useRead } from '../read.ts';
import { Arrangements } from './Arrangements.tsx';
import { bodyOf } from './draft.ts';
import { filled } from './fill.ts';
import { mayBeNamed, NameField } from './NameField.tsx';
import { type Orientation, type Preset, preset, presetFor } from './presets.ts';
import { freeName } from './uses.ts';

/** A new layout from an arrangement, with the cameras in it. */
export function NewLayout({ taken, onClose }: { taken: readonly string[]; onClose: () => void }) {
  const t = texts('layouts');
  const c = texts('common');
  const { route } = useLocation();
  const action = useAction();
  const cameras = useRead<{ cameras: Camera[] }>('/api/cameras').value.value?.cameras ?? [];
  const [name, setName] = useState(freeName('layout', taken));
  const [orientation, setOrientation] = useState<Orientation>('landscape');
  const [choice, setChoice] = useState<Preset | 'free'>();
  const [fill, setFill] = useState(true);
  const chosen = choice ?? presetFor(cameras.length);
  const make = async () => {
    const { grid, rects } = chosen === 'free' ? { grid: 12, rects: [] } : preset(chosen, orientation);
    const empty = { orientation, grid, tiles: rects.map((rect, id) => ({ ...rect, id, cameras: [] })) };
    // Each camera once; those without a tile wait in the editor’s palette.
    const few = cameras.slice(0, rects.length).map(({ id }) => id);
    const body: LayoutBody = bodyOf(fill ? filled(empty, few) : empty);
    const answer = await action.send('PUT', `/api/layouts/${name}`, body);
    if (!answer.ok) return;
    onClose();
    route(`/admin/layouts/${name}`);
  };
  return (
    <Dialog
      title={t('newLayout')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button
            kind="primary"
            busy={action.busy}
            disabled={!mayBeNamed(name, taken)}
            onClick={() => void make()}
          >
            {t('make')}
          </Button>
        </>
      }
    >
      <NameField value={name} taken={taken} onInput={setName} />
      <SelectField
        label={t('screen')}
        value={orientation}
        onInput={setOrientation}
        choices={[
          { value: 'landscape', label: t('landscape') },
          { value: 'portrait', label: t('portrait') },
        ]}
      />
      <Arrangements orientation={orientation} chosen={chosen} onChoose={setChoice} />
      {cameras.length > 0 && <Switch label={t('fillNew')} checked={fill} onInput={setFill} />}
      {action.failure && <ErrorNote failure={action.failure} />}
    </Dialog>
  );
}
