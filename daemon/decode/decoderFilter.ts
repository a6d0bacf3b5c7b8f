import { REFUSED, REFUSED_IN_SOFTWARE, REFUSED_TO_CLIENTS, WATCHED } from './syscallNumbers.ts';

/** Machines, as `process.arch` names them, that there is a filter for. */
export const FILTER_ARCHS = ['x64', 'arm64'] as const;
export type FilterArch = (typeof FILTER_ARCHS)[number];
/** `hardware`: what GPU drivers need besides is allowed; `network`: connections to others over IP are. */
export type FilterKind = 'software' | 'hardware' | 'network';

/** What `seccomp_data.arch` says: EM_X86_64 and EM_AARCH64, 64 bits, little endian (linux/audit.h). */
const AUDIT_ARCH: Record<FilterArch, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
/**
 * mseal. What is newer cannot have been judged; programs take ENOSYS for an old kernel. x32, x86-64’s second set of the same calls,
 * has its numbers above 0x40000000 and is refused thereby.
 */
const NEWEST = 462;

/** Return values (linux/seccomp.h). */
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const failWith = (errno: number) => 0x00050000 | errno;
const EPERM = failWith(1);
const ENOSYS = failWith(38);

/** Offsets in struct seccomp_data. Arguments have 64 bits; those looked at here are ints, of which the kernel takes the lower half too. */
const NR = 0;
const ARCH = 4;
const argument = (index: number) => 16 + 8 * index;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. (NEWTIME cannot be had by clone.) */
const CLONE_NAMESPACES = 0x7e020000;
const CLONE_THREAD = 0x10000;
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
/** F_SETOWN, F_SETSIG, F_SETOWN_EX: with them the kernel sends any signal to any process of the same user. */
const SIGNALLING_FCNTLS = [8, 10, 15];
/** FIOSETOWN, SIOCSPGRP: the same. TIOCSTI, TIOCLINUX: type into a terminal. */
const REFUSED_IOCTLS = [0x8901, 0x8902, 0x5412, 0x541c];

/** AF_INET, AF_INET6, and AF_NETLINK, by which glibc asks which addresses there are. */
const IP_FAMILIES = [2, 10, 16];

/** One instruction of classic BPF, struct sock_filter. */
interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

const load = (offset: number): Instruction => ({ code: 0x20, jt: 0, jf: 0, k: offset });
const answer = (value: number): Instruction => ({ code: 0x06, jt: 0, jf: 0, k: value });
const jump = (code: number) => (k: number, jt: number, jf: number) => ({ code, jt, jf, k });
/** Jumps `jt` instructions ahead when it holds, else `jf`. Unsigned. */
const ifEqual = jump(0x15);
const ifGreater = jump(0x25);
const ifAtLeast = jump(0x35);
const ifAnyBit = jump(0x45);

/**
 * A seccomp filter for a decoder, as `setpriv --seccomp-filter` takes it: an array of struct sock_filter.
 *
 * It is a list of what is refused, not of what is allowed: which calls a GPU’s driver makes nobody has written down. (The unit’s
 * SystemCallFilter= is the list of what is allowed, and holds for decoders too.) Refused means EPERM, so that a library that tries
 * goes on without; only another machine’s calling convention, by which every number would mean another call, ends the process.
 *
 * The decoder has the daemon’s own user. Landlock keeps it from the daemon’s files, memory and descriptors; up to Linux 6.12 not
 * from signals and sockets, and setpriv does not ask for that in later ones: that is what this filter is for.
 *
 * The kernel (since 5.11) remembers which calls are always allowed and does not run the filter for them: reading and writing cost
 * nothing more.
 */
export function decoderFilter(arch: FilterArch, kind: FilterKind): Buffer {
  const column = arch === 'x64' ? 0 : 1;
  const number = (name: keyof typeof WATCHED): number => WATCHED[name][column];
  const refused = [
    ...Object.entries(REFUSED).flatMap(([reason, group]) =>
      kind === 'network' && reason === 'network' ? [] : Object.values(group),
    ),
    ...(kind === 'network' ? Object.values(REFUSED_TO_CLIENTS) : []),
    ...(kind === 'hardware' ? [] : Object.values(REFUSED_IN_SOFTWARE)),
  ].flatMap((numbers) => numbers[column] ?? []);

  return encode([
    load(ARCH),
    ifEqual(AUDIT_ARCH[arch], 1, 0),
    answer(KILL_PROCESS),
    load(NR),
    ifGreater(NEWEST, 0, 1),
    answer(ENOSYS),
    ...inRanges(refused),

    // Its flags lie in memory, where a filter cannot look. glibc then takes clone().
    ...on(number('clone3'), [answer(ENOSYS)]),
    ...on(number('clone'), [
      load(argument(0)),
      ifAnyBit(CLONE_NAMESPACES, 2, 0),
      ifAnyBit(CLONE_THREAD, 0, 1),
      answer(ALLOW),
      answer(EPERM),
    ]),
    // setpriv asks for the death signal after it has set the filter; taking it back would be the way to outlive the daemon.
    ...on(number('prctl'), [
      load(argument(0)),
      ifEqual(PR_SET_PDEATHSIG, 0, 2),
      load(argument(1)),
      ifEqual(SIGKILL, 0, 1),
      answer(ALLOW),
      answer(EPERM),
    ]),
    ...(kind === 'network' ? on(number('socket'), onlyOneOf(0, IP_FAMILIES)) : []),
    ...on(number('fcntl'), unlessOneOf(1, SIGNALLING_FCNTLS)),
    ...on(number('ioctl'), unlessOneOf(1, REFUSED_IOCTLS)),
    // Of itself, which is 0: getrlimit() is one of them. Those of the daemon it could set as well.
    ...on(number('prlimit64'), onlyZero(0)),
    ...on(number('sched_setaffinity'), onlyZero(0)),
    ...on(number('sched_setscheduler'), onlyZero(0)),
    ...on(number('sched_setparam'), onlyZero(0)),
    ...on(number('sched_setattr'), onlyZero(0)),
    // Which: 0 is one process, 2 would be all of the user.
    ...on(number('setpriority'), [load(argument(0)), ifEqual(0, 0, 3), ...onlyZero(1)]),
    answer(ALLOW),
  ]);
}

/** `body` for this call; it has to answer on every path, for the number is not loaded any more behind it. */
function on(number: number, body: readonly Instruction[]): Instruction[] {
  return [ifEqual(number, 0, body.length), ...body];
}

function unlessOneOf(index: number, values: readonly number[]): Instruction[] {
  return [
    load(argument(index)),
    ...values.map((value, place) => ifEqual(value, values.length - place, 0)),
    answer(ALLOW),
    answer(EPERM),
  ];
}

function onlyOneOf(index: number, values: readonly number[]): Instruction[] {
  return [
    load(argument(index)),
    ...values.map((value, place) => ifEqual(value, values.length - place, 0)),
    answer(EPERM),
    answer(ALLOW),
  ];
}

function onlyZero(index: number): Instruction[] {
  return [load(argument(index)), ifEqual(0, 0, 1), answer(ALLOW), answer(EPERM)];
}

/** EPERM for all of these numbers, neighbours in one comparison. */
function inRanges(numbers: readonly number[]): Instruction[] {
  const ranges: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && number <= last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.flatMap(([from, to]) =>
    from === to
      ? [ifEqual(from, 0, 1), answer(EPERM)]
      : [ifAtLeast(from, 0, 2), ifGreater(to, 1, 0), answer(EPERM)],
  );
}

/** struct sock_filter: u16 code, u8 jt, u8 jf, u32 k; both machines are little endian. */
function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k, index * 8 + 4);
  }
  return bytes;
}
