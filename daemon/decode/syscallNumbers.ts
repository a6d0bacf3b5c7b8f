/** A system call’s number on [x86-64, arm64]; null: that machine has no such call. */
type Numbers = readonly [x64: number | null, arm64: number | null];

/**
 * What no decoder needs, by the reason why it is refused.
 *
 * Numbers: Linux 6.12, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (which arm64 uses). They
 * never change; new calls get new numbers, and those are refused as a whole (see decoderFilter.ts).
 */
export const REFUSED: Readonly<Record<string, Readonly<Record<string, Numbers>>>> = {
  /** Pictures and video go through pipes that are there already. Their ends are sockets, so what only sockets can do is refused too. */
  network: {
    socket: [41, 198],
    socketpair: [53, 199],
    connect: [42, 203],
    accept: [43, 202],
    accept4: [288, 242],
    bind: [49, 200],
    listen: [50, 201],
    sendto: [44, 206],
    recvfrom: [45, 207],
    sendmsg: [46, 211],
    recvmsg: [47, 212],
    sendmmsg: [307, 269],
    recvmmsg: [299, 243],
    setsockopt: [54, 208],
    getsockopt: [55, 209],
    getsockname: [51, 204],
    getpeername: [52, 205],
    shutdown: [48, 210],
  },
  /**
   * The daemon and all decoders have the same user. Also signals to itself: a filter cannot tell one process from another.
   * abort() comes to its end nevertheless: when the signal is refused glibc runs an instruction that the processor refuses.
   */
  otherProcesses: {
    ptrace: [101, 117],
    process_vm_readv: [310, 270],
    process_vm_writev: [311, 271],
    process_madvise: [440, 440],
    process_mrelease: [448, 448],
    kcmp: [312, 272],
    pidfd_open: [434, 434],
    pidfd_getfd: [438, 438],
    pidfd_send_signal: [424, 424],
    kill: [62, 129],
    tkill: [200, 130],
    tgkill: [234, 131],
    rt_sigqueueinfo: [129, 138],
    rt_tgsigqueueinfo: [297, 240],
    ioprio_set: [251, 30],
    migrate_pages: [256, 238],
    move_pages: [279, 239],
  },
  /** clone() makes threads and clone3() says that it does not exist: decoderFilter.ts. The death signal is not inherited. */
  newProcesses: { fork: [57, null], vfork: [58, null], execveat: [322, 281] },
  mounts: {
    mount: [165, 40],
    umount2: [166, 39],
    pivot_root: [155, 41],
    chroot: [161, 51],
    open_tree: [428, 428],
    move_mount: [429, 429],
    fsopen: [430, 430],
    fsconfig: [431, 431],
    fsmount: [432, 432],
    fspick: [433, 433],
    mount_setattr: [442, 442],
    statmount: [457, 457],
    listmount: [458, 458],
    unshare: [272, 97],
    setns: [308, 268],
  },
  /** Landlock says who may open a file, not who may change its mode, owner, times and attributes: the daemon’s user may. */
  attributes: {
    chmod: [90, null],
    fchmod: [91, 52],
    fchmodat: [268, 53],
    fchmodat2: [452, 452],
    chown: [92, null],
    fchown: [93, 55],
    lchown: [94, null],
    fchownat: [260, 54],
    utime: [132, null],
    utimes: [235, null],
    futimesat: [261, null],
    utimensat: [280, 88],
    setxattr: [188, 5],
    lsetxattr: [189, 6],
    fsetxattr: [190, 7],
    removexattr: [197, 14],
    lremovexattr: [198, 15],
    fremovexattr: [199, 16],
  },
  /** Ways to a file, or to news of it, that Landlock does not see. */
  handles: {
    name_to_handle_at: [303, 264],
    open_by_handle_at: [304, 265],
    quotactl: [179, 60],
    quotactl_fd: [443, 443],
    fanotify_init: [300, 262],
    fanotify_mark: [301, 263],
    inotify_init: [253, null],
    inotify_init1: [294, 26],
    inotify_add_watch: [254, 27],
    inotify_rm_watch: [255, 28],
  },
  /** Where most of the kernel’s holes of the last years were, or what helps to use one. */
  kernel: {
    bpf: [321, 280],
    perf_event_open: [298, 241],
    io_uring_setup: [425, 425],
    io_uring_enter: [426, 426],
    io_uring_register: [427, 427],
    userfaultfd: [323, 282],
    memfd_secret: [447, 447],
    keyctl: [250, 219],
    add_key: [248, 217],
    request_key: [249, 218],
    personality: [135, 92],
    modify_ldt: [154, null],
    uselib: [134, null],
  },
  queues: {
    mq_open: [240, 180],
    mq_unlink: [241, 181],
    mq_timedsend: [242, 182],
    mq_timedreceive: [243, 183],
    mq_notify: [244, 184],
    mq_getsetattr: [245, 185],
    msgget: [68, 186],
    msgsnd: [69, 189],
    msgrcv: [70, 188],
    msgctl: [71, 187],
  },
  /** The machine’s, not a program’s. The unit refuses them as well; at a desk this is the only thing that does. */
  machine: {
    syslog: [103, 116],
    acct: [163, 89],
    swapon: [167, 224],
    swapoff: [168, 225],
    reboot: [169, 142],
    kexec_load: [246, 104],
    kexec_file_load: [320, 294],
    init_module: [175, 105],
    finit_module: [313, 273],
    delete_module: [176, 106],
    settimeofday: [164, 170],
    clock_settime: [227, 112],
    adjtimex: [159, 171],
    clock_adjtime: [305, 266],
    sethostname: [170, 161],
    setdomainname: [171, 162],
    vhangup: [153, 58],
    lookup_dcookie: [212, 18],
    nfsservctl: [180, 42],
    _sysctl: [156, null],
    iopl: [172, null],
    ioperm: [173, null],
  },
  /** setpriv has nothing to change any more when the filter is on. */
  identity: {
    setuid: [105, 146],
    setgid: [106, 144],
    setreuid: [113, 145],
    setregid: [114, 143],
    setresuid: [117, 147],
    setresgid: [119, 149],
    setfsuid: [122, 151],
    setfsgid: [123, 152],
    setgroups: [116, 159],
  },
};

/** For software decoders only: Intel’s iHD driver shares its engine’s state with shared memory and semaphores on some kernels. */
export const REFUSED_IN_SOFTWARE: Readonly<Record<string, Numbers>> = {
  shmget: [29, 194],
  shmat: [30, 196],
  shmdt: [67, 197],
  shmctl: [31, 195],
  semget: [64, 190],
  semop: [65, 193],
  semctl: [66, 191],
  semtimedop: [220, 192],
};

/** Of the network, to those who may open connections: to wait for others, and to make sockets that lead nowhere outside. */
export const REFUSED_TO_CLIENTS: Readonly<Record<string, Numbers>> = {
  socketpair: REFUSED.network!.socketpair!,
  listen: REFUSED.network!.listen!,
  accept: REFUSED.network!.accept!,
  accept4: REFUSED.network!.accept4!,
};

/** Whose arguments decide. */
export const WATCHED = {
  socket: [41, 198],
  clone: [56, 220],
  clone3: [435, 435],
  prctl: [157, 167],
  fcntl: [72, 25],
  ioctl: [16, 29],
  prlimit64: [302, 261],
  setpriority: [141, 140],
  sched_setaffinity: [203, 122],
  sched_setscheduler: [144, 119],
  sched_setparam: [142, 118],
  sched_setattr: [314, 274],
} as const satisfies Readonly<Record<string, Numbers>>;
