import type { App } from '../app.ts';
import type { ApiDeps } from '../deps.ts';
import { auditRoutes } from './auditRoutes.ts';
import { pairingRoutes } from './pairingRoutes.ts';
import { sessionRoutes } from './sessionRoutes.ts';
import { tokenRoutes } from './tokenRoutes.ts';
import { userRoutes } from './userRoutes.ts';

/** Signing in, pairing, users, tokens, the audit log. */
export function authRoutes(app: App, deps: ApiDeps): void {
  sessionRoutes(app, deps);
  pairingRoutes(app, deps);
  userRoutes(app, deps);
  tokenRoutes(app, deps);
  auditRoutes(app, deps);
}
