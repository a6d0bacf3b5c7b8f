/** The Bay Trail box with one fault each: the page tells that fault and nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DoctorMark } from '../../../daemon/schema.ts';
import {
  BAY_TRAIL,
  CONFLICT_ARGS,
  DF_ARGS,
  FAILED_ARGS,
  GROUP,
  JOURNALCTL,
  KERNEL_ARGS,
  MOUNTINFO,
  NOW,
  SYSTEMCTL,
  TIMEDATECTL,
  UNIT_ARGS,
} from './bayTrail.ts';
import { type BoxPlan, changed } from './box.ts';
import { lineOf, pageOf, troubles } from './page.ts';
import { KERNEL_GPU_HANG, KERNEL_OOM, UNITS } from './samples.ts';

describe('a box with a fault tells that and nothing else:', () => {
  const MMC = '/sys/devices/pci0000:00/0000:00:17.0/mmc_host/mmc0/mmc0:0001';
  const NET = '/sys/class/net/enp2s0';
  const state = (changes: object) => ({
    '/var/lib/walleye-update/state.json': JSON.stringify({
      ...JSON.parse(BAY_TRAIL.files['/var/lib/walleye-update/state.json'] as string),
      ...changes,
    }),
  });
  const rolledBack = {
    version: '0.2.0',
    reason: 'the screen showed nothing within 300 s',
    at: NOW - 7200,
  };
  const journal = (kernel: string) => ({ '/usr/bin/journalctl': { ...JOURNALCTL, [KERNEL_ARGS]: kernel } });
  const faults: [what: string, changes: Partial<BoxPlan>, marks: Record<string, DoctorMark>][] = [
    [
      'eMMC past its life',
      { files: { [`${MMC}/life_time`]: '0x0b 0x02' } },
      { 'disk.wear.mmcblk0': 'wrong' },
    ],
    [
      'eMMC in its last tenths',
      { files: { [`${MMC}/life_time`]: '0x09 0x02' } },
      { 'disk.wear.mmcblk0': 'look' },
    ],
    [
      'eMMC without spare blocks',
      { files: { [`${MMC}/pre_eol_info`]: '0x03' } },
      { 'disk.wear.mmcblk0': 'wrong' },
    ],
    [
      'a root that ext4 made read-only',
      {
        files: {
          '/proc/self/mountinfo': MOUNTINFO.replace('mmcblk0p6 rw,', 'mmcblk0p6 ro,'),
          '/sys/fs/ext4/mmcblk0p6/errors_count': '3\n',
          '/sys/fs/ext4/mmcblk0p6/last_error_time': `${NOW - 60}\n`,
          '/sys/fs/ext4/mmcblk0p6/last_error_func': 'ext4_find_entry\n',
        },
        programs: journal('EXT4-fs (mmcblk0p6): Remounting filesystem read-only'),
      },
      { 'disk.writable': 'wrong', 'disk.ext4.mmcblk0p6': 'wrong', 'disk.kernel_log.file_system': 'wrong' },
    ],
    [
      'a full disk',
      {
        programs: {
          '/usr/bin/df': { [DF_ARGS]: 'Mounted on\n/ ext4 25600000000 40000000 1600000 1520000\n' },
        },
      },
      { 'disk.space.var': 'wrong' },
    ],
    [
      'a disk without room for more files',
      {
        programs: {
          '/usr/bin/df': { [DF_ARGS]: 'Mounted on\n/ ext4 25600000000 21000000000 1600000 100\n' },
        },
      },
      { 'disk.space.var': 'wrong' },
    ],
    [
      'a clock that nobody sets',
      {
        programs: {
          '/usr/bin/timedatectl': {
            ...TIMEDATECTL,
            'show --no-pager': 'Timezone=UTC\nNTP=yes\nNTPSynchronized=no\n',
            'timesync-status --no-pager': 'Server: n/a (ntp.example)\n Packet count: 0\n',
          },
        },
      },
      { 'time.synchronised': 'wrong' },
    ],
    [
      'a clock that nobody may set',
      {
        programs: {
          '/usr/bin/timedatectl': { 'show --no-pager': 'Timezone=UTC\nNTP=no\nNTPSynchronized=no\n' },
        },
      },
      { 'time.synchronised': 'look' },
    ],
    [
      'an empty battery',
      { files: { '/sys/class/rtc/rtc0/since_epoch': '1420070400' } },
      { 'time.rtc': 'look' },
    ],
    [
      'a hot processor',
      { files: { '/sys/class/hwmon/hwmon0/temp2_input': '106000\n' } },
      { 'heat.hwmon0.temp2': 'wrong' },
    ],
    [
      'a warm one',
      { files: { '/sys/class/hwmon/hwmon0/temp2_input': '96000\n' } },
      { 'heat.hwmon0.temp2': 'look' },
    ],
    [
      'a processor that was slowed down by heat',
      { files: { '/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count': '41\n' } },
      { 'heat.throttled': 'look' },
    ],
    [
      'no watchdog',
      {
        files: Object.fromEntries(
          ['identity', 'timeout', 'state', 'bootstatus'].map((file) => [
            `/sys/class/watchdog/watchdog0/${file}`,
            null,
          ]),
        ),
      },
      { 'firmware.watchdog': 'look' },
    ],
    [
      'a watchdog that had to bite',
      { files: { '/sys/class/watchdog/watchdog0/bootstatus': '32\n' } },
      { 'firmware.watchdog.reset': 'look' },
    ],
    [
      'a failed unit',
      {
        programs: {
          '/usr/bin/systemctl': {
            ...SYSTEMCTL,
            [FAILED_ARGS]: 'systemd-networkd.service loaded failed failed Network Configuration\n',
          },
        },
      },
      { 'walleye.failed_units': 'wrong' },
    ],
    [
      'a screen that dies again and again',
      {
        programs: {
          '/usr/bin/systemctl': {
            ...SYSTEMCTL,
            [UNIT_ARGS]: UNITS.replace(
              /(kiosk[\s\S]*)ActiveState=active\nSubState=running\nResult=success\nNRestarts=0/,
              '$1ActiveState=failed\nSubState=failed\nResult=signal\nNRestarts=14',
            ),
          },
        },
      },
      { 'walleye.kiosk.unit': 'wrong', 'walleye.kiosk.restarts': 'wrong' },
    ],
    [
      'an update that was given up',
      { files: state({ rolled_back: rolledBack }) },
      { 'walleye.rolled_back': 'wrong' },
    ],
    [
      'an update that failed',
      { files: state({ state: 'failed', message: 'no space' }) },
      { 'walleye.update': 'wrong' },
    ],
    [
      'an update that is being tried',
      { files: state({ state: 'confirming', target: '0.2.0' }) },
      { 'walleye.update': 'look' },
    ],
    [
      'a damaged update state',
      { files: { '/var/lib/walleye-update/state.json': '{"vers' } },
      { 'walleye.update': 'wrong' },
    ],
    [
      'a version on trial',
      { programs: { '/usr/lib/systemd/systemd-bless-boot': { status: 'indeterminate\n' } } },
      { 'walleye.boot': 'look' },
    ],
    [
      'a program ended for want of memory',
      { programs: journal(KERNEL_OOM) },
      { 'firmware.kernel_log.oom': 'wrong' },
    ],
    ['a GPU that hung', { programs: journal(KERNEL_GPU_HANG) }, { 'firmware.kernel_log.gpuHang': 'wrong' }],
    [
      'decoders ended by the kernel',
      { files: { [`${GROUP}/decoders/memory.events`]: 'oom 2\noom_kill 2\n' } },
      { 'walleye.memory.decoders.kills': 'wrong' },
    ],
    [
      'a kernel that crashed',
      { files: { '/proc/sys/kernel/tainted': '128\n' } },
      { 'firmware.taint': 'wrong' },
    ],
    [
      'memory that all wait for',
      {
        files: {
          '/proc/pressure/memory':
            'some avg10=40.00 avg60=40.00 avg300=30.00 total=1\nfull avg10=20.00 avg60=20.00 avg300=12.00 total=1\n',
        },
      },
      { 'memory.pressure.memory': 'wrong' },
    ],
    [
      'a bad cable',
      { files: { [`${NET}/statistics/rx_errors`]: '91823\n' } },
      { 'network.link.enp2s0': 'look' },
    ],
    [
      'no cable',
      { files: { [`${NET}/operstate`]: 'down\n', [`${NET}/carrier`]: null } },
      { 'network.links': 'wrong' },
    ],
    [
      'a gateway that is off',
      {
        programs: {
          '/usr/bin/ip': {
            ...BAY_TRAIL.programs['/usr/bin/ip'],
            '-j neigh': '[{"dst":"192.168.1.1","state":["FAILED"]}]',
          },
        },
      },
      { 'network.gateway.enp2s0': 'wrong' },
    ],
    [
      'no DHCP server',
      {
        programs: {
          '/usr/bin/ip': {
            '-j addr':
              '[{"ifname":"enp2s0","addr_info":[{"family":"inet","local":"169.254.9.9","prefixlen":16,"scope":"link"}]}]',
            '-j route show default': '[]',
            '-j neigh': '[]',
          },
        },
      },
      { 'network.addresses': 'look', 'network.gateway': 'look' },
    ],
    [
      'another device with its address',
      {
        programs: {
          '/usr/bin/journalctl': {
            ...JOURNALCTL,
            [CONFLICT_ARGS]: 'enp2s0: Dropping address 192.168.1.20, as an address conflict was detected.\n',
          },
        },
      },
      { 'network.conflict': 'wrong' },
    ],
    [
      'a GPU without its driver',
      { files: { '/sys/devices/pci0000:00/0000:00:02.0/driver': null } },
      { 'gpu.pci.0000:00:02.0': 'wrong' },
    ],
    [
      'no driver that decodes',
      {
        programs: {
          '/usr/bin/vainfo': {
            '--display drm --device /dev/dri/renderD128': {
              err: 'vaInitialize failed with error code -1 (unknown libva error),exit\n',
              status: 3,
            },
          },
        },
      },
      { 'gpu.render.renderD128': 'look' },
    ],
    [
      'no screen',
      { files: { '/sys/class/drm/card0-HDMI-A-1/status': 'disconnected\n' } },
      { 'gpu.output': 'look' },
    ],
  ];
  for (const [what, changes, marks] of faults)
    it(what, async () => {
      const page = await pageOf(changed(BAY_TRAIL, changes));
      assert.deepEqual(troubles(page), marks);
      for (const id of Object.keys(marks)) assert.ok(lineOf(page, id).advice, `${id} says what to do`);
    });

  it('and says why the update was given up', async () => {
    const page = await pageOf(changed(BAY_TRAIL, { files: state({ rolled_back: rolledBack }) }));
    assert.match(
      lineOf(page, 'walleye.rolled_back').text,
      /^0\.2\.0 was tried .* and given up: the screen showed nothing/,
    );
  });
});
