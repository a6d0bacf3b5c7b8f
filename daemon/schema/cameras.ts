/** Cameras, and what ONVIF tells of them. */
import { type Static, Type } from 'typebox';
import { Name, Nullable, Password, RtspUrl, strict, Username } from './basics.ts';
import { StreamState, Transport } from './streams.ts';

export const CameraStream = Type.Object({
  name: Name,
  profile: Type.String(),
  rtsp_url: Type.String({ description: 'Without credentials' }),
  state: StreamState,
  codec: Nullable(Type.String()),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  fps: Nullable(Type.Number()),
});
export type CameraStream = Static<typeof CameraStream>;

export const Camera = Type.Object({
  id: Name,
  name: Type.String({ description: 'What people call it' }),
  address: Nullable(
    Type.String({ description: 'ONVIF device service, or null for a camera added by its stream URL' }),
  ),
  username: Username,
  has_password: Type.Boolean(),
  manufacturer: Nullable(Type.String()),
  model: Nullable(Type.String()),
  firmware: Nullable(Type.String()),
  serial: Nullable(Type.String()),
  ptz: Type.Boolean({ description: 'It can be moved: POST …/ptz' }),
  audio: Type.Boolean({ description: 'It sends sound, as far as is known: told when a stream is opened' }),
  recording: Type.Boolean({
    description: 'The box records it, or it records by itself, as its ONVIF events say',
  }),
  last_picture: Nullable(Type.Number({ description: 'Unix seconds of the picture at …/last.jpg' })),
  streams: Type.Array(CameraStream),
});
export type Camera = Static<typeof Camera>;

/** Either `address` (the profiles are read over ONVIF) or `streams` (by hand). */
export const CameraAdd = Type.Object(
  {
    id: Type.Optional(Name),
    name: Type.String({ minLength: 1, maxLength: 128 }),
    address: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2048,
        description: 'Host, host:port or URL of the ONVIF device service',
        examples: ['192.168.1.64', 'http://192.168.1.64/onvif/device_service'],
      }),
    ),
    username: Type.Optional(Username),
    password: Type.Optional(Password),
    streams: Type.Optional(
      Type.Array(
        Type.Object(
          {
            profile: Name,
            rtsp_url: RtspUrl,
            transport: Type.Optional(Transport),
            keep_warm: Type.Optional(Type.Boolean()),
          },
          strict,
        ),
        { minItems: 1, maxItems: 16 },
      ),
    ),
  },
  strict,
);
export type CameraAdd = Static<typeof CameraAdd>;

export const CameraPatch = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    address: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 2048 }))),
    username: Type.Optional(Username),
    password: Type.Optional(Password),
  },
  { ...strict, minProperties: 1 },
);
export type CameraPatch = Static<typeof CameraPatch>;

export const OnvifQuery = Type.Object(
  {
    address: Type.String({ minLength: 1, maxLength: 2048 }),
    username: Type.Optional(Username),
    password: Type.Optional(Password),
  },
  strict,
);
export type OnvifQuery = Static<typeof OnvifQuery>;

export const OnvifProfile = Type.Object({
  token: Type.String(),
  name: Type.String(),
  codec: Nullable(Type.String()),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  fps: Nullable(Type.Number()),
  bitrate: Nullable(Type.Integer({ description: 'kbit/s' })),
  gop: Nullable(Type.Integer({ description: 'Frames between key frames' })),
  rtsp_url: Nullable(Type.String({ description: 'Without credentials, host repaired' })),
  snapshot_url: Nullable(Type.String()),
  ptz: Type.Boolean(),
});
export type OnvifProfile = Static<typeof OnvifProfile>;

export const OnvifDescription = Type.Object({
  address: Type.String(),
  manufacturer: Nullable(Type.String()),
  model: Nullable(Type.String()),
  firmware: Nullable(Type.String()),
  serial: Nullable(Type.String()),
  hardware: Nullable(Type.String()),
  clock_skew: Nullable(Type.Number({ description: 'Seconds that the camera’s clock is ahead of ours' })),
  profiles: Type.Array(OnvifProfile),
});
export type OnvifDescription = Static<typeof OnvifDescription>;

export const CameraReboot = Type.Object({
  message: Nullable(Type.String({ description: 'What the camera said to it; null: nothing' })),
});
export type CameraReboot = Static<typeof CameraReboot>;
