import type { AlarmAction, AlarmRule, AlarmTopic, Camera } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { SelectField, Switch, TextField } from '../../parts/Field.tsx';

export const TOPICS: readonly AlarmTopic[] = [
  'motion',
  'person',
  'vehicle',
  'line',
  'digital_input',
  'tamper',
  'sound',
  'other',
];
const ACTIONS: readonly AlarmAction[] = ['none', 'highlight', 'promote', 'full_screen'];

/** “When motion at Front door: full screen, for 15 s, with a sound.” */
export function RuleEditor({
  rule,
  cameras,
  onInput,
}: {
  rule: AlarmRule;
  cameras: readonly Camera[];
  onInput: (rule: AlarmRule) => void;
}) {
  const t = texts('alarms');
  const gone = rule.camera !== null && !cameras.some(({ id }) => id === rule.camera);
  return (
    <div class="alarms-rule">
      <SelectField
        label={t('camera')}
        value={rule.camera ?? ''}
        onInput={(camera) => onInput({ ...rule, camera: camera === '' ? null : camera })}
        choices={[
          { value: '', label: t('anyCamera') },
          ...cameras.map(({ id, name }) => ({ value: id, label: name })),
          ...(gone && rule.camera !== null ? [{ value: rule.camera, label: rule.camera }] : []),
        ]}
      />
      <SelectField
        label={t('topic')}
        value={rule.topic ?? ''}
        onInput={(topic) => onInput({ ...rule, topic: topic === '' ? null : (topic as AlarmTopic) })}
        choices={[
          { value: '', label: t('anyTopic') },
          ...TOPICS.map((value) => ({ value: value as string, label: t(`topic:${value}`) })),
        ]}
      />
      <SelectField
        label={t('action')}
        value={rule.action}
        onInput={(action) => onInput({ ...rule, action })}
        choices={ACTIONS.map((value) => ({ value, label: t(`action_${value}`) }))}
      />
      <TextField
        label={t('hold')}
        type="number"
        min={1}
        max={3600}
        value={String(rule.hold_seconds)}
        onInput={(value) =>
          onInput({ ...rule, hold_seconds: Math.min(Math.max(Number(value) || 1, 1), 3600) })
        }
      />
      <TextField
        label={t('priority')}
        type="number"
        min={0}
        max={10}
        value={String(rule.priority)}
        onInput={(value) =>
          onInput({ ...rule, priority: Math.min(Math.max(Math.round(Number(value) || 0), 0), 10) })
        }
      />
      <Switch label={t('sound')} checked={rule.sound} onInput={(sound) => onInput({ ...rule, sound })} />
    </div>
  );
}
