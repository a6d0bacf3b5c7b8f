/** Streams, as the reference stream server names their fields, and the pictures made of them. */
import { type Static, Type } from 'typebox';
import { Name, Nullable, Password, RtspUrl, strict, Username } from './basics.ts';

/**
 * stopped: switched off by hand · idle: nobody looks · connecting · live · stalled: connected, but no packets ·
 * paused: RTSP PAUSE, kept open for the next viewer · ended: the recording is over · refused: credentials ·
 * busy: the camera has no session left · gone: not reachable · unsupported: no video that we can decode
 */
export const StreamState = Type.Enum([
  'stopped',
  'idle',
  'connecting',
  'live',
  'stalled',
  'paused',
  'ended',
  'refused',
  'busy',
  'gone',
  'unsupported',
]);
export type StreamState = Static<typeof StreamState>;

/** auto: TCP, UDP where the camera refuses that · http: RTSP tunnelled through HTTP, at the port of the address · multicast: UDP where that is refused */
export const Transport = Type.Union([
  Type.Literal('auto'),
  Type.Literal('tcp'),
  Type.Literal('udp'),
  Type.Literal('http'),
  Type.Literal('multicast'),
]);
export type Transport = Static<typeof Transport>;

/** Body of `POST /api/streams`: the reference server's, plus optional fields. */
export const StreamAdd = Type.Object(
  {
    name: Name,
    rtsp_url: RtspUrl,
    channel: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 1024 }))),
    subtype: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 16 }))),
    username: Type.Optional(Username),
    password: Type.Optional(Password),
    enabled: Type.Optional(Type.Boolean({ default: true })),
    transport: Type.Optional(Transport),
    keep_warm: Type.Optional(
      Type.Boolean({
        description: 'Stay connected while nobody looks. Default: true for streams added here',
      }),
    ),
  },
  strict,
);
export type StreamAdd = Static<typeof StreamAdd>;

export const StreamsConfig = Type.Object(
  { streams: Type.Array(StreamAdd, { maxItems: 1000 }) },
  {
    description: 'The reference server’s config.json; other fields in it are ignored',
    additionalProperties: true,
  },
);
export type StreamsConfig = Static<typeof StreamsConfig>;

export const StreamSummary = Type.Object({
  name: Name,
  connected: Type.Boolean(),
  playing: Type.Boolean(),
  packets_received: Type.Integer(),
  frames_received: Type.Integer(),
  bytes_received: Type.Integer(),
  camera: Name,
  profile: Type.String(),
  state: StreamState,
  enabled: Type.Boolean(),
});
export type StreamSummary = Static<typeof StreamSummary>;

/** Shares (0 to 1) of the last ten seconds; from a hundredth on, again and again, it is told. */
export const StreamDegradation = Type.Object({
  packets_lost: Type.Number(),
  pictures_lost: Type.Number({ description: 'That came broken, and were left out' }),
});
export type StreamDegradation = Static<typeof StreamDegradation>;

export const StreamStatus = Type.Interface([StreamSummary], {
  last_frame_time: Nullable(Type.Number({ description: 'Unix seconds' })),
  rtsp_url: Type.String({ description: 'Without credentials' }),
  rtsp_path: Type.String({
    description: 'Where Walleye offers it again over RTSP, on `rtsp_port` of /api/system',
    examples: ['/front-door_main'],
  }),
  channel: Nullable(Type.Integer()),
  subtype: Nullable(Type.Integer()),
  keep_warm: Type.Boolean(),
  transport: Transport,
  transport_in_use: Nullable(Type.String()),
  codec: Nullable(
    Type.String({ description: 'As FFmpeg names it: h264, hevc, mjpeg, mpeg4, vp8, vp9, av1' }),
  ),
  codec_string: Nullable(Type.String({ description: 'RFC 6381' })),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  fps: Nullable(Type.Number({ description: 'Measured frames per second' })),
  key_frame_interval: Nullable(Type.Number({ description: 'Seconds between key frames, measured' })),
  packets_lost: Type.Integer(),
  packets_reordered: Type.Integer(),
  frames_dropped: Type.Integer({ description: 'Access units given up because of loss' }),
  degraded: Nullable(StreamDegradation),
  connects: Type.Integer({ description: 'Sessions opened since start' }),
  viewers: Type.Integer(),
  video_viewers: Type.Integer({ description: 'Those of them who are sent the camera’s own video' }),
  renditions: Type.Array(
    Type.Object({
      width: Type.Integer(),
      height: Type.Integer(),
      fps: Nullable(Type.Number()),
      quality: Type.Integer(),
      viewers: Type.Integer(),
      frames: Type.Integer(),
      drops: Type.Integer({ description: 'Pictures skipped for slow viewers, all viewers together' }),
      decoder: Type.String({ description: 'software, or the hwaccel in use' }),
      restarts: Type.Integer(),
      pid: Nullable(Type.Integer()),
    }),
  ),
  last_error: Nullable(Type.Object({ code: Type.String(), message: Type.String(), time: Type.Number() })),
});
export type StreamStatus = Static<typeof StreamStatus>;

const Sha256 = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of a certificate, hexadecimal',
});

/** Of a camera that is spoken to over TLS. */
export const StreamCertificate = Type.Object({
  trusted: Nullable(Sha256),
  offered: Nullable(
    Type.String({ description: 'The camera shows this one now, and is refused until it is trusted' }),
  ),
});
export type StreamCertificate = Static<typeof StreamCertificate>;

export const StreamCertificateTrust = Type.Object({ trusted: Sha256 }, strict);

export const StreamList = Type.Object({ total: Type.Integer(), streams: Type.Array(StreamSummary) });
export type StreamList = Static<typeof StreamList>;

/** Query of `…/mjpeg` and `…/snapshot.jpg`. Width and height are upper bounds: the picture keeps its aspect ratio and is never enlarged. */
export const PictureQuery = Type.Object(
  {
    width: Type.Optional(Type.Integer({ minimum: 16, maximum: 7680 })),
    height: Type.Optional(Type.Integer({ minimum: 16, maximum: 4320 })),
    fps: Type.Optional(Type.Number({ minimum: 0.1, maximum: 60, description: 'Upper bound' })),
    quality: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'JPEG quality, default 75' }),
    ),
    viewer: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,32}\\.[A-Za-z0-9_-]{1,32}$',
        description: 'page.tile: the events socket of that page tells how old the tile’s last picture is',
      }),
    ),
    paced: Type.Optional(
      Type.Boolean({
        description: 'Write this stream’s parts on the wall’s common tick (browsers compose less often)',
      }),
    ),
  },
  strict,
);
export type PictureQuery = Static<typeof PictureQuery>;

/**
 * Query of a camera's `snapshot.jpg`. camera: the picture that it makes itself. Not strict: whoever wants a fresh picture adds something
 * that was never there (`t=1763700000`), so that no cache has it.
 */
export const SnapshotQuery = Type.Object({
  ...Type.Pick(PictureQuery, ['width', 'height', 'quality']).properties,
  source: Type.Optional(Type.Enum(['stream', 'camera'], { default: 'stream' })),
});
