/** The units of Walleye: do they run, how often were they started again, what memory do they take. */
import type { DoctorLine } from '../../schema.ts';
import { fact, graded, look, unknown, well, wrong } from './line.ts';
import { type Machine, numberOf, textOf, whyNoOutput } from './machine.ts';
import { type Properties, parseCounts, parseUnits } from './properties.ts';
import { bytes, counted, joined } from './words.ts';

const UNITS = ['walleye.service', 'walleye-kiosk.service'] as const;
const SHOWN =
  'Id,LoadState,ActiveState,SubState,Result,NRestarts,StatusText,ControlGroup,UnitFileState,StateChangeTimestamp';

export interface Units {
  readonly lines: DoctorLine[];
  /** The box has a screen of its own. */
  readonly kiosk: boolean;
}

export async function unitLines(machine: Machine): Promise<Units> {
  const ran = await machine.run('systemctl', 'show', ...UNITS, `--property=${SHOWN}`, '--no-pager');
  const units = ran.ok && ran.status === 0 ? parseUnits(ran.out) : [];
  if (units.length === 0) {
    const why = whyNoOutput(ran, 'systemctl');
    return { lines: [unknown('walleye.unit', 'Daemon’s unit', why)], kiosk: false };
  }
  const [daemon, kiosk] = UNITS.map((id) => units.find((one) => one.Id === id));
  return {
    lines: [
      ...stateLines('daemon', 'Daemon', daemon, 'no unit walleye: it was started by hand'),
      ...stateLines('kiosk', 'Screen', kiosk, 'no unit walleye-kiosk: the box has no screen of its own'),
      ...(await memoryLines(machine, daemon?.ControlGroup)),
    ],
    kiosk: kiosk?.LoadState === 'loaded' && kiosk.ActiveState !== 'inactive',
  };
}

function stateLines(id: string, name: string, unit: Properties | undefined, without: string): DoctorLine[] {
  const stateId = `walleye.${id}.unit`;
  if (unit === undefined || unit.LoadState === 'not-found') return [fact(stateId, name, without)];
  const { Id = '', ActiveState = '', SubState, Result, StatusText, UnitFileState } = unit;
  const text = joined([
    `${ActiveState} (${SubState})`,
    Result !== 'success' && Result !== undefined && `last result: ${Result}`,
    StatusText !== undefined && StatusText !== '' && `it says: ${StatusText}`,
  ]);
  const short = Id.replace(/\.service$/, '');
  if (ActiveState === 'inactive' && UnitFileState !== 'enabled')
    return [fact(stateId, name, `${text}, and is not meant to start by itself`)];
  const state =
    ActiveState === 'active'
      ? well(stateId, name, text)
      : ActiveState === 'activating' || ActiveState === 'reloading'
        ? look(stateId, name, text, 'It is starting. If it still says so in two minutes, see its log below.')
        : wrong(
            stateId,
            name,
            text,
            `Start it: systemctl restart ${short}. See why: journalctl -u ${short} -n 50`,
          );
  const restarts = Number(unit.NRestarts ?? 0) || 0;
  const line = graded(
    `walleye.${id}.restarts`,
    `${name}’s restarts`,
    restarts === 0 ? 'none since it was started' : `${restarts} by itself since it was started`,
    `It ends now and then, and systemd starts it again. See why: journalctl -u ${short} -p warning`,
    [restarts, 'count'],
    { looks: 1, wrongs: 10 },
  );
  return [state, line];
}

/** Of the daemon and its decoders, against their limits (daemon/decode/decoderGroup.ts makes the second group). */
async function memoryLines(machine: Machine, group: string | undefined): Promise<DoctorLine[]> {
  if (!group || group === '/' || !group.startsWith('/')) return [];
  const base = `/sys/fs/cgroup${group}`;
  return [
    ...(await groupLines(machine, base, 'walleye.memory', 'Memory, all')),
    ...(await groupLines(machine, `${base}/daemon`, 'walleye.memory.daemon', 'Memory, daemon')),
    ...(await groupLines(machine, `${base}/decoders`, 'walleye.memory.decoders', 'Memory, decoders')),
  ];
}

async function groupLines(machine: Machine, path: string, id: string, name: string): Promise<DoctorLine[]> {
  const current = await numberOf(machine, `${path}/memory.current`);
  if (current === undefined) return [];
  const [max, high, peak, events] = await Promise.all([
    numberOf(machine, `${path}/memory.max`),
    numberOf(machine, `${path}/memory.high`),
    numberOf(machine, `${path}/memory.peak`),
    textOf(machine, `${path}/memory.events`),
  ]);
  const text = joined([
    bytes(current),
    max !== undefined && `at most ${bytes(max)}`,
    high !== undefined && `slowed down from ${bytes(high)}`,
    peak !== undefined && `${bytes(peak)} at its peak`,
  ]);
  const limit = Math.min(max ?? Number.POSITIVE_INFINITY, high ?? Number.POSITIVE_INFINITY);
  const used = graded(
    id,
    name,
    text,
    'It is near its limit: show fewer or smaller tiles, or give the box more memory.',
    [current, 'bytes'],
    { looks: limit * 0.95 },
  );
  const kills = parseCounts(events ?? '').oom_kill ?? 0;
  if (kills === 0) return [used];
  const advice = 'Memory ran out: show fewer or smaller tiles, or give the box more memory.';
  return [
    used,
    wrong(`${id}.kills`, name, `${counted(kills, 'process', 'processes')} ended by the kernel`, advice, [
      kills,
      'count',
    ]),
  ];
}
