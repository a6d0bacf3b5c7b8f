/** Who is signed in, and in which language and time zone the box lives. */
import { signal } from '@preact/signals';
import type { Session, Settings } from '../../daemon/schema.ts';
import { type Failure, request } from '../api/request.ts';
import { timeZone } from '../i18n/format.ts';
import { startLanguage } from '../i18n/i18n.ts';

/** Undefined until the daemon has said. */
export const session = signal<Session | undefined>(undefined);
/** Undefined until read; what a page that nobody signed in to may not read stays undefined. */
export const settings = signal<Settings | undefined>(undefined);
/** The daemon does not answer. */
export const unreachable = signal(false);

export async function readSession(): Promise<void> {
  const answer = await request<Session>('GET', '/api/session');
  unreachable.value = !answer.ok;
  if (!answer.ok) return;
  session.value = answer.value;
  if (answer.value.role !== null) await readSettings();
}

export async function readSettings(): Promise<void> {
  const answer = await request<Settings>('GET', '/api/settings');
  if (!answer.ok) return;
  settings.value = answer.value;
  timeZone.value = answer.value.time_zone;
  startLanguage(answer.value.language);
}

/** Reads the session again when the daemon refused: somebody signed us out. */
export function noticeRefusal(failure: Failure): void {
  if (failure.status === 401) void readSession();
}

export async function signOut(): Promise<void> {
  await request('DELETE', '/api/session');
  session.value = undefined;
  await readSession();
}
