/** What a backup holds, as it stands in the file: checked before anything of it is stored. */
import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { FurtherWalls, Layout, Name, Role, Settings, Transport, UserName, Wall } from '../schema.ts';

/**
 * Raised when an older Walleye could not restore a newer backup rightly. What a later version adds is optional here, so that
 * the files of this one can still be restored.
 */
export const CONTENTS_FORMAT = 1;

const Maybe = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
/** Cameras say of themselves what they like; the bound is there to have one. */
const Text = Maybe(Type.String({ maxLength: 65_536 }));
const Count = Type.Integer({ minimum: 0 });

/** Ids and names become parts of file names and addresses, which is why they are checked as strictly as when they are added. */
const CameraContents = Type.Object({
  id: Name,
  name: Type.String({ minLength: 1, maxLength: 256 }),
  address: Text,
  username: Text,
  password: Text,
  manufacturer: Text,
  model: Text,
  firmware: Text,
  serial: Text,
  endpoint: Text,
  created_at: Type.Number(),
  ptz: Type.Boolean(),
});
const StreamContents = Type.Object({
  name: Name,
  camera_id: Name,
  profile: Type.String({ minLength: 1, maxLength: 256 }),
  rtsp_url: Type.String({ maxLength: 4096 }),
  username: Text,
  password: Text,
  channel: Maybe(Type.Integer()),
  subtype: Maybe(Type.Integer()),
  transport: Transport,
  enabled: Type.Boolean(),
  keep_warm: Type.Boolean(),
  profile_token: Text,
  snapshot_url: Text,
  codec: Text,
  width: Maybe(Count),
  height: Maybe(Count),
  fps: Maybe(Type.Number()),
  /** Later than the first backups. */
  known_transport: Type.Optional(Maybe(Type.Enum(['tcp', 'udp', 'multicast']))),
  position: Type.Integer(),
});
const UserContents = Type.Object({
  name: UserName,
  role: Role,
  password_hash: Type.String({ minLength: 1, maxLength: 1024 }),
  created_at: Type.Number(),
  last_login: Maybe(Type.Number()),
});
const TokenContents = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  name: Type.String({ maxLength: 256 }),
  scope: Role,
  hash: Type.String({ minLength: 1, maxLength: 1024 }),
  created_at: Type.Number(),
  expires_at: Maybe(Type.Number()),
  last_used: Maybe(Type.Number()),
  created_by: Text,
});
const CredentialContents = Type.Object({
  make: Text,
  username: Type.String({ maxLength: 256 }),
  password: Type.String({ maxLength: 256 }),
  cameras: Count,
});
const DayContents = Type.Object({
  camera_id: Name,
  day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  wanted_seconds: Type.Number(),
  live_seconds: Type.Number(),
  stalled_seconds: Type.Number(),
  connects: Count,
  unchanged: Count,
  repairs: Count,
});
const ErrorContents = Type.Object({
  camera_id: Name,
  time: Type.Number(),
  stream: Text,
  code: Type.String({ maxLength: 256 }),
  message: Type.String({ maxLength: 65_536 }),
});

const Contents = Type.Object({
  format: Type.Literal(CONTENTS_FORMAT),
  cameras: Type.Array(CameraContents),
  streams: Type.Array(StreamContents),
  layouts: Type.Array(Layout),
  wall: Wall,
  /** Of the screens after the first; version 0.1.0 had none. */
  walls: Type.Optional(FurtherWalls),
  settings: Type.Partial(Settings),
  /** What else is kept as JSON under a key: alarm rules and the like. */
  others: Type.Record(Type.String({ maxLength: 64 }), Type.Unknown()),
  users: Type.Array(UserContents),
  tokens: Type.Array(TokenContents),
  credentials: Type.Array(CredentialContents),
  service_days: Type.Array(DayContents),
  service_errors: Type.Array(ErrorContents),
});
/** Everything that was saved. Passwords of cameras are in the clear: seal it at once. */
export type Contents = Static<typeof Contents>;

const compiled = Compile(Contents);

/** What is in the text, or why it cannot be restored. Total: the text may be anything. */
export function readContents(
  text: string,
): { ok: true; contents: Contents } | { ok: false; why: 'newer' | 'damaged'; place: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: 'damaged', place: '' };
  }
  if (compiled.Check(value)) return { ok: true, contents: value };
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (typeof format === 'number' && format > CONTENTS_FORMAT) return { ok: false, why: 'newer', place: '' };
  const place = compiled.Errors(value).find(({ keyword }) => keyword !== 'boolean')?.instancePath ?? '';
  return { ok: false, why: 'damaged', place };
}
