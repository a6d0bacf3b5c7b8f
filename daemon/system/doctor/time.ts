/** The section on clocks: certificates, ONVIF log-ins and the cameras’ pictures all go by them. */
import type { DoctorLine } from '../../schema.ts';
import { cameraClockLines } from './cameras.ts';
import type { DaemonView } from './daemonView.ts';
import { uptimeOf } from './image.ts';
import { fact, graded, look, unknown, well, wrong } from './line.ts';
import { type Machine, numberOf, outputOf, whyNoOutput } from './machine.ts';
import { parseProperties } from './properties.ts';
import { parseTimesync } from './timesync.ts';
import { clock, counted, duration } from './words.ts';

/** 2025: nothing of Walleye is older. */
const EARLIEST = 1_735_689_600;
/** Seconds in which a time server is found after the start, at the latest. */
const PATIENCE = 600;

export async function timeLines(machine: Machine, view: DaemonView): Promise<DoctorLine[]> {
  const groups = await Promise.all([clockLines(machine), serverLines(machine), batteryLines(machine)]);
  return [...groups.flat(), ...(view.state === 'open' ? cameraClockLines(view) : [])];
}

async function clockLines(machine: Machine): Promise<DoctorLine[]> {
  const now = machine.now();
  const lines = [
    now < EARLIEST
      ? wrong(
          'time.clock',
          'Clock',
          clock(now),
          'It is wrong. Give the box a time server, or set it: timedatectl set-time.',
        )
      : fact('time.clock', 'Clock', clock(now), [Math.round(now), 'seconds']),
  ];
  const ran = await machine.run('timedatectl', 'show', '--no-pager');
  if (!ran.ok || ran.status !== 0) {
    const why = whyNoOutput(ran, 'timedatectl');
    return [...lines, unknown('time.synchronised', 'Synchronised', why)];
  }
  const {
    Timezone: zone,
    LocalRTC: local,
    NTP: ntp,
    NTPSynchronized: synchronised,
  } = parseProperties(ran.out);
  lines.push(fact('time.zone', 'Time zone', zone ?? 'not known'));
  if (local === 'yes')
    lines.push(
      look(
        'time.local_rtc',
        'Board’s clock',
        'it keeps local time',
        'Have it keep UTC: timedatectl set-local-rtc 0',
      ),
    );
  const [id, name] = ['time.synchronised', 'Synchronised'] as const;
  if (synchronised === 'yes') lines.push(well(id, name, 'yes'));
  else if (ntp === 'no')
    lines.push(look(id, name, 'no, and no time server is asked', 'Switch it on: timedatectl set-ntp true'));
  else {
    const early = ((await uptimeOf(machine)) ?? PATIENCE) < PATIENCE;
    const advice = 'No time server answers: set one that this network reaches (host.ntp of the site file).';
    lines.push((early ? look : wrong)(id, name, 'no', early ? 'Wait ten minutes after a start.' : advice));
  }
  return lines;
}

/** systemd-timesyncd tells how far it was off; other programs (chrony, ntpd) are asked nothing. */
async function serverLines(machine: Machine): Promise<DoctorLine[]> {
  const text = await outputOf(machine, 'timedatectl', 'timesync-status', '--no-pager');
  if (text === undefined) return [];
  const { server, offset, stratum, packets } = parseTimesync(text);
  if (server === undefined) return [fact('time.server', 'Time server', 'none')];
  const details = `${server}${stratum === undefined ? '' : `, stratum ${stratum}`}, ${counted(packets, 'answer')}`;
  const lines = [fact('time.server', 'Time server', details)];
  if (offset !== undefined) {
    const words = Math.abs(offset) < 1 ? `${(offset * 1000).toFixed(1)} ms` : `${offset.toFixed(1)} s`;
    const advice = 'The box’s clock runs wrong between answers: its battery or its crystal is bad.';
    lines.push(
      graded('time.offset', 'Offset', words, advice, [Math.abs(offset), 'seconds'], { looks: 1, wrongs: 60 }),
    );
  }
  return lines;
}

/** The clock of the board keeps time without power as long as its battery lives. */
async function batteryLines(machine: Machine): Promise<DoctorLine[]> {
  const [id, name] = ['time.rtc', 'Board’s clock'] as const;
  const [device] = await machine.list('/sys/class/rtc');
  if (device === undefined)
    return [fact(id, name, 'none: after a loss of power the time is wrong until a time server answers')];
  const since = await numberOf(machine, `/sys/class/rtc/${device}/since_epoch`);
  if (since === undefined) return [unknown(id, name, 'it cannot be read')];
  const off = Math.round(since - machine.now());
  const text = Math.abs(off) <= 2 ? 'right' : `${duration(Math.abs(off))} ${off < 0 ? 'behind' : 'ahead'}`;
  const measure = [off, 'seconds'] as const;
  if (Math.abs(off) <= 30) return [well(id, name, text, measure)];
  return [
    look(
      id,
      name,
      text,
      'Its battery may be empty: after a loss of power the time will be wrong. hwclock --systohc sets it.',
      measure,
    ),
  ];
}
