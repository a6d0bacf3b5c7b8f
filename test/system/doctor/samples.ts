/** What machines said, retyped as far as it matters. Whose words they are stands at each; some are only in the form of the source that writes them. */

/** smartctl 7.1 -j -i -H -A, Intel SSDSCKJB240G7R (M.2, S3520), 21213 hours: smartctl_exporter’s testdata, shortened. */
export const SMART_SATA = JSON.stringify({
  ata_smart_attributes: {
    revision: 1,
    table: [
      attribute(1, 'Raw_Read_Error_Rate', 130, 4294967295),
      attribute(5, 'Reallocated_Sector_Ct', 100, 0),
      attribute(9, 'Power_On_Hours', 100, 21213),
      attribute(197, 'Current_Pending_Sector', 100, 0),
      attribute(198, 'Offline_Uncorrectable', 100, 0),
      {
        ...attribute(201, 'Power_Loss_Cap_Test', 100, 1331519965652),
        raw: { string: '18900 (310 1222)', value: 1331519965652 },
      },
      attribute(202, 'End_of_Life', 100, 0),
      attribute(233, 'Total_LBAs_Written', 100, 129493),
      attribute(245, 'Percent_Life_Remaining', 100, 100),
    ],
  },
  device: { info_name: '/dev/sdm [SAT]', name: '/dev/sdm', protocol: 'ATA', type: 'sat' },
  model_name: 'SSDSCKJB240G7R',
  power_on_time: { hours: 21213 },
  rotation_rate: 0,
  smart_status: { passed: true },
  smartctl: { exit_status: 0, version: [7, 1] },
  temperature: { current: 47 },
  user_capacity: { blocks: 468862128, bytes: 240057409536 },
});

/** smartctl 7.3, Crucial CT250P2SSD8 (NVMe), 10147 hours: the same testdata, shortened. */
export const SMART_NVME = JSON.stringify({
  device: { name: '/dev/nvme0', protocol: 'NVMe', type: 'nvme' },
  model_name: 'CT250P2SSD8',
  nvme_smart_health_information_log: {
    available_spare: 100,
    available_spare_threshold: 5,
    critical_warning: 0,
    data_units_written: 1002900,
    media_errors: 0,
    num_err_log_entries: 1,
    percentage_used: 0,
    power_cycles: 8,
    power_on_hours: 10147,
    temperature: 26,
    unsafe_shutdowns: 5,
    warning_temp_time: 0,
  },
  power_on_time: { hours: 10147 },
  smart_status: { nvme: { value: 0 }, passed: true },
  smartctl: { exit_status: 0, version: [7, 3] },
  temperature: { current: 26 },
});

/** smartctl 7.4 of Debian 13 on a virtio disk. It ends with 1. */
export const SMART_VIRTUAL = JSON.stringify({
  json_format_version: [1, 0],
  smartctl: {
    version: [7, 4],
    argv: ['smartctl', '-j', '-H', '-A', '-i', '/dev/vda'],
    messages: [{ string: '/dev/vda: Unable to detect device type', severity: 'error' }],
    exit_status: 1,
  },
});

function attribute(id: number, name: string, value: number, raw: number) {
  return {
    id,
    name,
    value,
    worst: value,
    thresh: 0,
    when_failed: '',
    raw: { string: String(raw), value: raw },
  };
}

/** A Bay Trail tablet with i965-va-driver 2.4.1, which Debian 13 has too. vainfo 2.7. */
export const VAINFO_BAY_TRAIL = `vainfo: VA-API version: 1.7 (libva 2.7.0.pre1)
vainfo: Driver version: Intel i965 driver for Intel(R) Bay Trail - 2.4.1
vainfo: Supported profile and entrypoints
      VAProfileMPEG2Simple            : VAEntrypointVLD
      VAProfileMPEG2Simple            : VAEntrypointEncSlice
      VAProfileMPEG2Main              : VAEntrypointVLD
      VAProfileMPEG2Main              : VAEntrypointEncSlice
      VAProfileH264ConstrainedBaseline: VAEntrypointVLD
      VAProfileH264ConstrainedBaseline: VAEntrypointEncSlice
      VAProfileH264Main               : VAEntrypointVLD
      VAProfileH264Main               : VAEntrypointEncSlice
      VAProfileH264High               : VAEntrypointVLD
      VAProfileH264High               : VAEntrypointEncSlice
      VAProfileH264StereoHigh         : VAEntrypointVLD
      VAProfileVC1Simple              : VAEntrypointVLD
      VAProfileVC1Main                : VAEntrypointVLD
      VAProfileVC1Advanced            : VAEntrypointVLD
      VAProfileNone                   : VAEntrypointVideoProc
      VAProfileJPEGBaseline           : VAEntrypointVLD
`;

/** timedatectl timesync-status of systemd 257, Debian. */
export const TIMESYNC = `       Server: 162.159.200.1 (time.cloudflare.com)
Poll interval: 34min 8s (min: 32s; max 34min 8s)
         Leap: normal
      Version: 4
      Stratum: 3
    Reference: A29FC87B
    Precision: 1us (-20)
Root distance: 12.345ms (max: 5s)
       Offset: +291us
        Delay: 11.204ms
       Jitter: 1.417ms
 Packet count: 9
    Frequency: -13.483ppm
`;

/** A laptop of 2017 (Ivy Bridge), an E431, and one of 2022 with a newer i915: forum posts and a kernel mailing list. */
export const KERNEL_GPU_HANG = [
  '[667904.231505] [drm] stuck on render ring',
  '[667904.232297] [drm] GPU HANG: ecode 7:0:0x85df3c1c, in Xorg [19819], reason: Ring hung, action: reset',
  '[667904.234413] drm/i915: Resetting chip after gpu hang',
  'i915 0000:00:02.0: [drm] GPU HANG: ecode 7:1:01fffbfe, in Xorg [5337]',
  'i915 0000:00:02.0: [drm] Resetting rcs0 for stopped heartbeat on rcs0',
].join('\n');

/** In the form of mm/oom_kill.c, with numbers of a decoder of ours; not captured. */
export const KERNEL_OOM = [
  'ffmpeg invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=700',
  'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/walleye.service/decoders,task=ffmpeg,pid=4711,uid=61234',
  'Memory cgroup out of memory: Killed process 4711 (ffmpeg) total-vm:812340kB, anon-rss:401220kB, file-rss:21344kB, shmem-rss:0kB, UID:61234 pgtables:1240kB oom_score_adj:700',
].join('\n');

/** No fault: the `traps` line is of the machine that this was written on, the others are in the form of drivers at a start. */
export const KERNEL_QUIET = [
  'Linux version 6.12.57+deb13-amd64 (debian-kernel@lists.debian.org)',
  'traps: perl[2024] general protection fault ip:7f61fb9c850f sp:7ffc97cba3e0 error:0 in libc.so.6[2650f,7f61fb9c8000+156000]',
  'mmc0: new HS200 MMC card at address 0001',
  'mmcblk0: mmc0:0001 MMC32G 29.1 GiB',
  'EXT4-fs (mmcblk0p6): mounted filesystem r/w with ordered data mode. Quota mode: none.',
  'I/O error, dev loop0, sector 0 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 0',
  'i915 0000:00:02.0: [drm] Found valleyview (device ID 0f31) integrated display version 7.00 stepping N/A',
].join('\n');

/** /proc/pressure/io of the machine that this was written on. */
export const PRESSURE_IO = `some avg10=1.20 avg60=0.42 avg300=0.28 total=273038990
full avg10=0.76 avg60=0.28 avg300=0.18 total=153952628
`;

/** `ip -j addr`, `ip -j route show default` and `ip -j neigh` of the same, shortened. */
export const IP_ADDRESSES = JSON.stringify([
  {
    ifindex: 1,
    ifname: 'lo',
    flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
    addr_info: [
      { family: 'inet', local: '127.0.0.1', prefixlen: 8, scope: 'host', label: 'lo' },
      { family: 'inet6', local: '::1', prefixlen: 128, scope: 'host' },
    ],
  },
  { ifindex: 2, ifname: 'ifb0', flags: ['BROADCAST', 'NOARP'], addr_info: [] },
  {
    ifindex: 4,
    ifname: 'eth0',
    addr_info: [
      { family: 'inet', local: '192.0.2.2', prefixlen: 24, scope: 'global', label: 'eth0' },
      { family: 'inet6', local: 'fe80::fc:ff:fe00:5', prefixlen: 64, scope: 'link' },
    ],
  },
]);
export const IP_ROUTES = '[{"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]}]';
export const IP_NEIGHBOURS =
  '[{"dst":"192.0.2.1","dev":"eth0","lladdr":"02:fc:00:00:00:05","state":["STALE"]},{"dst":"fd00::1","dev":"eth0","state":["FAILED"]}]';

/** In the form of net/wireless/wext-proc.c; not captured. */
export const WIRELESS = `Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
wlan0: 0000   54.  -56.  -256        0      0      0      0     12        0
`;

/** systemctl show of two units, as systemd 257 of the image answers it; two blocks. The status text is made up. */
export const UNITS = `Id=walleye.service
LoadState=loaded
ActiveState=active
SubState=running
Result=success
NRestarts=0
StatusText=9 cameras, 9 live
ControlGroup=/system.slice/walleye.service
UnitFileState=enabled
StateChangeTimestamp=Fri 2026-11-20 07:12:03 UTC

Id=walleye-kiosk.service
LoadState=loaded
ActiveState=active
SubState=running
Result=success
NRestarts=0
StatusText=
ControlGroup=/system.slice/walleye-kiosk.service
UnitFileState=enabled
StateChangeTimestamp=Fri 2026-11-20 07:12:09 UTC
`;

/** The first two of the machine that this was written on, then the image’s /usr, then a stick in the same form. */
export const MOUNTS = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 27 253:0 / /usr ro,relatime - erofs /dev/mapper/usr ro,user_xattr,acl,cache_strategy=readaround
31 27 0:25 / /mnt/a\\040stick rw - vfat /dev/sdb1 rw,errors=remount-ro
`;
