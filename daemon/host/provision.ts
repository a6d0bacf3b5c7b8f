/**
 * First boot: what a stick, the ESP or a credential says that this box shall be. Run by units as root:
 * `early` before the network (walleye-provision.service), `early --running` when a stick is plugged in,
 * `late` once the daemon is ready (walleye-provision-late.service). Every path can be given, for tests.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type RunCommand, runCommand } from './commands.ts';
import { early } from './early.ts';
import { late } from './late.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    credentials: { type: 'string' },
    esp: { type: 'string', multiple: true },
    stick: { type: 'string', default: '/dev/disk/by-label/WALLEYE' },
    'mount-at': { type: 'string', default: '/run/walleye-provision/stick' },
    state: { type: 'string', default: '/var/lib/walleye-provision' },
    report: { type: 'string', default: '/run/walleye-provision/report.json' },
    root: { type: 'string', default: '/' },
    walleye: { type: 'string', default: '/usr/lib/walleye/scripts/walleye' },
    running: { type: 'boolean', default: false },
  },
});
const { credentials, esp = ['/efi', '/boot'], stick, state, report, root, walleye, running } = values;
/** What changes below another root is no news to the services of this machine. */
const run: RunCommand = async (argv) =>
  root === '/' || /^u?mount$/.test(argv[0] ?? '') ? runCommand(argv) : { status: 0, stdout: '', stderr: '' };

if (positionals[0] === 'early' && positionals.length === 1) {
  const options = { credentials, esp, stick, mountAt: values['mount-at'], state, report, root, running };
  const result = await early(options, run);
  for (const line of result?.applied ?? []) console.log(line);
  for (const line of result?.problems ?? []) console.error(line);
} else if (positionals[0] === 'late' && positionals.length === 1) {
  // Not zero: systemd tries again.
  if (!(await late({ pending: join(state, 'pending'), report, walleye }, runCommand))) process.exitCode = 1;
} else {
  console.error('provision.ts early|late');
  process.exitCode = 2;
}
