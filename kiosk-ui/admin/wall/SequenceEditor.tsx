import type { Layout } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { SelectField } from '../../parts/Field.tsx';
import { Miniature } from '../layouts/Miniature.tsx';
import { OrderedList } from '../layouts/OrderedList.tsx';
import { DWELL } from '../layouts/uses.ts';
import { areSeconds, type Sequence } from './programme.ts';

/** Layouts that take turns, and how long each stays. */
export function SequenceEditor({
  sequence,
  layouts,
  label,
  onInput,
}: {
  sequence: Sequence;
  layouts: readonly Layout[];
  label: string;
  onInput: (sequence: Sequence) => void;
}) {
  const t = texts('wallPage');
  const drawn = new Map(layouts.map((layout) => [layout.name, layout]));
  return (
    <div class="wall-sequence">
      {sequence.length === 0 && <p class="soft">{t('allCameras')}</p>}
      {sequence.length > 0 && (
        <OrderedList
          items={sequence}
          label={label}
          nameOf={({ layout }) => layout}
          draw={({ layout, dwell_seconds: seconds }, n) => {
            const known = drawn.get(layout);
            const wrong = !areSeconds(seconds);
            return (
              <div class="wall-turn">
                <Miniature tiles={known?.tiles ?? []} orientation={known?.orientation} />
                <a href={`/admin/layouts/${layout}`}>{layout}</a>
                {sequence.length > 1 && (
                  <label class="wall-seconds">
                    <input
                      type="number"
                      min={1}
                      max={86_400}
                      aria-label={t('secondsOf', { name: layout })}
                      aria-invalid={wrong || undefined}
                      value={Number.isNaN(seconds) ? '' : seconds}
                      onInput={(event) => {
                        const typed = event.currentTarget.valueAsNumber;
                        onInput(
                          sequence.map((item, i) => (i === n ? { ...item, dwell_seconds: typed } : item)),
                        );
                      }}
                    />
                    <span>{t('seconds')}</span>
                  </label>
                )}
                {wrong && (
                  <p class="fault" role="alert">
                    {t('secondsFault')}
                  </p>
                )}
              </div>
            );
          }}
          onOrder={onInput}
          onRemove={(n) => onInput(sequence.filter((_, i) => i !== n))}
        />
      )}
      {layouts.length === 0 ? (
        <p>
          <a href="/admin/layouts">{t('makeLayout')}</a>
        </p>
      ) : (
        <SelectField
          label={t('addLayout')}
          value=""
          onInput={(layout) => {
            if (layout !== '') onInput([...sequence, { layout, dwell_seconds: DWELL }]);
          }}
          choices={[
            { value: '', label: t('choose') },
            ...layouts.map(({ name }) => ({ value: name, label: name })),
          ]}
        />
      )}
    </div>
  );
}
