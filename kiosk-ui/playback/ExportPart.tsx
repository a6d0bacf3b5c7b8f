import { useId, useState } from 'preact/hooks';
import { useAction } from '../admin/act.ts';
import { session } from '../admin/session.ts';
import { EXPORTS, type Export, type ExportAsk } from '../api/recordings.ts';
import { duration, timeZone } from '../i18n/format.ts';
import { texts } from '../i18n/i18n.ts';
import { Button } from '../parts/Button.tsx';
import { ErrorNote } from '../parts/ErrorNote.tsx';
import { SelectField, TextField } from '../parts/Field.tsx';
import { Icon } from '../parts/Icon.tsx';
import type { Deck } from './deck.ts';
import { ExportList, useExports } from './ExportList.tsx';
import { fieldOf, unixOfField } from './zone.ts';

/** Milliseconds: the box looks through the segments first. */
const SLOW = 20_000;
/** Seconds around the playhead that are proposed while nothing is marked. */
const PROPOSED = 15;

/** A range of one camera as a file: the marks of the timeline, or two fields; and the files that there are. */
export function ExportPart({ deck, names }: { deck: Deck; names: ReadonlyMap<string, string> }) {
  const t = texts('playback');
  const zone = timeZone.value;
  const exports = useExports();
  const action = useAction();
  const [wished, setWished] = useState<string>();
  const [cut, setCut] = useState<ExportAsk['cut']>('exact');
  const cameras = deck.cameras.value;
  const camera =
    wished !== undefined && cameras.includes(wished) ? wished : (deck.camera ?? cameras[0] ?? '');
  const marks = deck.marks.value;
  const from = marks.in ?? (marks.out ?? deck.at.value) - PROPOSED;
  const to = marks.out ?? (marks.in ?? deck.at.value) + PROPOSED;
  const valid = to > from;
  const start = async () => {
    const answer = await action.send<Export>('POST', EXPORTS, { camera, from, to, cut } satisfies ExportAsk, {
      timeout: SLOW,
    });
    if (answer.ok) exports.again();
  };
  const set = (edge: 'in' | 'out') => (text: string) => {
    const at = unixOfField(text, zone);
    if (at === undefined) return;
    deck.marks.value = { in: from, out: to, ...{ [edge]: at } };
  };
  return (
    <div class="export">
      <p class="hint">{t('exportHint')}</p>
      {session.value?.role === 'admin' ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
        >
          {cameras.length > 1 && (
            <SelectField
              label={t('camera')}
              value={camera}
              onInput={setWished}
              choices={cameras.map((id) => ({ value: id, label: names.get(id) ?? id }))}
            />
          )}
          <div class="export-edge">
            <TextField
              label={t('from')}
              type="datetime-local"
              step={1}
              value={fieldOf(from, zone)}
              onInput={set('in')}
            />
            <Button label={t('markIn')} onClick={() => deck.mark('in')}>
              <Icon name="markIn" />
            </Button>
          </div>
          <div class="export-edge">
            <TextField
              label={t('to')}
              type="datetime-local"
              step={1}
              value={fieldOf(to, zone)}
              fault={valid ? undefined : t('rangeFault')}
              onInput={set('out')}
            />
            <Button label={t('markOut')} onClick={() => deck.mark('out')}>
              <Icon name="markOut" />
            </Button>
          </div>
          <fieldset class="export-cut">
            <legend>{t('cut')}</legend>
            <CutChoice
              value="exact"
              label={t('cutExact')}
              hint={t('cutExactHint')}
              chosen={cut}
              onInput={setCut}
            />
            <CutChoice value="key" label={t('cutKey')} hint={t('cutKeyHint')} chosen={cut} onInput={setCut} />
          </fieldset>
          {action.failure && <ErrorNote failure={action.failure} />}
          <div class="export-go">
            {valid && <span class="soft">{t('rangeLength', { time: duration(to - from) })}</span>}
            <Button type="submit" kind="primary" busy={action.busy} disabled={!valid || camera === ''}>
              <Icon name="cut" />
              {t('startExport')}
            </Button>
          </div>
        </form>
      ) : (
        <p class="soft">{t('adminsOnly')}</p>
      )}
      <h3>{t('exports')}</h3>
      <ExportList exports={exports} names={names} />
    </div>
  );
}

function CutChoice({
  value,
  label,
  hint,
  chosen,
  onInput,
}: {
  value: ExportAsk['cut'];
  label: string;
  hint: string;
  chosen: ExportAsk['cut'];
  onInput: (cut: ExportAsk['cut']) => void;
}) {
  const id = useId();
  return (
    <div class="radio-row">
      <input
        id={id}
        type="radio"
        name="cut"
        checked={chosen === value}
        aria-describedby={`${id}-hint`}
        onChange={() => onInput(value)}
      />
      <div>
        <label for={id}>{label}</label>
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      </div>
    </div>
  );
}
