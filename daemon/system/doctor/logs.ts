/** The section with the last warnings and errors of Walleye. */
import type { DoctorLine } from '../../schema.ts';
import type { DaemonView } from './daemonView.ts';
import { fact, look, unknown, well } from './line.ts';
import { gathered, type LogLine, warningsOf } from './logLines.ts';
import { type Machine, whyNoOutput } from './machine.ts';
import { counted } from './words.ts';

const READ = '3000';
const SHOWN = 15;
/** Seconds: what is older is history. */
const RECENT = 24 * 3600;

export async function logLines(machine: Machine, view: DaemonView): Promise<DoctorLine[]> {
  const ran = await machine.run(
    ...(['journalctl', '-u', 'walleye', '-o', 'cat', '-n', READ, '--no-pager', '-q'] as const),
  );
  const journal = ran.ok && ran.status === 0 && ran.out.trim() !== '';
  const lines = journal ? warningsOf(ran.out) : fromDaemon(view);
  if (lines === undefined)
    return [
      unknown(
        'logs.walleye',
        'Walleye’s log',
        ran.ok && ran.status === 0
          ? 'the journal has nothing that we may read'
          : whyNoOutput(ran, 'journalctl'),
      ),
    ];
  return [
    summary(lines, journal ? 'the journal' : 'the daemon', machine.now()),
    ...gathered(lines).slice(-SHOWN).map(shown),
  ];
}

function fromDaemon(view: DaemonView): LogLine[] | undefined {
  if (view.state !== 'open') return undefined;
  return view.warnings.map(({ time, level, component, message, detail }) => ({
    time: new Date(time * 1000).toISOString(),
    level: level === 'warn' ? ('warn' as const) : ('error' as const),
    text: `${component ?? 'walleye'}: ${message}${detail === null ? '' : ` ${detail}`}`,
  }));
}

function summary(lines: readonly LogLine[], where: string, now: number): DoctorLine {
  const [id, name] = ['logs.walleye', 'Walleye’s log'] as const;
  const errors = lines.filter(({ level }) => level === 'error').length;
  const text = `${counted(lines.length - errors, 'warning')}, ${counted(errors, 'error')} in ${where}; the last of them:`;
  const recent = lines.some(({ level, time }) => level === 'error' && now - Date.parse(time) / 1000 < RECENT);
  if (lines.length === 0) return well(id, name, `no warning in ${where}`, [0, 'count']);
  const measure = [errors, 'count'] as const;
  return recent
    ? look(id, name, text, 'There were errors in the last day: see below what they say.', measure)
    : fact(id, name, text, measure);
}

function shown({ time, level, text, count }: LogLine & { count: number }, index: number): DoctorLine {
  const when = time === '' ? '' : `${time.slice(0, 19).replace('T', ' ')} `;
  return fact(
    `logs.walleye.${index + 1}`,
    `${when}${level}`,
    count === 1 ? text : `${count} times, the last: ${text}`,
  );
}
