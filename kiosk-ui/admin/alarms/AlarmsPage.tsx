import './alarms.css';
import { useEffect, useState } from 'preact/hooks';
import type { AlarmRules, Camera } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Switch, TextField } from '../../parts/Field.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { toast } from '../../parts/toast.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useAction } from '../act.ts';
import { changes } from '../live.ts';
import { useRead } from '../read.ts';
import { AlarmList } from './AlarmList.tsx';
import { RuleEditor } from './RuleEditor.tsx';

const PATH = '/api/alarm-rules';

/** Which events call the operator’s eye, and how loudly. */
export function AlarmsPage() {
  const t = texts('alarms');
  const c = texts('common');
  const reading = useRead<AlarmRules>(PATH);
  const cameras =
    useRead<{ cameras: Camera[] }>('/api/cameras', { when: [changes.cameras] }).value.value?.cameras ?? [];
  const action = useAction();
  const saved = reading.value.value;
  const [rules, setRules] = useState<AlarmRules>();
  useEffect(() => {
    if (saved) setRules((edited) => edited ?? saved);
  }, [saved]);
  if (!rules)
    return (
      <section class="page">
        {reading.failure.value ? <ErrorNote failure={reading.failure.value} /> : <Waiting />}
      </section>
    );
  const changed = JSON.stringify(rules) !== JSON.stringify(saved);
  const save = async () => {
    const answer = await action.send<AlarmRules>('PUT', PATH, rules);
    if (!answer.ok) return;
    reading.again();
    toast(c('saved'));
  };
  const move = (from: number, by: number) => {
    const next = [...rules.rules];
    const [rule] = next.splice(from, 1);
    if (rule) next.splice(from + by, 0, rule);
    setRules({ ...rules, rules: next });
  };
  return (
    <section class="page alarms">
      <h1>{t('title')}</h1>
      <AlarmList cameras={cameras} />
      <section class="card">
        <h2>{t('rules')}</h2>
        <p class="soft">{t('rulesLead')}</p>
        <Switch
          label={t('enabled')}
          checked={rules.enabled}
          onInput={(enabled) => setRules({ ...rules, enabled })}
        />
        <ol class="alarms-rules">
          {rules.rules.map((rule, n) => (
            <li key={n}>
              <RuleEditor
                rule={rule}
                cameras={cameras}
                onInput={(next) =>
                  setRules({ ...rules, rules: rules.rules.map((one, i) => (i === n ? next : one)) })
                }
              />
              <div class="alarms-rule-actions">
                <Button kind="quiet" label={t('earlier')} disabled={n === 0} onClick={() => move(n, -1)}>
                  <Icon name="up" />
                </Button>
                <Button
                  kind="quiet"
                  label={t('later')}
                  disabled={n === rules.rules.length - 1}
                  onClick={() => move(n, 1)}
                >
                  <Icon name="down" />
                </Button>
                <Button
                  kind="quiet"
                  label={t('removeRule')}
                  onClick={() => setRules({ ...rules, rules: rules.rules.filter((_, i) => i !== n) })}
                >
                  <Icon name="remove" />
                </Button>
              </div>
            </li>
          ))}
        </ol>
        <Button
          onClick={() =>
            setRules({
              ...rules,
              rules: [
                {
                  camera: null,
                  topic: 'motion',
                  action: 'full_screen',
                  priority: 5,
                  hold_seconds: 15,
                  sound: false,
                },
                ...rules.rules,
              ],
            })
          }
        >
          <Icon name="add" />
          {t('addRule')}
        </Button>
        <div class="alarms-times">
          <TextField
            label={t('minimumFocus')}
            hint={t('minimumFocusHint')}
            type="number"
            min={0}
            max={600}
            value={String(rules.minimum_focus_seconds)}
            onInput={(value) => setRules({ ...rules, minimum_focus_seconds: Number(value) || 0 })}
          />
          <TextField
            label={t('quiet')}
            hint={t('quietHint')}
            type="number"
            min={0}
            max={3600}
            value={String(rules.quiet_seconds)}
            onInput={(value) => setRules({ ...rules, quiet_seconds: Number(value) || 0 })}
          />
        </div>
        {action.failure && <ErrorNote failure={action.failure} />}
        {changed && (
          <div class="alarms-save">
            <span>{c('unsaved')}</span>
            <Button onClick={() => setRules(saved)}>{c('discard')}</Button>
            <Button kind="primary" busy={action.busy} onClick={() => void save()}>
              {c('save')}
            </Button>
          </div>
        )}
      </section>
    </section>
  );
}
