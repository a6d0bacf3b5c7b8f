import type { Role, Session } from '../../schema.ts';

/**
 * Who may use a route. public: anybody · viewer: who may look · admin: who may change · screen: the box's own screen, and
 * everybody while nobody has to sign in · attendant: who may change, and whoever stands at the box's own screen
 */
export type Access = 'public' | 'viewer' | 'admin' | 'screen' | 'attendant';

/** Who asks. */
export interface Caller {
  kind: Session['kind'];
  user: string | null;
  role: Role | null;
  /** It comes from the box's own screen, whoever is signed in there. */
  screen: boolean;
  /** For the audit log: the user, token:NAME, screen, open, none. */
  name: string;
  address: string;
  /**
   * What a browser sends by itself, also when a page of another site makes it ask; null: a header that a program wrote, or
   * nothing.
   */
  ambient: 'cookie' | 'basic' | null;
  /** What he holds open ends with this: his session, his token. */
  key: string;
  /** Row of his session. */
  session: string | null;
}

export function nobody(address: string): Caller {
  return {
    kind: 'none',
    user: null,
    role: null,
    screen: false,
    name: 'none',
    address,
    ambient: null,
    key: 'none',
    session: null,
  };
}

/** While nobody has to sign in: everybody who reaches the daemon, which is this machine. */
export function anybody(address: string): Caller {
  return { ...nobody(address), kind: 'open', role: 'admin', name: 'open', key: 'open' };
}

/** Why this caller may not use a route with that access; undefined: he may. */
export function refusalOf(
  access: Access,
  caller: Caller,
): 'not_signed_in' | 'admins_only' | 'screen_only' | undefined {
  if (access === 'public') return undefined;
  const isAtScreen = caller.screen || caller.kind === 'open';
  if ((access === 'screen' || access === 'attendant') && isAtScreen) return undefined;
  if (caller.role === null) return 'not_signed_in';
  if (access === 'screen') return 'screen_only';
  return access === 'viewer' || caller.role === 'admin' ? undefined : 'admins_only';
}
