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

/** Settings that came with a release of systemd. The image has 257, this machine perhaps an older one. */
const SINCE = { TriggerLimitIntervalSec: 253, ImportCredential: 254, RestartMode: 254 };

/** The unit without what this machine's systemd-analyze does not know. */
export function asFarAsKnown(text: string): string {
  const [, release = '0'] = /^systemd (\d+)/.exec(analyze('--version').stdout) ?? [];
  const newer = Object.entries(SINCE).flatMap(([key, since]) => (since > Number(release) ? key : []));
  return newer.reduce((rest, key) => rest.replace(new RegExp(`^${key}=.*\n`, 'gm'), ''), text);
}
