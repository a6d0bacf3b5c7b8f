import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { isLoopback } from '../loopback.ts';

/**
 * What to sign in with: WALLEYE_TOKEN, else the token that the daemon keeps for this very machine. That one opens
 * everything, and is sent to this machine only, whatever `--url` says.
 * @param url as given; undefined: the daemon of this machine
 */
export function tokenFor(url: string | undefined, { token, stateDir }: Config): string | undefined {
  if (token !== undefined) return token;
  if (url !== undefined && !isLoopback(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'))) return undefined;
  try {
    return readFileSync(join(stateDir, 'tokens', 'cli'), 'utf8').trim() || undefined;
  } catch {
    // Not there, or not for us to read: the daemon says whether it is needed.
    return undefined;
  }
}
