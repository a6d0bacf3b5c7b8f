/**
 * THE schema: API bodies, stored rows and configuration. Every type is derived from it, the OpenAPI page is made from it,
 * and the pages import its types. A leaf: imports nothing of ours.
 *
 * Field names are those of the reference stream server (`rtsp_url`, `packets_received`, …), so JSON is snake_case throughout.
 */
import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
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

// ── streams ─────────────────────────────────────────────────────────────────────────────────────────────────

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

export const Transport = Type.Union([Type.Literal('auto'), Type.Literal('tcp'), Type.Literal('udp')]);
export type Transport = Static<typeof Transport>;

const RtspUrl = Type.String({
  minLength: 8,
  maxLength: 2048,
  description: 'rtsp:// address; user:password@ in it is taken out and kept apart',
  examples: ['rtsp://192.168.1.108:554/cam/realmonitor'],
});
const Username = Nullable(Type.String({ maxLength: 256 }));
const Password = Nullable(Type.String({ maxLength: 256, description: 'Goes in, never comes out' }));

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

export const StreamStatus = Type.Interface([StreamSummary], {
  last_frame_time: Nullable(Type.Number({ description: 'Unix seconds' })),
  rtsp_url: Type.String({ description: 'Without credentials' }),
  channel: Nullable(Type.Integer()),
  subtype: Nullable(Type.Integer()),
  keep_warm: Type.Boolean(),
  transport: Transport,
  transport_in_use: Nullable(Type.String()),
  codec: Nullable(Type.String({ description: 'As FFmpeg names it: h264, hevc' })),
  codec_string: Nullable(Type.String({ description: 'RFC 6381' })),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  fps: Nullable(Type.Number({ description: 'Measured frames per second' })),
  key_frame_interval: Nullable(Type.Number({ description: 'Seconds between key frames, measured' })),
  packets_lost: Type.Integer(),
  packets_reordered: Type.Integer(),
  frames_dropped: Type.Integer({ description: 'Access units given up because of loss' }),
  connects: Type.Integer({ description: 'Sessions opened since start' }),
  viewers: Type.Integer(),
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

// ── cameras ─────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── discovery ───────────────────────────────────────────────────────────────────────────────────────────────

export const DiscoveredDevice = Type.Object({
  id: Type.String({ description: 'Endpoint reference, else MAC, else address' }),
  address: Type.String({ description: 'IPv4 address that answered' }),
  onvif_url: Nullable(Type.String()),
  xaddrs: Type.Array(Type.String(), { description: 'All service addresses, the likeliest first' }),
  name: Nullable(Type.String()),
  hardware: Nullable(Type.String()),
  location: Nullable(Type.String()),
  mac: Nullable(Type.String()),
  manufacturer: Nullable(Type.String()),
  via: Type.Array(Type.Union([Type.Literal('ws-discovery'), Type.Literal('ssdp')])),
  interface: Type.String(),
  camera: Nullable(Name),
  onvif: Nullable(OnvifDescription),
  onvif_error: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
});
export type DiscoveredDevice = Static<typeof DiscoveredDevice>;

export const DiscoveryStart = Type.Object(
  {
    seconds: Type.Optional(Type.Number({ minimum: 1, maximum: 60, default: 5 })),
    username: Type.Optional(Username),
    password: Type.Optional(Password),
  },
  strict,
);
export type DiscoveryStart = Static<typeof DiscoveryStart>;

export const Discovery = Type.Object({
  running: Type.Boolean(),
  started: Nullable(Type.Number({ description: 'Unix seconds' })),
  seconds: Type.Number(),
  interfaces: Type.Array(Type.String()),
  problems: Type.Array(Type.String(), { description: 'Interfaces that could not be searched, and why' }),
  devices: Type.Array(DiscoveredDevice),
});
export type Discovery = Static<typeof Discovery>;

// ── layouts and wall ────────────────────────────────────────────────────────────────────────────────────────

const Unit = Type.Number({ minimum: 0, maximum: 1 });

export const Tile = Type.Object(
  {
    x: Unit,
    y: Unit,
    width: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    height: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    cameras: Type.Array(Name, {
      maxItems: 64,
      description: 'One camera, or several that take turns; none: empty tile',
    }),
    dwell_seconds: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 86_400,
        description: 'How long each of several cameras stays; default 10',
      }),
    ),
    fit: Type.Optional(Type.Union([Type.Literal('contain'), Type.Literal('cover'), Type.Literal('fill')])),
  },
  strict,
);
export type Tile = Static<typeof Tile>;

export const LayoutBody = Type.Object(
  {
    tiles: Type.Array(Tile, {
      maxItems: 64,
      description: 'In unit coordinates; tiles may not leave the screen',
    }),
  },
  strict,
);
export type LayoutBody = Static<typeof LayoutBody>;

export const Layout = Type.Object({ name: Name, tiles: Type.Array(Tile) });
export type Layout = Static<typeof Layout>;

export const Wall = Type.Object(
  {
    sequence: Type.Array(
      Type.Object(
        { layout: Name, dwell_seconds: Type.Number({ minimum: 1, maximum: 86_400, default: 30 }) },
        strict,
      ),
      { maxItems: 64, description: 'Layouts in turn. Empty: every camera in an even grid' },
    ),
  },
  strict,
);
export type Wall = Static<typeof Wall>;

// ── system ──────────────────────────────────────────────────────────────────────────────────────────────────

export const Health = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
  message: Type.String(),
  version: Type.String(),
});
export type Health = Static<typeof Health>;

export const DecoderCandidate = Type.Object({
  hwaccel: Type.String({ description: 'software, vaapi, qsv, v4l2m2m, cuda' }),
  device: Nullable(Type.String()),
  listed: Type.Boolean({ description: 'ffmpeg was built with it' }),
  works: Type.Boolean({ description: 'The self-test decoded a known clip to the right pixels, in hardware' }),
  reason: Type.String(),
});
export type DecoderCandidate = Static<typeof DecoderCandidate>;

export const System = Type.Object({
  version: Type.String(),
  node: Type.String(),
  hostname: Type.String(),
  addresses: Type.Array(Type.Object({ interface: Type.String(), address: Type.String() })),
  uptime: Type.Number({ description: 'Seconds since the daemon started' }),
  load: Type.Array(Type.Number()),
  memory: Type.Object({ rss: Type.Integer(), total: Type.Integer(), free: Type.Integer() }),
  ffmpeg: Type.Object({
    path: Type.String(),
    version: Type.String(),
    source: Type.Union([Type.Literal('configured'), Type.Literal('system'), Type.Literal('npm')]),
    hwaccels: Type.Array(Type.String()),
    warning: Nullable(Type.String()),
  }),
  decode: Type.Object({
    chosen: Type.String(),
    reason: Type.String(),
    candidates: Type.Array(DecoderCandidate),
    fallbacks: Type.Integer({
      description: 'Children that silently decoded in software although hardware was asked for',
    }),
  }),
  sandbox: Type.Object({
    kind: Type.String(),
    network: Type.Boolean(),
    files: Type.Boolean(),
    warning: Nullable(Type.String()),
  }),
  streams: Type.Object({
    total: Type.Integer(),
    live: Type.Integer(),
    viewers: Type.Integer(),
    renditions: Type.Integer(),
  }),
});
export type System = Static<typeof System>;

// ── events socket: GET /api/events?page=ID (WebSocket, JSON) ────────────────────────────────────────────────

export const ServerEvent = Type.Union([
  /** First message. Another `instance` than before means that the daemon was restarted: open every picture again. */
  Type.Object({ type: Type.Literal('hello'), instance: Type.String(), version: Type.String() }),
  /** All streams on connecting, then those whose state changed. */
  Type.Object({
    type: Type.Literal('streams'),
    streams: Type.Array(
      Type.Object({
        name: Name,
        camera: Name,
        state: StreamState,
        since: Type.Number({ description: 'Unix seconds' }),
        message: Nullable(Type.String()),
      }),
    ),
  }),
  /** Once a second, for the page’s own tiles (`viewer=page.tile` of the picture’s URL). */
  Type.Object({
    type: Type.Literal('pictures'),
    pictures: Type.Array(
      Type.Object({
        viewer: Type.String(),
        stream: Name,
        age_ms: Nullable(Type.Number({ description: 'Age of the last picture written; null: none yet' })),
        sent: Type.Integer(),
        dropped: Type.Integer(),
      }),
    ),
  }),
  /** Read it again. */
  Type.Object({
    type: Type.Literal('changed'),
    what: Type.Union([Type.Literal('cameras'), Type.Literal('layouts'), Type.Literal('wall')]),
  }),
]);
export type ServerEvent = Static<typeof ServerEvent>;
