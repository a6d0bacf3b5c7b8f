/** Recording: which cameras, for how long, and what there is. */
import { type Static, Type } from 'typebox';
import { AlarmTopic } from './alarms.ts';
import { Name, Nullable, strict } from './basics.ts';

const Days = Type.Integer({ minimum: 1, maximum: 3650 });

export const RecordingMode = Type.Enum(['off', 'always', 'manual', 'schedule', 'event']);
export type RecordingMode = Static<typeof RecordingMode>;

export const RecordingHours = Type.Object(
  {
    days: Type.Array(Type.Integer({ minimum: 0, maximum: 6 }), {
      minItems: 1,
      maxItems: 7,
      uniqueItems: true,
      description: '0 is Sunday; the days on which the hours begin',
    }),
    from: Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', examples: ['18:00'] }),
    to: Type.String({
      pattern: '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
      description: 'Not later than `from`: until that time on the next day',
      examples: ['07:30', '24:00'],
    }),
  },
  { ...strict, description: 'In the box’s time zone' },
);
export type RecordingHours = Static<typeof RecordingHours>;

export const EventRecording = Type.Object(
  {
    topics: Type.Optional(
      Type.Array(AlarmTopic, { minItems: 1, maxItems: 8, uniqueItems: true, description: 'Default: all' }),
    ),
    pre_seconds: Type.Optional(
      Type.Number({ minimum: 0, maximum: 30, description: 'Before the event, from memory; default 5' }),
    ),
    post_seconds: Type.Optional(
      Type.Number({ minimum: 1, maximum: 600, description: 'After the last event; default 20' }),
    ),
  },
  strict,
);
export type EventRecording = Static<typeof EventRecording>;

export const CameraRecording = Type.Object(
  {
    /**
     * always: as long as the box runs; schedule: in the hours of `schedule`; event: when something happens at the camera. By hand,
     * from `start` to `stop` or until the daemon ends, in every mode but off.
     */
    mode: RecordingMode,
    stream: Type.Optional(Type.Enum(['main', 'sub'], { description: 'Default main' })),
    days: Type.Optional(Days),
    schedule: Type.Optional(
      Type.Array(RecordingHours, {
        maxItems: 64,
        description:
          'Of mode schedule: when it records. Of mode event: events count in these hours only; default always',
      }),
    ),
    event: Type.Optional(EventRecording),
    audio: Type.Optional(Type.Boolean({ description: 'Keep the sound as well; default true' })),
  },
  strict,
);
export type CameraRecording = Static<typeof CameraRecording>;

export const RecordingSettings = Type.Object(
  {
    /** By camera; one that is not here is not recorded. */
    cameras: Type.Record(Name, CameraRecording),
    folder: Type.Optional(
      Nullable(
        Type.String({
          pattern: '^/',
          maxLength: 1024,
          description: 'A mounted disk or network share; null: in the daemon’s own folder',
        }),
      ),
    ),
    days: Type.Optional(Nullable(Days)),
    max_bytes: Type.Optional(
      Nullable(Type.Integer({ minimum: 1_000_000, description: 'Of all recordings together' })),
    ),
    min_free_bytes: Type.Optional(
      Type.Integer({ minimum: 0, description: 'That stay free on the disk; default 1 GB' }),
    ),
  },
  strict,
);
export type RecordingSettings = Static<typeof RecordingSettings>;

/** One file: a minute or so of one stream, as the camera coded it. */
export const Recording = Type.Object({
  id: Type.Integer(),
  camera: Name,
  stream: Name,
  from: Type.Number({ description: 'Unix seconds of the first picture' }),
  to: Type.Number({ description: 'Unix seconds of the end of the last one' }),
  bytes: Type.Integer(),
  codec: Type.String({ description: 'As FFmpeg names it; empty where the index was lost' }),
  width: Type.Integer(),
  height: Type.Integer(),
  protected: Type.Boolean({ description: 'It is kept, whatever the rules say' }),
  open: Type.Boolean({ description: 'It is being written' }),
});
export type Recording = Static<typeof Recording>;

export const RecordingList = Type.Object({
  total: Type.Integer({ description: 'In this answer' }),
  recordings: Type.Array(Recording),
});
export type RecordingList = Static<typeof RecordingList>;

export const RecordingPatch = Type.Object({ protected: Type.Boolean() }, strict);
export type RecordingPatch = Static<typeof RecordingPatch>;

export const RecordingStatus = Type.Object({
  folder: Type.String(),
  bytes: Type.Integer({ description: 'Of all recordings' }),
  disk: Nullable(Type.Object({ total: Type.Integer(), free: Type.Integer() })),
  /** Why nothing, or not everything, can be written; null: it can. */
  problem: Nullable(Type.Object({ code: Type.String(), message: Type.String(), since: Type.Number() })),
  cameras: Type.Array(
    Type.Object({
      camera: Name,
      mode: RecordingMode,
      stream: Nullable(Name),
      recording: Type.Boolean(),
      reason: Nullable(
        Type.Enum(['always', 'schedule', 'event', 'manual'], { description: 'Why it is recorded now' }),
      ),
      until: Nullable(Type.Number({ description: 'Unix seconds up to which there is a file' })),
      dropped: Type.Integer({ description: 'Pictures that the disk was too slow for' }),
    }),
  ),
});
export type RecordingStatus = Static<typeof RecordingStatus>;
export type RecordingReason = NonNullable<RecordingStatus['cameras'][number]['reason']>;
