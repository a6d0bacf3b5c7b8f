/** What the other schemas are made of. */
import { type Static, Type } from 'typebox';

/** Bodies with fields that we do not know are refused: a typing error must not pass for a setting. */
export const strict = { additionalProperties: false } as const;
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Names of streams, ids of cameras, names of layouts: safe in a URL, a file name and a systemd unit. */
export const NAME_PATTERN = '^[A-Za-z0-9_-]{1,64}$';
export const Name = Type.String({
  pattern: NAME_PATTERN,
  description: '1 to 64 of A–Z a–z 0–9 _ -',
  examples: ['front-door_main'],
});

export const ErrorBody = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: 'Stable, for programs', examples: ['stream_not_found'] }),
      message: Type.String({ description: 'One sentence for people: what is wrong and what to do' }),
    }),
  },
  { $id: 'Error' },
);
export type ErrorBody = Static<typeof ErrorBody>;

export const RtspUrl = Type.String({
  minLength: 8,
  maxLength: 2048,
  description:
    'rtsp:// or rtsps:// address, the http:// or https:// address of M-JPEG, of a single JPEG, of FLV, MPEG-TS or HLS, an rtmp:// or srt:// address, or of this box itself file:///folder?fps=1 with JPEGs, file:///video.mp4 or v4l2:///dev/video0, a USB camera; user:password@ in it is taken out and kept apart',
  examples: ['rtsp://192.168.1.108:554/cam/realmonitor'],
});
export const Username = Nullable(Type.String({ maxLength: 256 }));
export const Password = Nullable(Type.String({ maxLength: 256, description: 'Goes in, never comes out' }));
