/** Alarms: what calls the operator’s eye, and by which rules. */
import { type Static, Type } from 'typebox';
import { Name, Nullable, strict } from './basics.ts';

/** What happened. ONVIF topics are mapped to these; programs may send any of them. */
export const AlarmTopic = Type.Enum([
  'motion',
  'person',
  'vehicle',
  'line',
  'digital_input',
  'tamper',
  'sound',
  'other',
]);
export type AlarmTopic = Static<typeof AlarmTopic>;

/** none: only listed · highlight: a frame around the tile · promote: to the largest tile · full_screen */
export const AlarmAction = Type.Enum(['none', 'highlight', 'promote', 'full_screen']);
export type AlarmAction = Static<typeof AlarmAction>;

const Priority = Type.Integer({
  minimum: 0,
  maximum: 10,
  description: 'Of two alarms the higher one is shown',
});

export const AlarmRule = Type.Object(
  {
    camera: Nullable(Name),
    topic: Nullable(AlarmTopic),
    action: AlarmAction,
    priority: Priority,
    hold_seconds: Type.Number({
      minimum: 1,
      maximum: 3600,
      description: 'On the screen so long after the last event',
    }),
    sound: Type.Boolean(),
  },
  { ...strict, description: 'The first rule whose camera and topic fit decides; null fits all' },
);
export type AlarmRule = Static<typeof AlarmRule>;

export const AlarmRules = Type.Object(
  {
    enabled: Type.Boolean(),
    rules: Type.Array(AlarmRule, { maxItems: 200 }),
    minimum_focus_seconds: Type.Number({
      minimum: 0,
      maximum: 600,
      description:
        'A camera that an alarm put on the screen stays at least so long before another alarm of the same priority',
    }),
    quiet_seconds: Type.Number({
      minimum: 0,
      maximum: 3600,
      description:
        'No alarm moves anything within so long after somebody touched the wall; frames are drawn all the same',
    }),
  },
  strict,
);
export type AlarmRules = Static<typeof AlarmRules>;

export const AlarmRaise = Type.Object(
  {
    camera: Name,
    topic: Type.Optional(AlarmTopic),
    message: Type.Optional(Type.String({ maxLength: 200 })),
    /** Outweigh the rule’s. */
    action: Type.Optional(AlarmAction),
    priority: Type.Optional(Priority),
    hold_seconds: Type.Optional(Type.Number({ minimum: 1, maximum: 3600 })),
    sound: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type AlarmRaise = Static<typeof AlarmRaise>;

export const Alarm = Type.Object({
  id: Type.String(),
  camera: Name,
  topic: AlarmTopic,
  message: Nullable(Type.String()),
  source: Type.Enum(['onvif', 'api']),
  action: AlarmAction,
  priority: Type.Integer(),
  sound: Type.Boolean(),
  since: Type.Number({ description: 'Unix seconds' }),
  until: Nullable(Type.Number({ description: 'Unix seconds; null while the event lasts' })),
  events: Type.Integer({ description: 'How often it was raised again meanwhile' }),
  acknowledged: Type.Boolean(),
});
export type Alarm = Static<typeof Alarm>;

export const AlarmList = Type.Object({
  active: Type.Array(Alarm),
  recent: Type.Array(Alarm, { description: 'Over by now, the newest first' }),
});
export type AlarmList = Static<typeof AlarmList>;
