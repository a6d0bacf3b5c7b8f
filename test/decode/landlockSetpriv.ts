import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What makes the landlock sandbox on this machine: undefined, the system's setpriv; else what stands in for it. */
export const landlockSetpriv: string | undefined = spawnSync('setpriv', ['--help'], {
  encoding: 'utf8',
}).stdout?.includes('--landlock-access')
  ? undefined
  : join(import.meta.dirname, 'setpriv.pl');
