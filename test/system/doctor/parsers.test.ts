/** What programs and the kernel print, as `walleye doctor` reads it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clean } from '../../../daemon/system/doctor/clean.ts';
import { parseDf } from '../../../daemon/system/doctor/dfText.ts';
import { complaintsOf, taintOf } from '../../../daemon/system/doctor/kernelLog.ts';
import {
  neighbourState,
  parseAddresses,
  parseGateways,
  parseResolvConf,
  parseResolve,
  parseWireless,
} from '../../../daemon/system/doctor/linkText.ts';
import { gathered, warningsOf } from '../../../daemon/system/doctor/logLines.ts';
import { mountOf, parseMounts } from '../../../daemon/system/doctor/mounts.ts';
import { parsePressure } from '../../../daemon/system/doctor/pressure.ts';
import { parseCounts, parseProperties, parseUnits } from '../../../daemon/system/doctor/properties.ts';
import { parseEmmcLife, parseSmart } from '../../../daemon/system/doctor/smart.ts';
import { parseSpan, parseTimesync } from '../../../daemon/system/doctor/timesync.ts';
import { parseVainfo } from '../../../daemon/system/doctor/vainfo.ts';
import * as samples from './samples.ts';

describe('smartctl’s JSON', () => {
  it('of an SSD on SATA: its verdict, its wear from what is left, no defects', () => {
    assert.deepEqual(parseSmart(samples.SMART_SATA), {
      kind: 'health',
      model: 'SSDSCKJB240G7R',
      passed: true,
      used: 0,
      temperature: 47,
      hours: 21213,
      defects: [],
    });
  });

  it('of an NVMe disk: percentage used, and its critical warnings in words', () => {
    const well = parseSmart(samples.SMART_NVME);
    assert.ok(well.kind === 'health');
    assert.deepEqual([well.used, well.temperature, well.defects], [0, 26, []]);
    const worn = JSON.parse(samples.SMART_NVME);
    Object.assign(worn.nvme_smart_health_information_log, {
      percentage_used: 104,
      media_errors: 7,
      critical_warning: 0b1001,
    });
    const judged = parseSmart(JSON.stringify(worn));
    assert.ok(judged.kind === 'health');
    assert.equal(judged.used, 104);
    assert.deepEqual(judged.defects, ['7 media errors', 'few spare blocks left', 'read-only']);
  });

  it('counts replaced blocks by the text where makers pack more into the number', () => {
    const text = samples.SMART_SATA.replace(
      '"id":5,"name":"Reallocated_Sector_Ct","value":100,"worst":100,"thresh":0,"when_failed":"","raw":{"string":"0","value":0}',
      '"id":5,"name":"Reallocated_Sector_Ct","value":8,"worst":8,"thresh":10,"when_failed":"now","raw":{"string":"312 (0 4)","value":17179869496}',
    );
    const judged = parseSmart(text);
    assert.ok(judged.kind === 'health');
    assert.deepEqual(judged.defects, ['312 replaced blocks', 'Reallocated_Sector_Ct below its limit']);
  });

  it('of a virtual disk: why there is none', () => {
    assert.deepEqual(parseSmart(samples.SMART_VIRTUAL), {
      kind: 'none',
      why: 'Unable to detect device type',
    });
    assert.equal(parseSmart('no JSON').kind, 'none');
  });

  it('and of eMMC the worse of two kinds of memory', () => {
    assert.deepEqual(parseEmmcLife('0x01 0x02', '0x01'), { used: 20, spare: 'normal' });
    assert.deepEqual(parseEmmcLife('0x0b 0x03\n', '0x03'), { used: 110, spare: 'urgent' });
    assert.equal(parseEmmcLife('0x00 0x00', '0x00'), undefined, 'before eMMC 5.0 it is not told');
    assert.deepEqual(parseEmmcLife('0x03 0x00', undefined), { used: 30, spare: 'unknown' });
  });
});

describe('vainfo', () => {
  it('of a Bay Trail: what it decodes and encodes, in short', () => {
    assert.deepEqual(parseVainfo(samples.VAINFO_BAY_TRAIL), {
      driver: 'Intel i965 driver for Intel(R) Bay Trail - 2.4.1',
      decodes: ['MPEG-2', 'H.264', 'VC-1', 'JPEG'],
      encodes: ['MPEG-2', 'H.264'],
      processes: true,
    });
  });

  it('that finds no driver is nothing', () => {
    // vainfo 2.22 of Debian 13 without a render node.
    assert.equal(parseVainfo('Trying display: drm\nFailed to open the given device!\n'), undefined);
  });
});

describe('the kernel’s log', () => {
  it('tells GPU hangs once each, though the kernel writes several lines', () => {
    const { gpuHang, ...rest } = complaintsOf(samples.KERNEL_GPU_HANG);
    assert.equal(gpuHang?.count, 2);
    assert.equal(gpuHang?.last, 'i915 0000:00:02.0: [drm] GPU HANG: ecode 7:1:01fffbfe, in Xorg [5337]');
    assert.deepEqual(rest, {});
  });

  it('tells programs that were ended because memory ran out', () => {
    const { oom, ...rest } = complaintsOf(samples.KERNEL_OOM);
    assert.equal(oom?.count, 1);
    assert.match(oom?.last ?? '', /Killed process 4711 \(ffmpeg\)/);
    assert.deepEqual(rest, {});
  });

  for (const [kind, line] of [
    [
      'disk',
      '[  902.104201] I/O error, dev mmcblk0, sector 4198400 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2',
    ],
    ['disk', 'mmc0: Timeout waiting for hardware interrupt.'],
    ['disk', 'nvme nvme0: I/O 12 QID 4 timeout, aborting'],
    ['disk', 'ata1.00: failed command: WRITE FPDMA QUEUED'],
    [
      'fileSystem',
      'EXT4-fs error (device mmcblk0p6): ext4_find_entry:1683: inode #131074: comm node: reading directory lblock 0',
    ],
    ['fileSystem', 'EXT4-fs (mmcblk0p6): Remounting filesystem read-only'],
    ['verity', 'device-mapper: verity: 179:3: data block 18 is corrupted'],
    ['hot', 'CPU1: Core temperature is above threshold, cpu clock is throttled (total events = 1)'],
    ['hot', 'CPU2: Core temperature above threshold, cpu clock throttled (total events = 10)'],
    ['hung', 'INFO: task kworker/u8:2:131 blocked for more than 120 seconds.'],
    ['crash', 'BUG: kernel NULL pointer dereference, address: 0000000000000008'],
    [
      'crash',
      'general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] SMP PTI',
    ],
    ['crash', 'watchdog: BUG: soft lockup - CPU#1 stuck for 23s! [node:912]'],
    ['machineCheck', 'mce: [Hardware Error]: Machine check events logged'],
    ['usbPower', 'usb usb1-port2: over-current condition'],
  ] as const)
    it(`knows ${kind}: ${line.slice(0, 60)}`, () => {
      assert.deepEqual(Object.keys(complaintsOf(line)), [kind]);
    });

  it('of a machine that is well tells nothing: a program’s own fault and a loop device’s are none of it', () => {
    assert.deepEqual(complaintsOf(samples.KERNEL_QUIET), {});
  });

  it('’s taint is told in words, grave where the kernel is not to be trusted any more', () => {
    assert.deepEqual(taintOf(0), { words: [], grave: false });
    assert.deepEqual(taintOf(4096 + 8192), {
      words: ['a module from outside the kernel', 'an unsigned module'],
      grave: false,
    });
    assert.deepEqual(taintOf(512 + 128), { words: ['a crash (Oops)', 'a warning'], grave: true });
    assert.deepEqual(taintOf(2 ** 18).words, ['other (262144)']);
  });
});

describe('clocks', () => {
  it('timesync-status: server, offset and stratum', () => {
    assert.deepEqual(parseTimesync(samples.TIMESYNC), {
      server: '162.159.200.1 (time.cloudflare.com)',
      offset: 291 * 1e-6,
      stratum: 3,
      packets: 9,
    });
    const before = 'Server: n/a (ntp.example)\nPoll interval: 0 (min: 32s; max 34min 8s)\n Packet count: 0\n';
    const none = parseTimesync(before);
    assert.deepEqual([none.offset, none.stratum, none.packets], [undefined, undefined, 0]);
  });

  it('spans of systemd are seconds', () => {
    assert.equal(parseSpan('+2.497ms'), 0.002497);
    assert.equal(parseSpan('-1min 3.5s'), -63.5);
    assert.equal(parseSpan('30s'), 30);
    assert.equal(parseSpan('0'), 0);
    assert.equal(parseSpan('infinity'), undefined);
    assert.equal(parseSpan(''), undefined);
    assert.equal(parseSpan('5 parsecs'), undefined);
  });
});

describe('text of the system', () => {
  it('pressure: percent of both kinds; only `some` where an old kernel tells no more', () => {
    assert.deepEqual(parsePressure(samples.PRESSURE_IO), {
      some: { avg10: 1.2, avg60: 0.42, avg300: 0.28 },
      full: { avg10: 0.76, avg60: 0.28, avg300: 0.18 },
    });
    assert.deepEqual(parsePressure('some avg10=0.00 avg60=0.00 avg300=100.00 total=1\n'), {
      some: { avg10: 0, avg60: 0, avg300: 100 },
    });
  });

  it('systemctl show: one record a unit, values with = in them whole', () => {
    const units = parseUnits(samples.UNITS);
    assert.deepEqual(
      units.map(({ Id, StatusText }) => [Id, StatusText]),
      [
        ['walleye.service', '9 cameras, 9 live'],
        ['walleye-kiosk.service', ''],
      ],
    );
    assert.equal(parseProperties('A=b=c\n').A, 'b=c');
    assert.equal(
      parseProperties('PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n').PRETTY_NAME,
      'Debian GNU/Linux 13 (trixie)',
    );
    assert.equal(parseProperties('__proto__=x\n').polluted, undefined);
  });

  it('counters: of a control group and of /proc/meminfo', () => {
    assert.equal(parseCounts('low 0\nhigh 12\nmax 3\noom 1\noom_kill 1\n').oom_kill, 1);
    assert.equal(parseCounts('MemTotal:        3955772 kB\nActive(anon):    10 kB\n').MemTotal, 3955772);
  });

  it('mounts: the one that a path lies on, and whether it may be written', () => {
    const mounts = parseMounts(samples.MOUNTS);
    assert.deepEqual(mountOf(mounts, '/var')?.source, '/dev/vda');
    assert.equal(mountOf(mounts, '/var')?.readOnly, false);
    assert.deepEqual(mountOf(mounts, '/usr')?.device, '253:0');
    assert.equal(mountOf(mounts, '/usr')?.readOnly, true);
    assert.equal(mountOf(mounts, '/usrlocal')?.target, '/');
    assert.equal(mountOf(mounts, '/mnt/a stick/site.json')?.kind, 'vfat');
    // ext4 after an error: the mount is rw, the file system below it is not.
    const stopped = '27 1 179:6 / / rw,relatime - ext4 /dev/mmcblk0p6 ro,errors=remount-ro';
    assert.equal(parseMounts(stopped)[0]?.readOnly, true);
  });

  it('df: what is free, and that vfat has no count of files', () => {
    const text = `Mounted on Type    1B-blocks       Avail   Inodes    IFree
/          ext4 270553174016 72159297536 16777216 16244948
/boot/efi  vfat    535805952   411041792        0        0
`;
    assert.deepEqual(parseDf(text), [
      {
        target: '/',
        kind: 'ext4',
        size: 270553174016,
        free: 72159297536,
        files: 16777216,
        filesFree: 16244948,
      },
      {
        target: '/boot/efi',
        kind: 'vfat',
        size: 535805952,
        free: 411041792,
        files: undefined,
        filesFree: undefined,
      },
    ]);
  });

  it('iproute2: addresses, gateways and what the kernel knows of them', () => {
    const shown = parseAddresses(samples.IP_ADDRESSES).filter(({ scope }) => scope === 'global');
    assert.deepEqual(shown, [{ link: 'eth0', address: '192.0.2.2/24', scope: 'global', family: 'inet' }]);
    assert.deepEqual(parseGateways(samples.IP_ROUTES), [{ address: '192.0.2.1', link: 'eth0' }]);
    assert.equal(neighbourState(samples.IP_NEIGHBOURS, '192.0.2.1'), 'STALE');
    assert.equal(neighbourState(samples.IP_NEIGHBOURS, '192.0.2.9'), undefined);
    assert.deepEqual(
      parseAddresses(
        '[{"ifname":"eth0","addr_info":[{"local":"169.254.7.7","prefixlen":16,"scope":"global"}]}]',
      )[0]?.scope,
      'link',
    );
  });

  it('resolvectl, resolv.conf and the signal of Wi-Fi', () => {
    assert.deepEqual(parseResolve('Global:\nLink 2 (enp1s0): 192.168.1.1 fd00::1\nLink 3 (wlan0): yes\n'), [
      { link: '', values: [] },
      { link: 'enp1s0', values: ['192.168.1.1', 'fd00::1'] },
      { link: 'wlan0', values: ['yes'] },
    ]);
    assert.deepEqual(parseResolvConf('# x\nnameserver 10.0.0.1\nsearch lan\nnameserver ::1\n'), [
      '10.0.0.1',
      '::1',
    ]);
    assert.deepEqual([...parseWireless(samples.WIRELESS)], [['wlan0', -56]]);
  });

  it('Walleye’s log: warnings and worse, and what Node.js says when it dies', () => {
    const text = [
      '{"level":"info","time":"2026-11-20T07:12:03.000Z","component":"daemon","msg":"listening"}',
      '{"level":"warn","time":"2026-11-20T07:13:03.000Z","component":"camera","camera":"gate","msg":"no answer"}',
      '{"level":"fatal","time":"2026-11-20T07:14:03.000Z","err":{"message":"EIO"},"msg":"the database does not answer"}',
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      '----- Native stack trace -----',
      '{"level":"warn","time":"2026-1',
    ].join('\n');
    assert.deepEqual(
      warningsOf(text).map(({ level, text: words }) => [level, words]),
      [
        ['warn', 'camera: no answer camera=gate'],
        ['error', 'walleye: the database does not answer: EIO'],
        ['error', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
      ],
    );
  });
});

describe('a log that says the same again and again', () => {
  it('is told once, with how often and when last; an error’s words are not told twice', () => {
    const line = (time: string, msg: string) =>
      JSON.stringify({ level: 'error', time, component: 'daemon', msg, err: { message: `${msg}: EACCES` } });
    const lines = warningsOf([line('1', 'no port'), line('2', 'other'), line('3', 'no port')].join('\n'));
    assert.deepEqual(gathered(lines), [
      { time: '2', level: 'error', text: 'daemon: other: EACCES', count: 1 },
      { time: '3', level: 'error', text: 'daemon: no port: EACCES', count: 2 },
    ]);
  });
});

describe('every parser', () => {
  const parsers: Record<string, (text: string) => unknown> = {
    parseSmart,
    parseEmmcLife: (text) => parseEmmcLife(text, text),
    parseVainfo,
    complaintsOf,
    parseTimesync,
    parseSpan,
    parsePressure,
    parseUnits,
    parseProperties,
    parseCounts,
    parseMounts,
    parseDf,
    parseAddresses,
    parseGateways,
    neighbourState: (text) => neighbourState(text, '192.0.2.1'),
    parseResolve,
    parseResolvConf,
    parseWireless,
    warningsOf,
    clean,
  };
  const texts = Object.values(samples);
  const damaged = fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(40), fc.string({ unit: 'binary' }))
    .map(([text, at, cut, by]) => {
      const from = at % text.length;
      return text.slice(0, from) + by + text.slice(from + cut);
    });
  const json = fc.json().map((text) => text);
  for (const [name, parse] of Object.entries(parsers))
    it(`${name} takes anything`, () => {
      fc.assert(
        fc.property(fc.oneof(damaged, json, fc.string({ unit: 'binary' })), (text) => void parse(text)),
        { numRuns: 150 },
      );
    });
});
