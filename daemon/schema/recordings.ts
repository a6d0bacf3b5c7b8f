/** Recording: which cameras, for how long, and what there is. */
import { type Static, Type } from 'typebox';
import { Name, Nullable, strict } from './basics.ts';

const Days = Type.Integer({ minimum: 1, maximum: 3650 });

export const CameraRecording = Type.Object(
  {
    /** always: as long as the box runs; manual: from `start` to `stop`, or until the daemon ends. */
    mode: Type.Enum(['off', 'always', 'manual']),
    stream: Type.Optional(Type.Enum(['main', 'sub'], { description: 'Default main' })),
    days: Type.Optional(Days),
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
      stream: Nullable(Name),
      recording: Type.Boolean(),
      until: Nullable(Type.Number({ description: 'Unix seconds up to which there is a file' })),
      dropped: Type.Integer({ description: 'Pictures that the disk was too slow for' }),
    }),
  ),
});
export type RecordingStatus = Static<typeof RecordingStatus>;
