/** The section on Walleye itself: version, image, units, cameras. */
import type { DoctorLine, ScreenState } from '../../schema.ts';
import { cameraLines } from './cameras.ts';
import type { DaemonView, OpenDaemon } from './daemonView.ts';
import { failedUnits, imageLines, provisioningLines, releaseOf, uptimeOf } from './image.ts';
import { fact, look, unknown, well, wrong } from './line.ts';
import type { Machine } from './machine.ts';
import type { Units } from './units.ts';
import { bytes, duration } from './words.ts';

export interface Asker {
  /** The version of the files that the command line runs from. */
  readonly installed: string | undefined;
  readonly root: boolean;
}

export async function softwareLines(
  machine: Machine,
  view: DaemonView,
  units: Units,
  { installed, root }: Asker,
): Promise<DoctorLine[]> {
  const [release, failed, uptime] = await Promise.all([
    releaseOf(machine),
    failedUnits(machine),
    uptimeOf(machine),
  ]);
  return [
    versionLine(view, installed),
    ...(await imageLines(machine, release)),
    uptime === undefined
      ? unknown('walleye.uptime', 'Machine', 'it cannot be told how long it has run')
      : fact('walleye.uptime', 'Machine', `up for ${duration(uptime)}`, [Math.floor(uptime), 'seconds']),
    failedLine(failed),
    ...units.lines,
    ...(await provisioningLines(machine)),
    answerLine(view, root),
    ...(view.state === 'open' ? openLines(view, units.kiosk) : []),
  ];
}

function versionLine(view: DaemonView, installed: string | undefined): DoctorLine {
  const [id, name] = ['walleye.version', 'Version'] as const;
  const running = view.state === 'open' ? view.system.version : undefined;
  if (running !== undefined && installed !== undefined && running !== installed)
    return look(
      id,
      name,
      `${running} runs, ${installed} is installed`,
      'Restart the daemon, so that the installed version runs: systemctl restart walleye',
    );
  const version = running ?? installed;
  const node = view.state === 'open' ? `, Node.js ${view.system.node}` : '';
  return version === undefined ? unknown(id, name, 'it is not known') : fact(id, name, `${version}${node}`);
}

function failedLine(failed: readonly string[] | undefined): DoctorLine {
  const [id, name] = ['walleye.failed_units', 'Failed units'] as const;
  if (failed === undefined) return unknown(id, name, 'systemd cannot be asked here');
  if (failed.length === 0) return well(id, name, 'none', [0, 'count']);
  const advice = `See why: systemctl status ${failed[0]}; after mending: systemctl restart ${failed[0]}`;
  return wrong(id, name, failed.slice(0, 12).join(', '), advice, [failed.length, 'count']);
}

function answerLine(view: DaemonView, root: boolean): DoctorLine {
  const [id, name] = ['walleye.answer', 'Daemon’s answer'] as const;
  switch (view.state) {
    case 'silent':
      return wrong(
        id,
        name,
        view.why,
        root
          ? 'Look at the state of its unit above and at its log below.'
          : 'Only root knows where an installed daemon listens: sudo walleye doctor',
      );
    case 'closed':
      return unknown(
        id,
        name,
        `it answers, but tells us nothing: ${view.why}`,
        'Run this as root: sudo walleye doctor',
      );
    case 'open': {
      const { status, message } = view.health;
      return status === 'ok'
        ? well(id, name, message)
        : wrong(id, name, message, 'Do what it says; see its log below.');
    }
  }
}

function openLines(view: OpenDaemon, kiosk: boolean): DoctorLine[] {
  const { system } = view;
  const lines = [
    fact('walleye.uptime.daemon', 'Daemon', `up for ${duration(system.uptime)}`, [
      Math.floor(system.uptime),
      'seconds',
    ]),
    fact('walleye.memory.rss', 'Memory, daemon', `${bytes(system.memory.rss)} resident`, [
      system.memory.rss,
      'bytes',
    ]),
    ...heartbeatLines(view, kiosk),
    ...cameraLines(view),
  ];
  if (system.recovered !== null)
    lines.push(
      wrong(
        'walleye.database',
        'Database',
        `it was damaged and was set aside as ${system.recovered}`,
        'Restore a backup (walleye restore FILE), or add the cameras again. See “Disk”.',
      ),
    );
  lines.push(sandboxLine(view));
  return lines;
}

/** The kiosk’s watchdog restarts it after 90 s (image/systemd/walleye-kiosk.service). */
function heartbeatLines({ system }: OpenDaemon, kiosk: boolean): DoctorLine[] {
  const { screens, time, uptime } = system;
  if (screens.every(({ heartbeat }) => heartbeat === null)) {
    if (!kiosk) return [];
    const [id, name] = ['walleye.heartbeat', 'Screen’s heartbeat'] as const;
    const text = 'the page on the screen has not said anything since the daemon was started';
    return [
      uptime < 180 ? look(id, name, text, 'Wait three minutes.') : wrong(id, name, text, RESTART_KIOSK),
    ];
  }
  return screens.map((one) => heartbeatLine(one, time, kiosk));
}

const RESTART_KIOSK = 'The page on the screen stands still. Restart it: systemctl restart walleye-kiosk';

function heartbeatLine(one: ScreenState, time: number, kiosk: boolean): DoctorLine {
  const id = `walleye.heartbeat.${one.screen}`;
  const name = `Screen ${one.screen}’s heartbeat`;
  if (one.heartbeat === null)
    return fact(id, name, one.dark ? 'none yet: it is dark by its hours' : 'none yet');
  const age = Math.max(0, time - one.heartbeat);
  const text = `${duration(age)} ago; ${one.painting} of ${one.tiles} tiles have a picture`;
  const measure = [Math.round(age), 'seconds'] as const;
  if (one.dark) return fact(id, name, `${text}; it is dark by its hours`, measure);
  if (age <= 30) return well(id, name, text, measure);
  // Some other browser may have been signed in as a screen once, and is gone.
  const mark = kiosk && age > 90 ? wrong : look;
  return mark(id, name, text, RESTART_KIOSK, measure);
}

function sandboxLine({ system }: OpenDaemon): DoctorLine {
  const { kind, network, files, warning } = system.sandbox;
  const [id, name] = ['walleye.sandbox', 'Decoders’ sandbox'] as const;
  const text = `${kind}: ${network ? 'no network' : 'the network is open'}, ${files ? 'no files' : 'files are open'}`;
  return warning === null ? well(id, name, text) : look(id, name, text, warning);
}
