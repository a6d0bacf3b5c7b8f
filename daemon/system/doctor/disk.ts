/** The section on disks: their health, what lies on them, what is free. */
import type { DoctorLine } from '../../schema.ts';
import { parseDf, type Space } from './dfText.ts';
import type { KernelLog } from './firmware.ts';
import { labelOf } from './image.ts';
import { complaintsOf } from './kernelLog.ts';
import { fact, graded, look, unknown, well, wrong } from './line.ts';
import { type Machine, numberOf, textOf, whyNoOutput } from './machine.ts';
import { mountOf, parseMounts } from './mounts.ts';
import { parseEmmcLife, parseSmart, type Smart } from './smart.ts';
import { bytes, clock, counted, joined } from './words.ts';

const REPLACE = 'Save a backup (walleye backup FILE) and have the disk or the box exchanged.';
/** Percent of a disk’s life: from here on it is to be watched, from there on to be exchanged. */
const WORN = { looks: 80, wrongs: 100 };

export async function diskLines(machine: Machine, log: KernelLog): Promise<DoctorLine[]> {
  const disks = (await machine.list('/sys/block'))
    .filter((name) => /^(?:sd[a-z]+|nvme\d+n\d+|mmcblk\d+|vd[a-z]+|xvd[a-z]+|hd[a-z])$/.test(name))
    .slice(0, 8);
  const groups = await Promise.all([
    ...disks.map((disk) => oneDisk(machine, disk)),
    spaceLines(machine),
    extLines(machine),
  ]);
  return [
    ...(disks.length === 0 ? [fact('disk.none', 'Disks', 'none of its own')] : []),
    ...groups.flat(),
    ...complaintLines(log),
  ];
}

async function oneDisk(machine: Machine, disk: string): Promise<DoctorLine[]> {
  const base = `/sys/block/${disk}`;
  const [sectors, model, name, removable] = await Promise.all([
    numberOf(machine, `${base}/size`),
    textOf(machine, `${base}/device/model`),
    textOf(machine, `${base}/device/name`),
    textOf(machine, `${base}/removable`),
  ]);
  // A card reader without a card.
  if (sectors === 0) return [];
  const text = joined([
    model ?? name ?? 'it does not tell its model',
    // Sectors of 512 bytes, whatever the disk’s own are.
    sectors !== undefined &&
      `${(sectors * 512) / 1e9 < 10 ? ((sectors * 512) / 1e9).toFixed(1) : Math.round((sectors * 512) / 1e9)} GB`,
    removable === '1' && 'removable',
    await partitions(machine, disk),
  ]);
  const health = disk.startsWith('mmcblk') ? await emmcLines(machine, disk) : await smartLines(machine, disk);
  return [fact(`disk.model.${disk}`, `Disk ${disk}`, text), ...health];
}

async function partitions(machine: Machine, disk: string): Promise<string> {
  const names = (await machine.list(`/sys/block/${disk}`)).filter((name) => name.startsWith(disk));
  const shown = await Promise.all(
    names.slice(0, 16).map(async (name) => {
      const [sectors, label] = await Promise.all([
        numberOf(machine, `/sys/block/${disk}/${name}/size`),
        labelOf(machine, name),
      ]);
      return joined(
        [name.slice(disk.length).replace(/^p/, ''), label, sectors !== undefined && bytes(sectors * 512)],
        ' ',
      );
    }),
  );
  return shown.length === 0 ? '' : `partitions: ${shown.join('; ')}`;
}

async function emmcLines(machine: Machine, disk: string): Promise<DoctorLine[]> {
  const device = `/sys/block/${disk}/device`;
  const [life, preEol] = await Promise.all([
    textOf(machine, `${device}/life_time`),
    textOf(machine, `${device}/pre_eol_info`),
  ]);
  const id = `disk.wear.${disk}`;
  const wear = life === undefined ? undefined : parseEmmcLife(life, preEol);
  if (wear === undefined) return [unknown(id, `Wear of ${disk}`, 'this card does not tell it')];
  const { used, spare } = wear;
  const text = `${used > 100 ? 'more than 100' : `${used - 10} to ${used}`} % of its life used, spare blocks: ${spare}`;
  const measure = [used, 'percent'] as const;
  if (spare === 'urgent') return [wrong(id, `Wear of ${disk}`, text, REPLACE, measure)];
  // A tenth is told as its upper end: 100 is the last tenth, not the end.
  const line = graded(id, `Wear of ${disk}`, text, REPLACE, measure, { looks: WORN.looks + 10, wrongs: 110 });
  return [
    spare === 'warning' && line.mark === 'well' ? look(id, `Wear of ${disk}`, text, REPLACE, measure) : line,
  ];
}

async function smartLines(machine: Machine, disk: string): Promise<DoctorLine[]> {
  const id = `disk.health.${disk}`;
  const name = `Health of ${disk}`;
  const ran = await machine.run('smartctl', '-j', '-i', '-H', '-A', `/dev/${disk}`);
  // Its exit status is made of bits that say what the JSON says too.
  if (!ran.ok || !ran.out.includes('{')) return [unknown(id, name, whyNoOutput(ran, 'smartctl'))];
  return smartJudged(disk, parseSmart(ran.out));
}

export function smartJudged(disk: string, smart: Smart): DoctorLine[] {
  const id = `disk.health.${disk}`;
  const name = `Health of ${disk}`;
  if (smart.kind === 'none') return [unknown(id, name, smart.why)];
  const { passed, used, temperature, hours, defects } = smart;
  const text = joined([
    passed === undefined
      ? 'no verdict'
      : passed
        ? 'passed its self-assessment'
        : 'FAILED its self-assessment',
    ...defects,
    hours !== undefined && `${hours} hours under power`,
    temperature !== undefined && `${temperature} °C`,
  ]);
  const lines: DoctorLine[] = [];
  if (passed === false) lines.push(wrong(id, name, text, REPLACE));
  else if (defects.length > 0) lines.push(look(id, name, text, REPLACE));
  else lines.push(well(id, name, text));
  if (used !== undefined)
    lines.push(
      graded(
        `disk.wear.${disk}`,
        `Wear of ${disk}`,
        `${used} % of its life used`,
        REPLACE,
        [used, 'percent'],
        WORN,
      ),
    );
  return lines;
}

async function spaceLines(machine: Machine): Promise<DoctorLine[]> {
  const mounts = parseMounts((await textOf(machine, '/proc/self/mountinfo')) ?? '');
  const main = mountOf(mounts, '/var');
  const others = mounts
    .filter(({ target, kind }) => kind === 'vfat' && ['/efi', '/boot', '/boot/efi'].includes(target))
    .map(({ target }) => target);
  const columns = '--output=target,fstype,size,avail,itotal,iavail';
  const ran = await machine.run('df', columns, '--block-size=1', '/var', ...others);
  const spaces = ran.ok ? parseDf(ran.out) : [];
  const lines = spaces.flatMap((space, index) =>
    judgedSpace(space, index === 0 ? 'var' : space.target.slice(1)),
  );
  if (lines.length === 0) lines.push(unknown('disk.space.var', 'Free on /var', whyNoOutput(ran, 'df')));
  if (main !== undefined) {
    const [id, name] = ['disk.writable', 'Writable'] as const;
    lines.push(
      main.readOnly
        ? wrong(
            id,
            name,
            `${main.target} (${main.kind} on ${main.source}) is read-only: nothing can be saved`,
            'The file system stopped itself after an error: restart the box, which checks it. If it comes again, have the disk exchanged.',
          )
        : well(id, name, `${main.target}, ${main.kind} on ${main.source}`),
    );
  }
  return lines;
}

function judgedSpace(space: Space, id: string): DoctorLine[] {
  const { target, size, free, files, filesFree } = space;
  const percent = size === 0 ? 100 : (free / size) * 100;
  const main = id === 'var';
  const name = main ? 'Free on /var' : `Free on ${target}`;
  const text = joined([
    `${bytes(free)} of ${bytes(size)} (${Math.round(percent)} %)${main && target !== '/var' ? `, which is ${target}` : ''}`,
    files !== undefined && `${Math.round(((filesFree ?? 0) / files) * 100)} % of files`,
  ]);
  const measure = [free, 'bytes'] as const;
  const lineId = `disk.space.${id}`;
  const fewFiles = files !== undefined && (filesFree ?? 0) / files < 0.02;
  const advice = 'Remove what is not Walleye’s; journalctl --vacuum-size=64M frees some.';
  // The ESP is made for what lies on it: it is full by intention.
  if (!main)
    return [
      percent < 2
        ? look(lineId, name, text, 'An update needs space here: remove old kernels.', measure)
        : fact(lineId, name, text, measure),
    ];
  if (free < 64 * 2 ** 20 || percent < 1 || fewFiles) return [wrong(lineId, name, text, advice, measure)];
  return [
    free < 512 * 2 ** 20 || percent < 10
      ? look(lineId, name, text, advice, measure)
      : well(lineId, name, text, measure),
  ];
}

/** What ext4 keeps in its superblock of errors it met, until fsck clears them (Documentation/ABI/testing/sysfs-fs-ext4). */
async function extLines(machine: Machine): Promise<DoctorLine[]> {
  const devices = (await machine.list('/sys/fs/ext4')).filter((name) => name !== 'features').slice(0, 8);
  const lines = await Promise.all(
    devices.map(async (device) => {
      const base = `/sys/fs/ext4/${device}`;
      const [errors, time, where] = await Promise.all([
        numberOf(machine, `${base}/errors_count`),
        numberOf(machine, `${base}/last_error_time`),
        textOf(machine, `${base}/last_error_func`),
      ]);
      const id = `disk.ext4.${device}`;
      const name = `Errors of ext4 on ${device}`;
      if (errors === undefined) return [];
      if (errors === 0) return [well(id, name, 'none', [0, 'count'])];
      const text = joined([`${errors}`, time ? `the last at ${clock(time)}` : null, where && `in ${where}`]);
      const advice =
        'Restart the box, which checks the file system. If the number grows, have the disk exchanged.';
      return [wrong(id, name, text, advice, [errors, 'count'])];
    }),
  );
  return lines.flat();
}

function complaintLines(log: KernelLog): DoctorLine[] {
  if ('why' in log) return [];
  const { disk, fileSystem } = complaintsOf(log.text);
  const lines: DoctorLine[] = [];
  const told = (id: string, name: string, complaint: typeof disk) => {
    if (complaint === undefined) return;
    const text = `${counted(complaint.count, 'line')} since the start, the last: ${complaint.last}`;
    lines.push(wrong(id, name, text, REPLACE, [complaint.count, 'count']));
  };
  told('disk.kernel_log.io', 'Disk errors in the kernel’s log', disk);
  told('disk.kernel_log.file_system', 'File system errors in the kernel’s log', fileSystem);
  return lines;
}
