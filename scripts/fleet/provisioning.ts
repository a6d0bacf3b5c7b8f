/** `walleye provision` on a box: what both scripts/provision and others that set up boxes do. */
import type { Site } from '../../daemon/schema.ts';
import { type Change, changeLine, type Problem } from '../../daemon/system/cli/provision/steps.ts';
import { HostFailure, type Outcome } from './failure.ts';
import type { Session } from './session.ts';

export interface ProvisionAnswer {
  changes: Change[];
  problems: Problem[];
  notes: string[];
}

export interface ProvisionFlags {
  dryRun: boolean;
  setPasswords: boolean;
  /** The machine too, where the site file speaks of it. */
  host: boolean;
}

/** The site goes over standard input: it holds every password. @throws HostFailure */
export async function provisionBox(
  session: Session,
  site: Site,
  { dryRun, setPasswords, host }: ProvisionFlags,
): Promise<Outcome> {
  session.say(dryRun ? 'compares' : 'provisions');
  const args = [
    ...['provision', '-', '--json', host && site.host ? '--host' : '--no-host'],
    ...(dryRun ? ['--dry-run'] : []),
    ...(setPasswords ? ['--set-passwords'] : []),
  ];
  const { answer, code } = await session.walleye<ProvisionAnswer>(args, JSON.stringify(site));
  const { changes, problems, notes } = answer;
  const made = counted(changes, dryRun);
  if (code !== 0) {
    const lines = problems.map(({ where, message }) => `${where}: ${message}`);
    throw new HostFailure('failed', `${made}; not done: ${lines.join('; ') || 'see its log'}`, answer);
  }
  const lines = changes.map(changeLine);
  return {
    result: changes.length > 0 ? 'changed' : 'unchanged',
    what: [made, ...(lines.length <= 4 ? lines : [])].join('; '),
    details: { changes, notes },
  };
}

function counted(changes: Change[], dryRun: boolean): string {
  if (changes.length === 0) return 'nothing to change';
  return `${changes.length} change${changes.length === 1 ? '' : 's'}${dryRun ? ' to make' : ''}`;
}
