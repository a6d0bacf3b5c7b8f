/** The units as files, and systemd-analyze (package systemd) to look at them. No systemd has to run. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const UNIT_FOLDER = join(import.meta.dirname, '../../image/systemd');

export const analyze = (...args: string[]) =>
  spawnSync('systemd-analyze', args, { encoding: 'utf8', env: { ...process.env, SYSTEMD_COLORS: '0' } });

/** Why nothing can be analyzed here, for `{ skip }`; false when it can. In CI always false. */
export const analyzeMissing =
  process.env.CI !== 'true' && analyze('--version').error !== undefined && 'needs systemd-analyze';

export const unit = (name: string) => readFileSync(join(UNIT_FOLDER, name), 'utf8');

/** The words of every line of a unit that sets this. */
export const settings = (name: string, key: string) =>
  unit(name)
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .flatMap((line) => line.slice(key.length + 1).split(' '));
