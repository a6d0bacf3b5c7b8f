/** Which image runs, from which slot, and how its updates stand. */
import type { DoctorLine, UpdateState } from '../../schema.ts';
import { readUpdateState } from '../updateState.ts';
import { plainUrl } from './clean.ts';
import { fact, look, unknown, well, wrong } from './line.ts';
import { type Machine, outputOf, textOf, whyNoOutput, whyNot } from './machine.ts';
import { mountOf, parseMounts } from './mounts.ts';
import { type Properties, parseProperties } from './properties.ts';
import { clock, joined } from './words.ts';

const UPDATE_STATE = '/var/lib/walleye-update/state.json';

/** os-release(5). */
export async function releaseOf(machine: Machine): Promise<Properties> {
  const text =
    (await textOf(machine, '/etc/os-release')) ?? (await textOf(machine, '/usr/lib/os-release')) ?? '';
  return parseProperties(text);
}

export async function imageLines(machine: Machine, release: Properties): Promise<DoctorLine[]> {
  const { IMAGE_VERSION: version, IMAGE_ID: id, NAME: name, VERSION_ID: of } = release;
  if (version === undefined)
    return [
      fact('walleye.image', 'Image', `none: installed on ${release.PRETTY_NAME ?? 'an unknown system'}`),
      ...(await updateLines(machine, false)),
    ];
  return [
    fact('walleye.image', 'Image', `${id ?? 'image'} ${version}, ${name} ${of}`),
    await slotLine(machine),
    await bootLine(machine),
    ...(await updateLines(machine, true)),
  ];
}

/** /usr is a device of dm-verity over two partitions, whose labels name the version. */
async function slotLine(machine: Machine): Promise<DoctorLine> {
  const [id, name] = ['walleye.slot', 'Slot'] as const;
  const mount = mountOf(parseMounts((await textOf(machine, '/proc/self/mountinfo')) ?? ''), '/usr');
  if (mount?.target !== '/usr') return unknown(id, name, '/usr is no file system of its own here');
  const slaves = await machine.list(`/sys/dev/block/${mount.device}/slaves`);
  const partitions = await Promise.all(
    (slaves.length > 0 ? slaves : [mount.source.replace(/^.*\//, '')]).map(async (device) => ({
      device,
      label: await labelOf(machine, device),
    })),
  );
  const others = await otherSlots(machine, new Set(partitions.map(({ device }) => device)));
  const shown = partitions.map(({ device, label }) => `${device}${label ? ` (${label})` : ''}`);
  return fact(
    id,
    name,
    joined(
      [
        `/usr is ${mount.kind} of ${joined(shown, ' and ')}`,
        others.length > 0 && `the other slot has ${joined(others, ' and ')}`,
      ],
      '; ',
    ),
  );
}

/** Labels of partitions that hold, or may hold, a /usr and are not in use. */
async function otherSlots(machine: Machine, used: ReadonlySet<string>): Promise<string[]> {
  const devices = (await machine.list('/sys/class/block')).filter(
    (device) => !used.has(device) && !/^(?:loop|ram|zram|dm-|sr)/.test(device),
  );
  const labels = await Promise.all(devices.slice(0, 64).map((device) => labelOf(machine, device)));
  return [...new Set(labels.filter((label) => label !== undefined))].filter(
    (label) => label === '_empty' || (/^walleye_/.test(label) && !/_verity$/.test(label)),
  );
}

/** The label of a partition of a GPT disk. */
export async function labelOf(machine: Machine, device: string): Promise<string | undefined> {
  const text = await textOf(machine, `/sys/class/block/${device}/uevent`);
  return text === undefined ? undefined : parseProperties(text).PARTNAME || undefined;
}

/** systemd-bless-boot(8). */
async function bootLine(machine: Machine): Promise<DoctorLine> {
  const [id, name] = ['walleye.boot', 'Boot counting'] as const;
  const ran = await machine.run('systemd-bless-boot', 'status');
  if (!ran.ok || ran.status !== 0) return unknown(id, name, whyNoOutput(ran, 'systemd-bless-boot'));
  switch (ran.out.trim()) {
    case 'good':
      return well(id, name, 'this version has proven itself (good)');
    case 'clean':
      return well(id, name, 'no version is on trial (clean)');
    case 'indeterminate':
      return look(
        id,
        name,
        'this version has not proven itself yet (indeterminate)',
        'Wait some minutes: it is confirmed when the wall shows what it showed before. Otherwise the box goes back to the version before.',
      );
    case 'bad':
      return wrong(
        id,
        name,
        'this version failed to prove itself (bad)',
        'Restart the box: it starts the version before.',
      );
    default:
      return look(
        id,
        name,
        ran.out.trim(),
        'The boot loader’s files were changed by hand: send this page to support.',
      );
  }
}

async function updateLines(machine: Machine, expected: boolean): Promise<DoctorLine[]> {
  const [id, name] = ['walleye.update', 'Update'] as const;
  const reading = await machine.read(UPDATE_STATE);
  if (!reading.ok) {
    if (reading.failure !== 'missing') return [unknown(id, name, whyNot(reading.failure, UPDATE_STATE))];
    return expected ? [fact(id, name, 'none was looked for yet')] : [];
  }
  const state = parsedState(reading.text);
  if (state === undefined)
    return [wrong(id, name, `${UPDATE_STATE} is damaged`, 'Look for updates again: walleye update --check')];
  const { version, target, available, checked, message, source, rolled_back: back } = state;
  const text = joined([
    state.state,
    target !== null && `target ${target}`,
    available === null ? 'no newer version known' : `${available} is available`,
    checked === null ? 'never looked' : `looked at ${clock(checked)}`,
    source === null ? 'no source but a stick' : `source ${plainUrl(source)}`,
    message,
  ]);
  const lines: DoctorLine[] = [];
  if (state.state === 'failed')
    lines.push(wrong(id, name, text, 'Mend what it says, then try again: walleye update --start'));
  else if (state.state === 'idle') lines.push(well(id, name, text));
  else lines.push(look(id, name, text, 'An update is under way: wait for its end.'));
  if (back !== null)
    lines.push(
      wrong(
        'walleye.rolled_back',
        'Rolled back',
        `${back.version} was tried at ${clock(back.at)} and given up: ${back.reason} (${version} runs)`,
        'Read why, mend it or wait for another version; walleye update --dismiss puts the notice away.',
      ),
    );
  return lines;
}

function parsedState(text: string): UpdateState | undefined {
  try {
    return readUpdateState(text);
  } catch {
    return undefined;
  }
}

/** What root took from a stick, the ESP or a credential (daemon/host/report.ts). */
export async function provisioningLines(machine: Machine): Promise<DoctorLine[]> {
  const text = await textOf(machine, '/run/walleye-provision/report.json');
  const problems = text === undefined ? [] : problemsOf(text);
  return problems
    .slice(0, 10)
    .map((words, index) =>
      look(
        `walleye.provisioning.${index + 1}`,
        'Site file',
        words,
        'Mend the site file and plug the stick in again.',
      ),
    );
}

function problemsOf(text: string): string[] {
  try {
    const report: unknown = JSON.parse(text);
    const list = (report as { problems?: unknown } | null)?.problems;
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

/** Seconds since the kernel was started. */
export async function uptimeOf(machine: Machine): Promise<number | undefined> {
  const seconds = Number.parseFloat((await textOf(machine, '/proc/uptime')) ?? '');
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** Units that failed; undefined with a reason: systemd cannot be asked. */
export async function failedUnits(machine: Machine): Promise<string[] | undefined> {
  const text = await outputOf(
    machine,
    'systemctl',
    '--failed',
    '--plain',
    '--no-legend',
    '--no-pager',
    '--full',
  );
  return text
    ?.split('\n')
    .map((row) => /^\S+\.\S+/.exec(row.trim())?.[0])
    .filter((unit) => unit !== undefined);
}
