/** Puts a backup on a box and waits until it is there again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Restored, System } from '../../daemon/schema.ts';
import type { Contents } from '../../daemon/store/contents.ts';
import { HostFailure, type Outcome } from './failure.ts';
import { backupOf, sameContents } from './sealedBackup.ts';
import type { Session } from './session.ts';

/** Milliseconds between two looks. */
const PAUSE = 1_000;

/**
 * @param done whether the box, holding `now`, needs nothing
 * @throws HostFailure
 */
export async function restoreBox(
  session: Session,
  backup: { text: string; contents: Contents },
  passphrase: string,
  dryRun: boolean,
  done: (now: Contents, backup: Contents) => boolean = sameContents,
): Promise<Outcome> {
  session.say('compares');
  const now = await backupOf(session, passphrase);
  if (done(now.contents, backup.contents)) return { result: 'unchanged', what: 'nothing to change' };
  const { cameras, layouts, users } = backup.contents;
  const counted = (items: unknown[], name: string) =>
    `${items.length} ${name}${items.length === 1 ? '' : 's'}`;
  const what = [counted(cameras, 'camera'), counted(layouts, 'layout'), counted(users, 'user')].join(', ');
  if (dryRun) return { result: 'changed', what: `would put back ${what}` };
  session.say('restores');
  const started = performance.now();
  const { answer } = await session.walleye<Restored>(
    ['restore', '-', '--json'],
    `${passphrase}\n${backup.text.trim()}\n`,
  );
  if (answer.restarting) await restarted(session, started);
  return { result: 'changed', what: `put back ${what}` };
}

/** Until a daemon answers that started after `since` (performance.now()). */
async function restarted(session: Session, since: number): Promise<void> {
  session.say('waits for it to come back');
  for (;;) {
    await sleep(PAUSE);
    const system = await look(session);
    const elapsed = (performance.now() - since) / 1000;
    if (system && system.uptime < elapsed) return;
    if (session.left <= 1) throw new HostFailure('failed', 'restored, but it did not come back in time');
  }
}

/** Undefined: not there now. */
export async function look(session: Session): Promise<System | undefined> {
  try {
    return (await session.walleye<{ system: System }>(['status', '--json'])).answer.system;
  } catch (error) {
    if (error instanceof HostFailure && error.result !== 'key_refused' && !session.signal.aborted)
      return undefined;
    throw error;
  }
}
