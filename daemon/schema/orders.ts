/** What the unprivileged daemon asks root to do to the machine, and what root tells of it: files, one direction each. */
import { type Static, Type } from 'typebox';
import { Nullable, strict } from './basics.ts';

/** A folder with SHA256SUMS, its signature and the files of the versions. */
const Source = Type.String({ pattern: '^(https?|file)://', maxLength: 2048 });

/** Verb → body. A file `<verb>.json` in a folder of orders. */
export const Orders = {
  'update-check': Type.Object({ source: Type.Optional(Source) }, strict),
  'update-start': Type.Object({ source: Type.Optional(Source) }, strict),
  /** The notice that the box went back to the version before was read. */
  'update-dismiss': Type.Object({}, strict),
  'factory-reset': Type.Object({ confirm: Type.Literal('RESET') }, strict),
  reboot: Type.Object({}, strict),
} as const;
export type Verb = keyof typeof Orders;
export type Order<V extends Verb> = Static<(typeof Orders)[V]>;

/** A version that did not prove itself. */
export const RolledBack = Type.Object(
  {
    version: Type.String({ description: 'The one that was left' }),
    reason: Type.String({ description: 'What it did not show, in words' }),
    at: Type.Number({ description: 'Unix seconds' }),
  },
  strict,
);
export type RolledBack = Static<typeof RolledBack>;

export const UpdatePhase = Type.Enum([
  'idle',
  'checking',
  'downloading',
  'installing',
  'restarting',
  /** The new version runs, and has to show the tiles that the old one showed. */
  'confirming',
  'failed',
]);
export type UpdatePhase = Static<typeof UpdatePhase>;

/** `/var/lib/walleye-update/state.json`. */
export const UpdateState = Type.Object(
  {
    /** The version that wrote this. */
    version: Type.String(),
    state: UpdatePhase,
    /** The newest one that the source has; null: not looked yet, or none is newer. */
    available: Nullable(Type.String()),
    /** Unix seconds of the last look. */
    checked: Nullable(Type.Number()),
    /** The version that is being brought in or has to prove itself. */
    target: Nullable(Type.String()),
    /** Percent. */
    progress: Nullable(Type.Number()),
    message: Nullable(Type.String({ description: 'What went wrong, or what is waited for' })),
    source: Nullable(Type.String()),
    rolled_back: Nullable(RolledBack),
  },
  strict,
);
export type UpdateState = Static<typeof UpdateState>;
