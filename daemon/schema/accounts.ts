/** Who may do what: users, sessions, tokens, pairing, the audit log. */
import { type Static, Type } from 'typebox';
import { Nullable, strict } from './basics.ts';

/** viewer: looks, moves cameras, acknowledges alarms · admin: changes anything. */
export const Role = Type.Enum(['viewer', 'admin']);
export type Role = Static<typeof Role>;

export const UserName = Type.String({
  pattern: '^[A-Za-z0-9._@-]{1,64}$',
  description: '1 to 64 of A–Z a–z 0–9 . _ @ -',
  examples: ['admin', 'guard-1'],
});
/** NIST SP 800-63B 3.1.1: at least eight characters, no rules about which; 64 and more are allowed. */
export const NewPassword = Type.String({
  minLength: 8,
  maxLength: 256,
  description: 'At least 8 characters',
});
const GivenPassword = Type.String({ minLength: 1, maxLength: 256 });

/** Who asks, as the page needs it. Readable without signing in. */
export const Session = Type.Object({
  /** False: everybody who reaches the daemon may do everything (loopback only, no user yet). */
  auth_required: Type.Boolean(),
  /** An administrator exists. False: first run, pair with the code on the screen. */
  paired: Type.Boolean(),
  /** user: signed in · screen: the box’s own screen · token: a program · open: nobody has to sign in · none */
  kind: Type.Enum(['user', 'screen', 'token', 'open', 'none']),
  user: Nullable(Type.String()),
  role: Nullable(Role),
  ticket: Nullable(
    Type.String({
      description:
        'Append as `ticket=` to picture addresses on other host names, where the cookie does not go. Only pictures.',
    }),
  ),
});
export type Session = Static<typeof Session>;

export const Login = Type.Object(
  { username: Type.String({ maxLength: 64 }), password: GivenPassword },
  strict,
);
export type Login = Static<typeof Login>;

/** For the box’s own screen only. */
export const Pairing = Type.Object({
  code: Type.String({ pattern: '^[0-9]{6}$' }),
  expires: Type.Number({ description: 'Unix seconds' }),
  url: Type.String({ description: 'Address of the admin page for a phone, with the code behind #' }),
  /** All addresses of the admin page, the likeliest first. */
  urls: Type.Array(Type.String()),
  /** SHA-256 of the certificate, in pairs of hexadecimal digits; null without HTTPS. */
  fingerprint: Nullable(Type.String()),
});
export type Pairing = Static<typeof Pairing>;

export const PairingCode = Type.Object({ code: Type.String({ pattern: '^[0-9]{6}$' }) }, strict);
/** Good for one new password within ten minutes. */
export const PairingGrant = Type.Object({ grant: Type.String(), expires: Type.Number() });
export type PairingGrant = Static<typeof PairingGrant>;
/** Makes the first administrator, and signs him in. */
export const PairingPassword = Type.Object(
  { grant: Type.String({ maxLength: 128 }), username: Type.Optional(UserName), password: NewPassword },
  strict,
);
export type PairingPassword = Static<typeof PairingPassword>;

export const User = Type.Object({
  name: UserName,
  role: Role,
  created: Type.Number({ description: 'Unix seconds' }),
  last_login: Nullable(Type.Number()),
});
export type User = Static<typeof User>;
export const UserAdd = Type.Object({ name: UserName, role: Role, password: NewPassword }, strict);
export type UserAdd = Static<typeof UserAdd>;
export const UserPatch = Type.Object(
  { role: Type.Optional(Role), password: Type.Optional(NewPassword) },
  { ...strict, minProperties: 1 },
);
export type UserPatch = Static<typeof UserPatch>;
export const OwnPassword = Type.Object({ current: GivenPassword, password: NewPassword }, strict);
export type OwnPassword = Static<typeof OwnPassword>;

/** A place where somebody is signed in. */
export const SignedIn = Type.Object({
  id: Type.String(),
  user: Type.String(),
  created: Type.Number(),
  last_seen: Type.Number(),
  address: Nullable(Type.String()),
  browser: Nullable(Type.String()),
  current: Type.Boolean({ description: 'This very session' }),
});
export type SignedIn = Static<typeof SignedIn>;

export const Token = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scope: Role,
  created: Type.Number(),
  expires: Nullable(Type.Number()),
  last_used: Nullable(Type.Number()),
  created_by: Nullable(Type.String()),
});
export type Token = Static<typeof Token>;
export const TokenAdd = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    scope: Role,
    days: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 3650, description: 'null: for ever' }))),
  },
  strict,
);
export type TokenAdd = Static<typeof TokenAdd>;
/** The only time that the token itself is told. Send it as `Authorization: Bearer …`. */
export const TokenMade = Type.Interface([Token], { token: Type.String() });
export type TokenMade = Static<typeof TokenMade>;

export const AuditEntry = Type.Object({
  id: Type.Integer(),
  time: Type.Number({ description: 'Unix seconds' }),
  who: Type.String({ description: 'User, token:NAME, screen, open, system' }),
  address: Nullable(Type.String()),
  action: Type.String({ description: 'Stable, for programs', examples: ['camera.add', 'login.failed'] }),
  target: Nullable(Type.String()),
  detail: Nullable(Type.String({ description: 'Never holds a password' })),
});
export type AuditEntry = Static<typeof AuditEntry>;
