import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { isLoopback } from '../loopback.ts';

/**
 * What to sign in with: WALLEYE_TOKEN, else the token that the daemon keeps for this very machine. That one opens
 * everything, and is sent to this machine only, whatever `--url` says.
 * @param url as given; undefined: the daemon of this machine
 */
export function tokenFor(url: string | undefined, config: Config): string | undefined {
  return config.token ?? kept('cli', url, config);
}

/** The token of the box's own screen, likewise for this machine only. */
export function screenTokenFor(url: string | undefined, config: Config): string | undefined {
  return kept('screen', url, config);
}

function kept(
  name: 'cli' | 'screen',
  url: string | undefined,
  { stateDir }: Pick<Config, 'stateDir'>,
): string | undefined {
  if (url !== undefined && !isLoopback(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'))) return undefined;
  try {
    const text = readShort(join(stateDir, 'tokens', name)).trim();
    return TOKEN.test(text) ? text : undefined;
  } catch {
    // Not there, or not for us to read: the daemon says whether it is needed.
    return undefined;
  }
}

const TOKEN = /^[\w-]{16,256}$/;

/**
 * Root reads this from the folder of a daemon that is none: what lies there may be a link to some other secret, or something
 * that never ends.
 */
function readShort(path: string): string {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(512);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
