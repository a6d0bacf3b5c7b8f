import { readFile } from 'node:fs/promises';
import { assignmentsOf, wholeNumber } from './environment.ts';
import { readGuarded } from './guardedFolder.ts';
import type { Places } from './places.ts';

/** Milliseconds. */
const PATIENCE = 10_000;

/** Asks the daemon of this machine. Undefined: it does not answer, or not as it should. */
export type AskDaemon = <T>(path: string) => Promise<T | undefined>;

export interface Door {
  port: number;
  token: string | undefined;
}

/**
 * Where the daemon listens, and what to sign in with. The token lies in the daemon's own folder: it is sent nowhere but
 * to the daemon, and no other file of root's must come to it in its place.
 */
export async function doorOf(places: Pick<Places, 'settings' | 'tokens'>): Promise<Door> {
  const text = await readFile(places.settings.daemon, 'utf8').catch(() => '');
  const settings = assignmentsOf(text);
  const port = wholeNumber(settings.get('WALLEYE_PORT'), { least: 1, most: 65_535, otherwise: 8080 });
  const token = (await readGuarded(places.tokens, 'cli', 256))?.trim();
  return { port, token: token && /^[A-Za-z0-9._~+/=-]{1,200}$/.test(token) ? token : undefined };
}

/** Asks with what `door` says at that moment: a daemon that was reset has another token. */
export function askDaemon(door: () => Promise<Door>): AskDaemon {
  return async <T>(path: string) => {
    try {
      const { port, token } = await door();
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (response.ok) return (await response.json()) as T;
      await response.body?.cancel();
    } catch {
      // Silence is an answer: it is asked again.
    }
    return undefined;
  };
}
