import './layouts.css';
import './editor.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import type { Camera, Layout, LayoutBody, Wall } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { toast } from '../../parts/toast.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { ConflictNote } from './ConflictNote.tsx';
import { sameBody } from './draft.ts';
import { Editing } from './editing.ts';
import { LoadMeter, LoadShort, useBenchmark, useLoad } from './LoadMeter.tsx';
import { limitsOf } from './loadWords.ts';
import { Palette } from './Palette.tsx';
import { Preview } from './Preview.tsx';
import { ShowOnWall } from './ShowOnWall.tsx';
import { Stage } from './Stage.tsx';
import { TileSheet } from './TileSheet.tsx';
import { Toolbar } from './Toolbar.tsx';
import { UnsavedGuard } from './UnsavedGuard.tsx';
import { useMine } from './useMine.ts';
import { isUsed, usesOf } from './uses.ts';
import { useUndoKeys } from './useUndoKeys.ts';

/** The layout editor. */
export function LayoutPage() {
  const { params } = useRoute();
  const name = params.name ?? '';
  return <Editor key={name} name={name} />;
}

function Editor({ name }: { name: string }) {
  const t = texts('layouts');
  const c = texts('common');
  const path = `/api/layouts/${encodeURIComponent(name)}`;
  const editing = useMemo(() => new Editing(), []);
  const reading = useRead<Layout>(path, { when: [changes.layouts] });
  const wall = useRead<Wall>('/api/wall', { when: [changes.wall] });
  const cameras = useRead<{ cameras: Camera[] }>('/api/cameras', { when: [changes.cameras] });
  const action = useAction();
  const [begun, setBegun] = useState(false);
  const [previewing, setPreviewing] = useState(false);
  const benchmark = useBenchmark();
  const body = editing.body.value;
  const load = useLoad(body, benchmark.value.value?.time);
  const mine = useMine<LayoutBody>({
    theirs: reading.value.value,
    mine: begun ? body : undefined,
    same: sameBody,
    adopt: (theirs) => {
      editing.begin({
        tiles: theirs.tiles,
        ...(theirs.orientation ? { orientation: theirs.orientation } : {}),
      });
      setBegun(true);
    },
  });
  useUndoKeys(editing);
  const known = cameras.value.value?.cameras;
  const names = useMemo(() => new Map(known?.map((camera) => [camera.id, camera.name])), [known]);
  const limits = useMemo(() => limitsOf(load), [load]);
  const deleted = reading.failure.value?.status === 404;
  const onWall = wall.value.value !== undefined && isUsed(usesOf(wall.value.value, name));

  const save = async (): Promise<boolean> => {
    const wish = withKnown(editing.body.peek(), known);
    mine.sending(wish);
    const answer = await action.send<Layout>('PUT', path, wish);
    if (!answer.ok) return false;
    mine.saved(wish);
    reading.again();
    toast(onWall ? t('savedOnWall') : c('saved'));
    return true;
  };
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (mine.unsaved) void save();
    };
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  });

  if (!begun)
    return (
      <section class="page">
        {reading.failure.value ? (
          <>
            <ErrorNote
              {...(deleted ? { message: t('gone', { name }) } : { failure: reading.failure.value })}
            />
            <a class="button" href="/admin/layouts">
              {c('layouts')}
            </a>
          </>
        ) : (
          <Waiting />
        )}
      </section>
    );
  return (
    <section class="layouts-editor">
      <div class="layouts-head">
        <div>
          <a class="layouts-back" href="/admin/layouts">
            <Icon name="back" />
            {c('layouts')}
          </a>
          <h1>{name}</h1>
          {onWall && <span class="layouts-on-wall">{t('onWall')}</span>}
        </div>
      </div>
      <div class="layouts-notes">
        <ConflictNote mine={mine} text={t('conflict')} />
        {deleted && <p class="note warning">{t('deletedMeanwhile')}</p>}
        {action.failure && <ErrorNote failure={action.failure} />}
      </div>
      <div class="layouts-middle">
        <Toolbar
          editing={editing}
          cameras={known?.map(({ id }) => id) ?? []}
          onPreview={() => setPreviewing(true)}
        />
        <Stage editing={editing} names={names} limits={limits} />
        <LoadMeter load={load} benchmark={benchmark} />
        <p id="layouts-keys" class="hint layouts-keys">
          {t('keys')}
        </p>
        <p class="visually-hidden" role="status">
          {editing.said.value}
        </p>
      </div>
      <TileSheet editing={editing} cameras={known ?? []} names={names} />
      <div class="layouts-dock">
        <Palette editing={editing} cameras={known ?? []} />
        <div class="layouts-save">
          <LoadShort load={load} />
          <span class={mine.unsaved ? 'soft' : 'visually-hidden'} role="status">
            {mine.unsaved ? c('unsaved') : c('saved')}
          </span>
          <ShowOnWall
            name={name}
            wall={wall.value.value}
            busy={action.busy}
            save={async () => !(mine.unsaved || deleted) || save()}
            onDone={() => wall.again()}
          />
          <Button
            kind="primary"
            busy={action.busy}
            disabled={!mine.unsaved && !deleted}
            onClick={() => void save()}
          >
            {c('save')}
          </Button>
        </div>
      </div>
      <CameraQuestion editing={editing} names={names} />
      {previewing && <Preview body={body} names={names} onClose={() => setPreviewing(false)} />}
      <UnsavedGuard unsaved={mine.unsaved} />
    </section>
  );
}

/** A camera that was removed meanwhile would be refused, and with it everything else that was done here. */
function withKnown(body: LayoutBody, cameras: readonly Camera[] | undefined): LayoutBody {
  if (!cameras) return body;
  const known = new Set(cameras.map(({ id }) => id));
  return {
    ...body,
    tiles: body.tiles.map((tile) => ({ ...tile, cameras: tile.cameras.filter((id) => known.has(id)) })),
  };
}

/** A camera was put onto a tile that shows another one. */
function CameraQuestion({ editing, names }: { editing: Editing; names: ReadonlyMap<string, string> }) {
  const t = texts('layouts');
  const question = editing.question.value;
  if (!question) return null;
  const index = editing.draft.value.tiles.findIndex(({ id }) => id === question.tile);
  const shown = editing.draft.value.tiles[index]?.cameras ?? [];
  return (
    <Dialog
      title={t('occupiedTitle', { number: index + 1 })}
      onClose={() => {
        editing.question.value = undefined;
      }}
      actions={
        <>
          <Button onClick={() => editing.put(question.tile, question.camera, 'add')}>
            <Icon name="rotate" />
            {t('takeTurns')}
          </Button>
          <Button kind="primary" onClick={() => editing.put(question.tile, question.camera, 'replace')}>
            {t('replace')}
          </Button>
        </>
      }
    >
      <p>
        {t('occupiedText', {
          shown: shown.map((id) => names.get(id) ?? id).join(', '),
          name: names.get(question.camera) ?? question.camera,
        })}
      </p>
    </Dialog>
  );
}
