/** Playback of recordings: what there is when, exports, what the wall showed. Times are Unix seconds. */
import { type Static, Type } from 'typebox';
import { AlarmTopic } from './alarms.ts';
import { Name, Nullable, strict } from './basics.ts';

const Time = (description: string) => Type.Number({ description: `Unix seconds: ${description}` });

export const TimelineSpan = Type.Object({
  from: Time('its first picture'),
  to: Time('the end of its last one'),
  protected: Type.Boolean({ description: 'It is kept, whatever the rules say' }),
  open: Type.Boolean({ description: 'Its end is being written' }),
});
export type TimelineSpan = Static<typeof TimelineSpan>;

export const TimelineEvent = Type.Object({
  from: Time('the event'),
  to: Nullable(Time('its end; null while it lasts')),
  topic: AlarmTopic,
  text: Nullable(Type.String()),
});
export type TimelineEvent = Static<typeof TimelineEvent>;

export const Timeline = Type.Object({
  from: Type.Number(),
  to: Type.Number(),
  cameras: Type.Array(
    Type.Object({ camera: Name, spans: Type.Array(TimelineSpan), events: Type.Array(TimelineEvent) }),
  ),
});
export type Timeline = Static<typeof Timeline>;

export const RecordedDays = Type.Object({
  days: Type.Array(Type.Integer({ minimum: 1, maximum: 31 }), {
    description: 'Of the month, in the box’s time zone',
  }),
});
export type RecordedDays = Static<typeof RecordedDays>;

export const ExportCut = Type.Enum(['key', 'exact'], {
  description:
    'key: from the key picture at or before `from` · exact: players show `from` to `to`, by an edit list; the camera’s own bits are kept',
});
export type ExportCut = Static<typeof ExportCut>;

export const ExportAsk = Type.Object(
  { camera: Name, from: Type.Number(), to: Type.Number(), cut: ExportCut },
  strict,
);
export type ExportAsk = Static<typeof ExportAsk>;

export const Export = Type.Object({
  id: Type.String(),
  camera: Name,
  cut: ExportCut,
  from: Time('asked for'),
  to: Time('asked for'),
  state: Type.Enum(['waiting', 'running', 'done', 'failed']),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  actual_from: Nullable(Time('what players show first')),
  actual_to: Nullable(Time('the end of what they show')),
  bytes: Nullable(Type.Integer()),
  sha256: Nullable(Type.String({ description: 'Of media.mp4, hexadecimal' })),
  error: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
  created: Type.Number(),
});
export type Export = Static<typeof Export>;

export const ExportList = Type.Object({ exports: Type.Array(Export, { description: 'The newest first' }) });
export type ExportList = Static<typeof ExportList>;
