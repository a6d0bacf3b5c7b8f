/** Talking through a camera's loudspeaker. */
import { type Static, Type } from 'typebox';
import { strict } from './basics.ts';

export const TalkEvent = Type.Union([
  Type.Object(
    {
      type: Type.Literal('talking'),
      codec: Type.Enum(['pcmu', 'pcma'], { description: 'What the camera is sent, as FFmpeg names it' }),
    },
    strict,
  ),
  Type.Object({ type: Type.Literal('error'), code: Type.String(), message: Type.String() }, strict),
]);
export type TalkEvent = Static<typeof TalkEvent>;

export const Loudspeaker = Type.Object({
  supported: Type.Boolean({ description: 'The camera takes sound by ONVIF’s back channel' }),
});
export type Loudspeaker = Static<typeof Loudspeaker>;
