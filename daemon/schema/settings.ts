/** What belongs to the box as a whole. */
import { type Static, Type } from 'typebox';
import { Nullable, strict } from './basics.ts';

export const Language = Type.Enum(['en', 'zh-TW', 'zh-CN']);
export type Language = Static<typeof Language>;

export const Settings = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, description: 'What people call this box' }),
    time_zone: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'IANA name',
      examples: ['Asia/Taipei'],
    }),
    language: Nullable(Language),
    /** The first run was walked through to its end. */
    setup_done: Type.Boolean(),
    wall_clock: Type.Boolean(),
    wall_names: Type.Boolean(),
    wall_recording_mark: Type.Boolean(),
    wall_audio_mark: Type.Boolean(),
    wall_alarm_sound: Type.Boolean(),
    /** Viewers and the screen may move cameras. */
    viewers_ptz: Type.Boolean(),
    /** Viewers and the screen may talk through cameras’ loudspeakers. */
    viewers_talk: Type.Boolean(),
    /** A picture that is the very same for so long is called unchanged; 0: never. */
    unchanged_seconds: Type.Number({ minimum: 0, maximum: 3600 }),
  },
  strict,
);
export type Settings = Static<typeof Settings>;
export const SettingsPatch = Type.Partial(Settings, { ...strict, minProperties: 1 });
export type SettingsPatch = Static<typeof SettingsPatch>;
