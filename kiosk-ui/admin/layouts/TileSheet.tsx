import { useEffect, useState } from 'preact/hooks';
import type { Camera, Tile } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { SelectField, TextField } from '../../parts/Field.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { areSeconds } from '../wall/programme.ts';
import { divided, merged, removed } from './arrange.ts';
import type { DraftTile } from './draft.ts';
import type { Editing } from './editing.ts';
import { withCamera, withOrder, withoutCamera, withSetting } from './fill.ts';
import { OrderedList } from './OrderedList.tsx';

const PARTS = [
  { key: 'splitAcross', across: 2, down: 1 },
  { key: 'splitDown', across: 1, down: 2 },
  { key: 'splitFour', across: 2, down: 2 },
  { key: 'splitNine', across: 3, down: 3 },
] as const;

/** Seconds; the wall's own when a tile says nothing. */
const USUAL_DWELL = 10;

/** What the selected tile shows and how; or what can be done with several. */
export function TileSheet({
  editing,
  cameras,
  names,
}: {
  editing: Editing;
  cameras: readonly Camera[];
  names: ReadonlyMap<string, string>;
}) {
  const t = texts('layouts');
  const draft = editing.draft.value;
  const ids = editing.selected.value;
  const tile = ids.length === 1 ? draft.tiles.find(({ id }) => id === ids[0]) : undefined;
  const take = () => {
    editing.change(removed(editing.draft.peek(), ids));
    editing.selected.value = [];
  };
  return (
    <section class="layouts-sheet card" aria-label={t('sheet')}>
      {ids.length === 0 && <p class="soft">{t('selectHint')}</p>}
      {tile && (
        <TileForm
          key={tile.id}
          editing={editing}
          tile={tile}
          index={draft.tiles.indexOf(tile)}
          cameras={cameras}
          names={names}
        />
      )}
      {ids.length > 1 && (
        <>
          <h2>{t('selectedCount', { count: ids.length })}</h2>
          <Button
            onClick={() => {
              const next = merged(editing.draft.peek(), ids);
              if (!next) return;
              editing.change(next.draft);
              editing.selected.value = [next.id];
              editing.several.value = false;
            }}
          >
            <Icon name="merge" />
            {t('merge')}
          </Button>
        </>
      )}
      {ids.length > 0 && (
        <Button kind="danger" onClick={take}>
          <Icon name="remove" />
          {t('removeTiles', { count: ids.length })}
        </Button>
      )}
    </section>
  );
}

function TileForm({
  editing,
  tile,
  index,
  cameras,
  names,
}: {
  editing: Editing;
  tile: DraftTile;
  index: number;
  cameras: readonly Camera[];
  names: ReadonlyMap<string, string>;
}) {
  const t = texts('layouts');
  const { id } = tile;
  const nameOf = (camera: string) => names.get(camera) ?? t('goneCamera', { name: camera });
  const others = cameras.filter((camera) => !tile.cameras.includes(camera.id));
  const set = <Key extends 'dwell_seconds' | 'fit' | 'stream'>(key: Key, value: Tile[Key]) =>
    editing.change(withSetting(editing.draft.peek(), id, key, value), `${key} ${id}`);
  return (
    <>
      <h2>{t('tileTitle', { number: index + 1 })}</h2>
      {tile.cameras.length === 0 ? (
        <p class="soft">{t('emptyTileHint')}</p>
      ) : (
        <OrderedList
          items={tile.cameras}
          label={t('camerasInTurn')}
          nameOf={nameOf}
          draw={(camera) => <span>{nameOf(camera)}</span>}
          onOrder={(order) => editing.change(withOrder(editing.draft.peek(), id, order))}
          onRemove={(n) => editing.change(withoutCamera(editing.draft.peek(), id, tile.cameras[n] ?? ''))}
        />
      )}
      {others.length > 0 && (
        <SelectField
          label={tile.cameras.length === 0 ? t('putCamera') : t('addInTurn')}
          value=""
          onInput={(camera) => {
            if (camera !== '') editing.change(withCamera(editing.draft.peek(), id, camera, 'add'));
          }}
          choices={[
            { value: '', label: t('choose') },
            ...others.map((camera) => ({ value: camera.id, label: camera.name })),
          ]}
        />
      )}
      {tile.cameras.length > 1 && (
        <DwellField
          seconds={tile.dwell_seconds ?? USUAL_DWELL}
          onInput={(seconds) => set('dwell_seconds', seconds === USUAL_DWELL ? undefined : seconds)}
        />
      )}
      <SelectField
        label={t('fit')}
        value={tile.fit ?? 'contain'}
        onInput={(fit) => set('fit', fit === 'contain' ? undefined : fit)}
        choices={[
          { value: 'contain', label: t('fitContain') },
          { value: 'cover', label: t('fitCover') },
          { value: 'fill', label: t('fitFill') },
        ]}
      />
      <SelectField
        label={t('stream')}
        value={tile.stream ?? 'auto'}
        onInput={(stream) => set('stream', stream === 'auto' ? undefined : stream)}
        choices={[
          { value: 'auto', label: t('streamAuto') },
          { value: 'main', label: t('streamMain') },
          { value: 'sub', label: t('streamSub') },
        ]}
      />
      <fieldset class="layouts-split">
        <legend>{t('split')}</legend>
        {PARTS.map(({ key, across, down }) => (
          <Button
            key={key}
            disabled={divided(editing.draft.value, id, across, down) === undefined}
            onClick={() => {
              const next = divided(editing.draft.peek(), id, across, down);
              if (next) editing.change(next);
            }}
          >
            {t(key)}
          </Button>
        ))}
      </fieldset>
    </>
  );
}

/** What was typed stays to be mended while it is no number of seconds; the tile keeps the last that was one. */
function DwellField({ seconds, onInput }: { seconds: number; onInput: (seconds: number) => void }) {
  const t = texts('layouts');
  const [typed, setTyped] = useState<string>();
  // An undo, or somebody else's change, shows.
  useEffect(() => setTyped(undefined), [seconds]);
  return (
    <TextField
      label={t('dwell')}
      type="number"
      min={1}
      max={86_400}
      value={typed ?? String(seconds)}
      fault={typed === undefined ? undefined : t('dwellFault')}
      onInput={(value) => {
        const number = value.trim() === '' ? Number.NaN : Number(value);
        const right = areSeconds(number);
        setTyped(right ? undefined : value);
        if (right) onInput(number);
      }}
    />
  );
}
