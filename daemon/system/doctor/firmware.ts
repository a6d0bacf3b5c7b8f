/** The section on firmware, processor, watchdog and what the kernel complains of. */
import type { DoctorLine } from '../../schema.ts';
import { type ComplaintKind, complaintsOf, taintOf } from './kernelLog.ts';
import { fact, look, unknown, well, wrong } from './line.ts';
import { type Machine, numberOf, outputOf, textOf, whyNoOutput } from './machine.ts';
import { parseProperties } from './properties.ts';
import { parseSpan } from './timesync.ts';
import { joined } from './words.ts';

/** Lines of the kernel since it was started, or why they cannot be had. */
export type KernelLog = { readonly text: string } | { readonly why: string };

export async function readKernelLog(machine: Machine): Promise<KernelLog> {
  const journal = await machine.run('journalctl', '-k', '-b', '-o', 'cat', '-n', '20000', '--no-pager', '-q');
  if (journal.ok && journal.status === 0 && journal.out.trim() !== '') return { text: journal.out };
  const ring = await machine.run('dmesg');
  if (ring.ok && ring.status === 0) return { text: ring.out };
  return { why: whyNoOutput(ring, 'dmesg') };
}

export async function firmwareLines(machine: Machine, log: KernelLog): Promise<DoctorLine[]> {
  const groups = await Promise.all([
    bootLines(machine),
    boardLines(machine),
    processorLines(machine),
    watchdogLines(machine),
    kernelLines(machine),
  ]);
  return [...groups.flat(), ...complaintLines(log)];
}

async function bootLines(machine: Machine): Promise<DoctorLine[]> {
  const size = await numberOf(machine, '/sys/firmware/efi/fw_platform_size');
  if (size === undefined) {
    const efi = (await machine.list('/sys/firmware/efi')).length > 0;
    return [fact('firmware.mode', 'Firmware', efi ? 'EFI' : 'legacy (no EFI)')];
  }
  const secure = await textOf(
    machine,
    '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c',
  );
  // Four bytes of attributes stand before the value.
  const words =
    secure === undefined
      ? 'Secure Boot is not known'
      : secure.endsWith('\u0001')
        ? 'Secure Boot on'
        : 'Secure Boot off';
  return [fact('firmware.mode', 'Firmware', `EFI, ${size} bit, ${words}`)];
}

async function boardLines(machine: Machine): Promise<DoctorLine[]> {
  const dmi = async (name: string) => {
    const text = await textOf(machine, `/sys/class/dmi/id/${name}`);
    // What makers forget to fill in.
    return text &&
      !/^(?:to be filled by o\.?e\.?m\.?|default string|system (?:manufacturer|product name|version)|none|not specified)$/i.test(
        text,
      )
      ? text
      : undefined;
  };
  const [vendor, product, version, board, bios, release, date] = await Promise.all(
    [
      'sys_vendor',
      'product_name',
      'product_version',
      'board_name',
      'bios_vendor',
      'bios_version',
      'bios_date',
    ].map(dmi),
  );
  const machineName = joined([vendor, product, version, board !== product && board && `board ${board}`]);
  const biosName = joined([bios, release, date]);
  return [
    machineName === ''
      ? unknown('firmware.product', 'Product', 'the firmware tells nothing of it (no DMI)')
      : fact('firmware.product', 'Product', machineName),
    ...(biosName === '' ? [] : [fact('firmware.bios', 'BIOS', biosName)]),
  ];
}

async function processorLines(machine: Machine): Promise<DoctorLine[]> {
  const text = (await textOf(machine, '/proc/cpuinfo')) ?? '';
  const value = (name: string) => new RegExp(`^${name}\\s*:\\s*(.{1,200})$`, 'm').exec(text)?.[1]?.trim();
  const count = [...text.matchAll(/^processor\s*:/gm)].length;
  const model = value('model name') ?? value('Model') ?? 'an unknown processor';
  const microcode = value('microcode');
  const lines = [
    fact('firmware.cpu', 'Processor', joined([`${count} × ${model}`, microcode && `microcode ${microcode}`])),
  ];
  // It ends with 1 where there is none.
  const virtual = await machine.run('systemd-detect-virt');
  const kind = virtual.ok
    ? virtual.out.trim()
    : value('flags')?.split(' ').includes('hypervisor')
      ? 'yes'
      : '';
  lines.push(fact('firmware.virtual', 'Virtual', kind === '' ? 'not known' : kind === 'none' ? 'no' : kind));
  const tpm = await textOf(machine, '/sys/class/tpm/tpm0/tpm_version_major');
  lines.push(fact('firmware.tpm', 'TPM', tpm === undefined ? 'none' : `version ${tpm}`));
  return lines;
}

/** The hardware’s own watchdog, which restarts a box that stands still. */
async function watchdogLines(machine: Machine): Promise<DoctorLine[]> {
  const [id, name] = ['firmware.watchdog', 'Hardware watchdog'] as const;
  const [device] = await machine.list('/sys/class/watchdog');
  if (device === undefined)
    return [
      look(
        id,
        name,
        'none',
        'A box whose kernel stands still will not restart by itself. Switch the watchdog on in the firmware’s set-up, if it has one.',
      ),
    ];
  const base = `/sys/class/watchdog/${device}`;
  const [identity, timeout, state, bootStatus] = await Promise.all([
    textOf(machine, `${base}/identity`),
    numberOf(machine, `${base}/timeout`),
    textOf(machine, `${base}/state`),
    numberOf(machine, `${base}/bootstatus`),
  ]);
  const manager = await outputOf(
    machine,
    'systemctl',
    'show',
    '--property=RuntimeWatchdogUSec,WatchdogDevice',
    '--no-pager',
  );
  const wanted = parseSpan(parseProperties(manager ?? '').RuntimeWatchdogUSec ?? '');
  const text = joined([
    identity ?? device,
    timeout !== undefined && `restarts the box after ${timeout} s`,
    manager === undefined
      ? 'whether systemd uses it is not known'
      : wanted
        ? 'systemd uses it'
        : 'systemd does not use it',
    state,
  ]);
  const lines: DoctorLine[] = [];
  if (/software/i.test(identity ?? ''))
    lines.push(look(id, name, text, 'This one is part of the kernel, and stands still with it.'));
  else if (wanted || (manager === undefined && state === 'active')) lines.push(well(id, name, text));
  else
    lines.push(
      look(id, name, text, 'Have systemd use it: RuntimeWatchdogSec=30s in /etc/systemd/system.conf.d/'),
    );
  // WDIOF_CARDRESET of linux/watchdog.h
  if (bootStatus !== undefined && (bootStatus & 0x20) !== 0)
    lines.push(
      look(
        'firmware.watchdog.reset',
        'Last restart',
        'the watchdog restarted the box because it stood still',
        'Once may be chance. If it comes again, send this page to support.',
      ),
    );
  return lines;
}

async function kernelLines(machine: Machine): Promise<DoctorLine[]> {
  const [release, mask, saved] = await Promise.all([
    textOf(machine, '/proc/sys/kernel/osrelease'),
    numberOf(machine, '/proc/sys/kernel/tainted'),
    machine.list('/var/lib/systemd/pstore'),
  ]);
  const lines = [fact('firmware.kernel', 'Kernel', release ?? 'not known')];
  if (mask !== undefined) {
    const { words, grave } = taintOf(mask);
    const [id, name] = ['firmware.taint', 'Kernel’s taint'] as const;
    if (mask === 0) lines.push(well(id, name, 'none', [0, 'count']));
    else if (grave)
      lines.push(
        wrong(
          id,
          name,
          words.join(', '),
          'Restart the box. If it comes again, test its memory and send this page to support.',
        ),
      );
    else lines.push(fact(id, name, words.join(', '), [mask, 'count']));
  }
  if (saved.length > 0)
    lines.push(
      look(
        'firmware.pstore',
        'Kernel’s crashes',
        `${saved.length} kept in /var/lib/systemd/pstore`,
        'The kernel crashed once. Send these files to support, then remove them.',
      ),
    );
  return lines;
}

/** What each kind means for a wall. The disk’s own stand in the section on disks. */
const COMPLAINTS: readonly {
  kind: ComplaintKind;
  name: string;
  none?: string;
  grave: boolean;
  advice: string;
}[] = [
  {
    kind: 'oom',
    name: 'Out of memory',
    none: 'no program was ended',
    grave: true,
    advice:
      'The kernel ended programs because memory ran out: show fewer or smaller tiles, or give the box more memory.',
  },
  {
    kind: 'gpuHang',
    name: 'GPU hangs',
    none: 'none',
    grave: true,
    advice:
      'Restart the box. If it comes again, decode in software or change the driver: send this page to support.',
  },
  {
    kind: 'crash',
    name: 'Kernel faults',
    grave: true,
    advice: 'Restart the box. If it comes again, send this page to support.',
  },
  {
    kind: 'hung',
    name: 'Tasks that hang',
    grave: true,
    advice: 'Something waits for a disk or a driver for minutes. See “Disk”; restart the box.',
  },
  {
    kind: 'machineCheck',
    name: 'Machine checks',
    grave: true,
    advice: 'The processor or the memory reports faults: have the box exchanged.',
  },
  {
    kind: 'verity',
    name: 'Signed system',
    grave: true,
    advice:
      'Parts of the system on the disk are damaged. Install an update or flash the box anew; see “Disk”.',
  },
  {
    kind: 'usbPower',
    name: 'USB power',
    grave: false,
    advice: 'A device on USB takes too much current: unplug it.',
  },
];

function complaintLines(log: KernelLog): DoctorLine[] {
  if ('why' in log)
    return [unknown('firmware.kernel_log', 'Kernel’s log', log.why, 'Run this as root: sudo walleye doctor')];
  const found = complaintsOf(log.text);
  return COMPLAINTS.flatMap(({ kind, name, none, grave, advice }) => {
    const id = `firmware.kernel_log.${kind}`;
    const complaint = found[kind];
    if (complaint === undefined)
      return none === undefined ? [] : [well(id, name, `${none} since the start`, [0, 'count'])];
    const text = `${complaint.count} since the start, the last: ${complaint.last}`;
    return [(grave ? wrong : look)(id, name, text, advice, [complaint.count, 'count'])];
  });
}
