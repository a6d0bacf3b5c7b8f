/**
 * An appliance of the first kind that Walleye was made for, and well: Atom E3845, 4 GB, 32 GB of eMMC, i965, a screen on HDMI,
 * nine cameras. Numbers as such boxes have them; IMAGE.md §1.3 has the partitions.
 */
import type { Camera, ScreenState, StreamStatus, StreamSummary, System } from '../../../daemon/schema.ts';
import type { OpenDaemon } from '../../../daemon/system/doctor/daemonView.ts';
import type { BoxPlan } from './box.ts';
import { KERNEL_QUIET, TIMESYNC, UNITS, VAINFO_BAY_TRAIL } from './samples.ts';

/** 2026-11-20 08:00:00 UTC */
export const NOW = 1_795_161_600;
const MMC = '/sys/devices/pci0000:00/0000:00:17.0/mmc_host/mmc0/mmc0:0001';
const GPU = '/sys/devices/pci0000:00/0000:00:02.0';
const NET = '/sys/class/net/enp2s0';
export const GROUP = '/sys/fs/cgroup/system.slice/walleye.service';
const MIB = 2 ** 20;

function partition(number: number, label: string, sectors: number): BoxPlan['files'] {
  const name = `mmcblk0p${number}`;
  const uevent = `MAJOR=179\nMINOR=${number}\nDEVNAME=${name}\nDEVTYPE=partition\nPARTN=${number}\nPARTNAME=${label}\n`;
  return {
    [`/sys/block/mmcblk0/${name}/size`]: `${sectors}\n`,
    [`/sys/class/block/${name}/uevent`]: uevent,
  };
}

function cpuinfo(): string {
  const one = (number: number) => `processor\t: ${number}
vendor_id\t: GenuineIntel
model name\t: Intel(R) Atom(TM) CPU  E3845  @ 1.91GHz
microcode\t: 0x90d
flags\t\t: fpu vme de pse tsc msr ssse3 sse4_1 sse4_2 movbe popcnt aes vmx\n`;
  return [0, 1, 2, 3].map(one).join('\n');
}

const show =
  '--property=Id,LoadState,ActiveState,SubState,Result,NRestarts,StatusText,ControlGroup,UnitFileState,StateChangeTimestamp --no-pager';
export const UNIT_ARGS = `show walleye.service walleye-kiosk.service ${show}`;
export const FAILED_ARGS = '--failed --plain --no-legend --no-pager --full';
export const WATCHDOG_ARGS = 'show --property=RuntimeWatchdogUSec,WatchdogDevice --no-pager';
export const KERNEL_ARGS = '-k -b -o cat -n 20000 --no-pager -q';
export const LOG_ARGS = '-u walleye -o cat -n 3000 --no-pager -q';
export const CONFLICT_ARGS = '-b -u systemd-networkd -g address conflict -o cat -n 100 --no-pager -q';
export const DF_ARGS = '--output=target,fstype,size,avail,itotal,iavail --block-size=1 /var /efi';

/** What its systemctl and journalctl say, to change one answer of many. */
export const SYSTEMCTL = {
  [UNIT_ARGS]: UNITS,
  [FAILED_ARGS]: '',
  [WATCHDOG_ARGS]: 'RuntimeWatchdogUSec=30s\nWatchdogDevice=/dev/watchdog0\n',
};
export const JOURNALCTL = {
  [KERNEL_ARGS]: KERNEL_QUIET,
  [LOG_ARGS]: '{"level":"info","time":"2026-11-20T07:12:03.000Z","component":"daemon","msg":"listening"}\n',
  [CONFLICT_ARGS]: { status: 1 },
};
export const TIMEDATECTL = {
  'show --no-pager': `Timezone=Asia/Taipei
LocalRTC=no
CanNTP=yes
NTP=yes
NTPSynchronized=yes
TimeUSec=Fri 2026-11-20 16:00:00 CST
RTCTimeUSec=Fri 2026-11-20 16:00:00 CST
`,
  'timesync-status --no-pager': TIMESYNC,
};
export const MOUNTINFO = `27 1 179:6 / / rw,noatime - ext4 /dev/mmcblk0p6 rw,commit=30
30 27 253:0 / /usr ro,relatime - erofs /dev/mapper/usr ro
31 27 0:30 / /etc rw - overlay etc rw,lowerdir=/usr/share/factory/etc
33 27 179:1 / /efi rw - vfat /dev/mmcblk0p1 rw
`;

export const BAY_TRAIL: BoxPlan = {
  now: NOW,
  files: {
    '/etc/os-release': `PRETTY_NAME="Walleye on Debian 13"
NAME="Debian GNU/Linux"
VERSION_ID="13"
IMAGE_ID=walleye
IMAGE_VERSION=0.1.0
`,
    '/proc/uptime': '74877.31 280000.11\n',
    '/proc/self/mountinfo': MOUNTINFO,
    '/proc/sys/kernel/hostname': 'walleye-7f3a\n',
    '/proc/sys/kernel/osrelease': '6.12.57+deb13-amd64\n',
    '/proc/sys/kernel/tainted': '0\n',
    '/proc/cpuinfo': cpuinfo(),
    '/proc/loadavg': '1.02 0.98 0.91 2/311 4711\n',
    '/proc/meminfo':
      'MemTotal:        3955772 kB\nMemFree:          901224 kB\nMemAvailable:    2101220 kB\nSwapTotal:       1977880 kB\nSwapFree:        1960000 kB\n',
    '/proc/pressure/cpu':
      'some avg10=3.10 avg60=2.80 avg300=2.71 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
    '/proc/pressure/memory':
      'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
    '/proc/pressure/io':
      'some avg10=0.20 avg60=0.10 avg300=0.10 total=1\nfull avg10=0.10 avg60=0.05 avg300=0.05 total=1\n',
    '/var/lib/walleye-update/state.json': JSON.stringify({
      version: '0.1.0',
      state: 'idle',
      available: null,
      checked: NOW - 3600,
      target: null,
      progress: null,
      message: null,
      source: 'https://updates.example/walleye',
      rolled_back: null,
    }),

    // ── firmware ──
    '/sys/firmware/efi/fw_platform_size': '64\n',
    '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c':
      '\u0006\u0000\u0000\u0000\u0000',
    '/sys/class/dmi/id/sys_vendor': 'AXIOMTEK\n',
    '/sys/class/dmi/id/product_name': 'tBOX810-838-FL\n',
    '/sys/class/dmi/id/product_version': 'To be filled by O.E.M.\n',
    '/sys/class/dmi/id/board_name': 'tBOX810\n',
    '/sys/class/dmi/id/bios_vendor': 'American Megatrends Inc.\n',
    '/sys/class/dmi/id/bios_version': 'X.004\n',
    '/sys/class/dmi/id/bios_date': '06/14/2018\n',
    '/sys/class/watchdog/watchdog0/identity': 'iTCO_wdt\n',
    '/sys/class/watchdog/watchdog0/timeout': '30\n',
    '/sys/class/watchdog/watchdog0/state': 'active\n',
    '/sys/class/watchdog/watchdog0/bootstatus': '0\n',

    // ── GPU: Bay Trail’s PCI id, IMAGE.md §5 ──
    '/sys/bus/pci/devices/0000:00:02.0': { link: '../../../devices/pci0000:00/0000:00:02.0' },
    [`${GPU}/class`]: '0x030000\n',
    [`${GPU}/vendor`]: '0x8086\n',
    [`${GPU}/device`]: '0x0f31\n',
    [`${GPU}/driver`]: { link: '../../../bus/pci/drivers/i915' },
    '/sys/bus/pci/devices/0000:00:17.0/class': '0x080501\n',
    '/dev/dri/card0': '',
    '/dev/dri/renderD128': '',
    '/sys/class/drm/renderD128/device': { link: '../../../devices/pci0000:00/0000:00:02.0' },
    '/sys/class/drm/card0-HDMI-A-1/status': 'connected\n',
    '/sys/class/drm/card0-HDMI-A-1/enabled': 'enabled\n',
    '/sys/class/drm/card0-HDMI-A-1/dpms': 'On\n',
    '/sys/class/drm/card0-HDMI-A-1/modes': '1920x1080\n1920x1080\n1680x1050\n1280x720\n640x480\n',
    '/sys/class/drm/card0-DP-1/status': 'disconnected\n',
    '/sys/class/drm/card0-VGA-1/status': 'disconnected\n',

    // ── disk ──
    '/sys/block/mmcblk0/size': '61071360\n',
    '/sys/block/mmcblk0/removable': '0\n',
    '/sys/block/mmcblk0/device': { link: `../../..${MMC}` },
    [`${MMC}/name`]: 'MMC32G\n',
    [`${MMC}/life_time`]: '0x01 0x02\n',
    [`${MMC}/pre_eol_info`]: '0x01\n',
    ...partition(1, 'esp', 1_048_576),
    ...partition(2, 'walleye_0.1.0_verity', 131_072),
    ...partition(3, 'walleye_0.1.0', 4_194_304),
    ...partition(4, '_empty', 131_072),
    ...partition(5, '_empty', 4_194_304),
    ...partition(6, 'walleye-root', 51_000_000),
    '/sys/dev/block/253:0/slaves/mmcblk0p2': '',
    '/sys/dev/block/253:0/slaves/mmcblk0p3': '',
    '/sys/fs/ext4/features/lazy_itable_init': 'supported\n',
    '/sys/fs/ext4/mmcblk0p6/errors_count': '0\n',
    '/sys/block/zram0/disksize': '2025349120\n',
    '/sys/block/zram0/mm_stat': '18308710 4200448 5505024 0 5505024 12 0 0 0\n',
    '/sys/block/loop0/size': '0\n',

    // ── heat: coretemp of Bay Trail is critical at 110 °C ──
    '/sys/class/hwmon/hwmon0/name': 'coretemp\n',
    '/sys/class/hwmon/hwmon0/temp2_input': '54000\n',
    '/sys/class/hwmon/hwmon0/temp2_label': 'Core 0\n',
    '/sys/class/hwmon/hwmon0/temp2_crit': '110000\n',
    '/sys/class/thermal/thermal_zone0/type': 'soc_dts0\n',
    '/sys/class/thermal/thermal_zone0/temp': '51000\n',
    '/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count': '0\n',
    '/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count': '0\n',

    // ── memory of the unit ──
    [`${GROUP}/memory.current`]: `${640 * MIB}\n`,
    [`${GROUP}/memory.max`]: `${2317 * MIB}\n`,
    [`${GROUP}/memory.high`]: `${1931 * MIB}\n`,
    [`${GROUP}/memory.peak`]: `${803 * MIB}\n`,
    [`${GROUP}/memory.events`]: 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n',
    [`${GROUP}/decoders/memory.current`]: `${270 * MIB}\n`,
    [`${GROUP}/decoders/memory.max`]: `${1738 * MIB}\n`,
    [`${GROUP}/decoders/memory.high`]: `${1448 * MIB}\n`,
    [`${GROUP}/decoders/memory.events`]: 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n',

    // ── network ──
    [`${NET}/operstate`]: 'up\n',
    [`${NET}/carrier`]: '1\n',
    [`${NET}/speed`]: '1000\n',
    [`${NET}/duplex`]: 'full\n',
    [`${NET}/carrier_changes`]: '2\n',
    [`${NET}/device/uevent`]: 'DRIVER=igb\n',
    [`${NET}/statistics/rx_packets`]: '91823411\n',
    [`${NET}/statistics/tx_packets`]: '41822312\n',
    [`${NET}/statistics/rx_errors`]: '0\n',
    [`${NET}/statistics/tx_errors`]: '0\n',
    [`${NET}/statistics/rx_dropped`]: '12\n',
    '/sys/class/net/lo/operstate': 'unknown\n',

    // ── time ──
    '/sys/class/rtc/rtc0/since_epoch': `${NOW}\n`,
  },
  programs: {
    '/usr/bin/systemctl': SYSTEMCTL,
    '/usr/bin/journalctl': JOURNALCTL,
    '/usr/lib/systemd/systemd-bless-boot': { status: 'good\n' },
    '/usr/bin/systemd-detect-virt': { '': { out: 'none\n', status: 1 } },
    '/usr/bin/lspci': {
      '-Dmm':
        '0000:00:00.0 "Host bridge" "Intel Corporation" "Atom Processor Z36xxx/Z37xxx Series SoC Transaction Register" -r11 "" ""\n0000:00:02.0 "VGA compatible controller" "Intel Corporation" "Atom Processor Z36xxx/Z37xxx Series Graphics & Display" -r11 "" ""\n',
    },
    '/usr/bin/vainfo': { '--display drm --device /dev/dri/renderD128': VAINFO_BAY_TRAIL },
    '/usr/bin/df': {
      [DF_ARGS]: `Mounted on Type   1B-blocks       Avail  Inodes   IFree
/          ext4 25600000000 21000000000 1600000 1520000
/efi       vfat   535805952   301042688       0       0
`,
    },
    '/usr/bin/ip': {
      '-j addr':
        '[{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host"}]},{"ifname":"enp2s0","addr_info":[{"family":"inet","local":"192.168.1.20","prefixlen":24,"scope":"global"}]}]',
      '-j route show default': '[{"dst":"default","gateway":"192.168.1.1","dev":"enp2s0","flags":[]}]',
      '-j neigh': '[{"dst":"192.168.1.1","dev":"enp2s0","lladdr":"02:00:00:00:00:01","state":["REACHABLE"]}]',
    },
    '/usr/bin/resolvectl': {
      '--no-pager dns': 'Global:\nLink 2 (enp2s0): 192.168.1.1\n',
      '--no-pager mdns': 'Global: yes\nLink 2 (enp2s0): yes\n',
    },
    '/usr/bin/timedatectl': TIMEDATECTL,
  },
};

const summary = (name: string): StreamSummary => ({
  name,
  connected: true,
  playing: true,
  packets_received: 1000,
  frames_received: 100,
  bytes_received: 1e6,
  camera: name.replace(/_.*/, ''),
  profile: 'sub',
  state: 'live',
  enabled: true,
});

/** As the API tells of a stream; what no line shows is left as it is. */
export function stream(name: string, changes: Partial<StreamStatus>): StreamStatus {
  return {
    ...summary(name),
    last_frame_time: NOW,
    rtsp_url: 'rtsp://192.168.1.64/Streaming/Channels/102',
    rtsp_path: `/${name}`,
    channel: null,
    subtype: null,
    keep_warm: false,
    transport: 'auto',
    transport_in_use: 'tcp',
    codec: 'h264',
    codec_string: null,
    width: 640,
    height: 360,
    fps: 15,
    key_frame_interval: 1,
    packets_lost: 0,
    packets_reordered: 0,
    degraded: null,
    frames_dropped: 0,
    connects: 1,
    viewers: 1,
    video_viewers: 0,
    renditions: [],
    last_error: null,
    ...changes,
  };
}

/** Nine tiles, all with a picture. @param age seconds since it last spoke */
export function screen(number: number, age: number, changes: Partial<ScreenState> = {}): ScreenState {
  return {
    screen: number,
    heartbeat: NOW - age,
    tiles: 9,
    painting: 9,
    dark: false,
    turned: null,
    ...changes,
  };
}

export const SYSTEM: System = {
  version: '0.1.0',
  node: 'v24.11.1',
  hostname: 'walleye-7f3a',
  rtsp_port: 8554,
  addresses: [],
  uptime: 74_000,
  load: [1, 1, 1],
  memory: { rss: 200 * MIB, total: 4e9, free: 1e9 },
  ffmpeg: { path: '/usr/bin/ffmpeg', version: '7.1.3', source: 'system', hwaccels: ['vaapi'], warning: null },
  decode: {
    chosen: 'vaapi',
    reason: 'the first of vaapi, qsv, v4l2m2m, cuda that passed its self-test (/dev/dri/renderD128)',
    candidates: [
      {
        hwaccel: 'vaapi',
        device: '/dev/dri/renderD128',
        listed: true,
        works: true,
        reason: 'i965 driver: decoded the test clip to the right pixels',
      },
      {
        hwaccel: 'software',
        device: null,
        listed: true,
        works: true,
        reason: 'decoded the test clip to the right pixels',
      },
    ],
    fallbacks: 0,
    stepped_down: null,
  },
  sandbox: { kind: 'landlock', network: true, files: true, warning: null },
  disk: null,
  cpus: 4,
  model: 'Intel(R) Atom(TM) CPU  E3845  @ 1.91GHz',
  time: NOW,
  recovered: null,
  screen: { heartbeat: NOW - 3, tiles: 9, painting: 9 },
  screens: [screen(1, 3)],
  streams: { total: 9, live: 9, viewers: 9, renditions: 9 },
};

export const DAEMON: OpenDaemon = {
  state: 'open',
  health: { status: 'ok', message: 'Walleye is running: 9 streams, 9 of them live', version: '0.1.0' },
  system: SYSTEM,
  cameras: Array.from({ length: 9 }, (_none, index) => ({ id: `cam${index}` }) as Camera),
  streams: Array.from({ length: 9 }, (_none, index) => summary(`cam${index}_sub`)),
  troubled: [],
  advice: [],
  warnings: [],
};
