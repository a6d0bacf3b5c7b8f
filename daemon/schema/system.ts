/** The machine and the daemon. */
import { type Static, Type } from 'typebox';
import { Nullable, strict } from './basics.ts';
import { ScreenNumber } from './layouts.ts';
import { RolledBack, UpdatePhase } from './orders.ts';

export const SteppedDown = Type.Object(
  {
    fps_percent: Type.Integer(),
    size_percent: Type.Integer(),
    since: Type.Number({ description: 'Unix seconds' }),
  },
  { description: 'What all pictures have of what was asked for, where the box cannot decode it all' },
);
export type SteppedDown = Static<typeof SteppedDown>;

export const Health = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
  message: Type.String({
    description: 'What is wrong, for those who may look; others are told only that something is',
  }),
  version: Nullable(Type.String({ description: 'null for those who are not signed in' })),
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

export const ScreenState = Type.Object({
  screen: ScreenNumber,
  heartbeat: Nullable(
    Type.Number({ description: 'Unix seconds when its page last said what it paints; null: it never did' }),
  ),
  tiles: Type.Integer(),
  painting: Type.Integer({ description: 'Tiles that show a picture' }),
  dark: Type.Boolean({ description: 'By the hours of its wall it is off now, and no alarm wakes it' }),
  turned: Nullable(Type.Number({ description: 'Unix seconds when another layout came onto it' })),
});
export type ScreenState = Static<typeof ScreenState>;

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
    stepped_down: Nullable(SteppedDown),
  }),
  sandbox: Type.Object({
    kind: Type.String(),
    network: Type.Boolean(),
    files: Type.Boolean(),
    warning: Nullable(Type.String()),
  }),
  disk: Nullable(
    Type.Object(
      { path: Type.String(), total: Type.Integer(), free: Type.Integer() },
      { description: 'Bytes' },
    ),
  ),
  cpus: Type.Integer(),
  model: Nullable(Type.String({ description: 'The processor' })),
  time: Type.Number({ description: 'Unix seconds by the box’s clock' }),
  recovered: Nullable(Type.String({ description: 'Where a damaged database was set aside at this start' })),
  rtsp_port: Nullable(
    Type.Integer({ description: 'Where streams are offered again over RTSP; null: nowhere' }),
  ),
  /** The box’s own screen, the first that is awake: when its page last said what it paints; null: there is none. */
  screen: Nullable(
    Type.Object({ heartbeat: Type.Number(), tiles: Type.Integer(), painting: Type.Integer() }),
  ),
  /** Each of the box’s own screens that has been seen since the daemon began. */
  screens: Type.Array(ScreenState),
  streams: Type.Object({
    total: Type.Integer(),
    live: Type.Integer(),
    viewers: Type.Integer(),
    renditions: Type.Integer(),
  }),
});
export type System = Static<typeof System>;

export const LogEntry = Type.Object({
  seq: Type.Integer(),
  time: Type.Number({ description: 'Unix seconds' }),
  level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
  component: Nullable(Type.String()),
  message: Type.String(),
  detail: Nullable(Type.String({ description: 'The other fields, as JSON' })),
});
export type LogEntry = Static<typeof LogEntry>;
export const LogList = Type.Object({
  entries: Type.Array(LogEntry),
  /** Pass as `after` to read on. */
  last: Type.Integer(),
});
export type LogList = Static<typeof LogList>;

/** The box’s own certificate, made at the first run unless the site brings one. */
export const Certificate = Type.Object({
  enabled: Type.Boolean({ description: 'HTTPS is served' }),
  port: Nullable(Type.Integer()),
  self_signed: Type.Boolean(),
  subject: Type.String(),
  names: Type.Array(Type.String()),
  fingerprint: Type.String({ description: 'SHA-256, pairs of hexadecimal digits' }),
  not_before: Type.Number(),
  not_after: Type.Number({ description: 'Unix seconds' }),
});
export type Certificate = Static<typeof Certificate>;
export const CertificateUpload = Type.Object(
  {
    certificate: Type.String({ maxLength: 100_000, description: 'PEM, the chain behind it' }),
    private_key: Type.String({ maxLength: 50_000, description: 'PEM, not encrypted' }),
  },
  strict,
);
export type CertificateUpload = Static<typeof CertificateUpload>;

const Passphrase = Type.String({ minLength: 8, maxLength: 256 });
export const BackupRequest = Type.Object({ passphrase: Passphrase }, strict);
export type BackupRequest = Static<typeof BackupRequest>;
/** Everything that was saved, sealed with the passphrase (scrypt, AES-256-GCM). One JSON file. */
export const Backup = Type.Object(
  {
    walleye_backup: Type.Literal(1),
    created: Type.Number(),
    version: Type.String(),
    name: Type.String(),
    kdf: Type.Object({
      name: Type.Literal('scrypt'),
      salt: Type.String(),
      n: Type.Integer(),
      r: Type.Integer(),
      p: Type.Integer(),
    }),
    iv: Type.String(),
    tag: Type.String(),
    data: Type.String({ description: 'base64' }),
  },
  strict,
);
export type Backup = Static<typeof Backup>;
export const RestoreRequest = Type.Object({ backup: Backup, passphrase: Passphrase }, strict);
export type RestoreRequest = Static<typeof RestoreRequest>;
export const Restored = Type.Object({
  cameras: Type.Integer(),
  layouts: Type.Integer(),
  users: Type.Integer(),
  created: Type.Number(),
  restarting: Type.Boolean(),
});
export type Restored = Static<typeof Restored>;

export const FactoryResetRequest = Type.Object(
  { confirm: Type.Literal('RESET', { description: 'So that nobody does it by accident' }) },
  strict,
);

export const Update = Type.Object({
  supported: Type.Boolean({ description: 'This is an appliance, which updates itself' }),
  version: Type.String(),
  available: Nullable(Type.String({ description: 'A newer version that the source has' })),
  checked: Nullable(Type.Number({ description: 'Unix seconds of the last look' })),
  state: UpdatePhase,
  progress: Nullable(Type.Number({ description: 'Percent' })),
  message: Nullable(Type.String({ description: 'What went wrong, or what is waited for' })),
  source: Nullable(Type.String({ description: 'Where updates come from; null: only from a stick' })),
  rolled_back: Nullable(RolledBack),
});
export type Update = Static<typeof Update>;
