import type { Caller } from './auth/caller.ts';
import type { ApiDeps } from './deps.ts';

/** Characters of a target or a detail. */
const MOST = 200;

/** Where the log of changes is written, and where it is said when that fails. */
export interface AuditDeps {
  readonly store: Pick<ApiDeps['store'], 'accounts'>;
  readonly log: ApiDeps['log'];
}

/**
 * Writes down who did what. Call it after a change has succeeded. It never throws: the change is made, and an answer that
 * denies it would be wrong.
 *
 * @param action stable, for programs: `camera.add` · @param target what it was done to · @param detail never a password
 */
export function audit(
  deps: AuditDeps,
  request: { readonly caller: Pick<Caller, 'name' | 'address'> },
  action: string,
  target?: string | null,
  detail?: string | null,
): void {
  const { name, address } = request.caller;
  try {
    deps.store.accounts.appendAudit({
      time: Date.now() / 1000,
      who: name,
      address,
      action,
      target: plain(target),
      detail: plain(detail),
    });
  } catch (error) {
    deps.log.error({ err: error, action }, 'the audit log could not be written');
  }
}

/** One line, not too long: what cameras and people call themselves ends up here, and is printed on terminals. */
function plain(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, '�').slice(0, MOST);
}
