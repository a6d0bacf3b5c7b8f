import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decoderFilter, FILTER_ARCHS } from '../../daemon/decode/decoderFilter.ts';
import {
  REFUSED,
  REFUSED_IN_SOFTWARE,
  REFUSED_TO_CLIENTS,
  WATCHED,
} from '../../daemon/decode/syscallNumbers.ts';
import { checkBpf, runBpf } from './bpf.ts';

const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 };
const ANSWERS: Record<number, string> = {
  2147418112: 'allow',
  2147483648: 'kill',
  327681: 'EPERM',
  327718: 'ENOSYS',
};
const NEWEST = 462;

/** What ffmpeg, its libraries, setpriv after the filter and VA-API drivers call: read, write, mmap, futex, execve and the like. */
const NEEDED = {
  x64: [
    ...[
      0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 17, 19, 20, 21, 22, 24, 28, 32, 35, 39, 59, 60, 63, 79, 89, 96,
    ],
    ...[97, 98, 99, 102, 125, 126, 131, 137, 138, 158, 186, 202, 204, 217, 218, 228, 230, 231, 232, 233, 257],
    ...[262, 267, 271, 273, 281, 290, 291, 293, 302, 318, 319, 332, 334, 439, 444, 445, 446],
  ],
  arm64: [
    ...[
      17, 19, 20, 21, 22, 23, 48, 56, 57, 59, 61, 62, 63, 64, 65, 66, 67, 72, 73, 78, 79, 80, 90, 91, 93, 94,
    ],
    ...[96, 98, 99, 101, 113, 115, 123, 124, 132, 134, 135, 139, 160, 165, 172, 174, 178, 179, 214, 215, 216],
    ...[221, 222, 226, 227, 233, 261, 278, 279, 291, 293, 439, 444, 445, 446],
  ],
};

for (const [column, arch] of FILTER_ARCHS.entries()) {
  for (const kind of ['software', 'hardware', 'network'] as const) {
    const program = decoderFilter(arch, kind);
    const ask = (nr: number, ...args: (number | bigint)[]): string =>
      ANSWERS[runBpf(program, { arch: AUDIT[arch], nr, args: args.map(BigInt) })] ?? 'unknown';
    const watched = (name: keyof typeof WATCHED) => WATCHED[name][column]!;
    const groups = {
      ...REFUSED,
      ...(kind === 'hardware' ? {} : { ipc: REFUSED_IN_SOFTWARE }),
      ...(kind === 'network' ? { network: REFUSED_TO_CLIENTS } : {}),
    };
    const refused = Object.values(groups).flatMap((group) =>
      Object.values(group).flatMap((numbers) => numbers[column] ?? []),
    );

    describe(`decoderFilter for ${arch}, ${kind}`, () => {
      it('is a program that the kernel takes', () => checkBpf(program));

      it('refuses every call of the table, whatever its arguments', () => {
        assert.ok(refused.length > 100);
        for (const nr of refused) {
          assert.equal(ask(nr), 'EPERM', String(nr));
          assert.equal(ask(nr, -1n, -1n, -1n, -1n, -1n, -1n), 'EPERM', String(nr));
        }
      });

      it('allows what a decoder calls', () => {
        for (const nr of NEEDED[arch]) assert.equal(ask(nr), 'allow', String(nr));
        assert.equal(ask(column === 0 ? 29 : 194), kind === 'hardware' ? 'allow' : 'EPERM', 'shmget');
      });

      it('lets it open connections over IP where it is to, and wait for none', () => {
        const opens = kind === 'network' ? 'allow' : 'EPERM';
        for (const family of [2, 10, 16]) assert.equal(ask(watched('socket'), family), opens, String(family));
        // AF_UNIX, AF_PACKET, AF_VSOCK; and that the upper half of the number does not hide it.
        for (const family of [1, 17, 40, 0]) assert.equal(ask(watched('socket'), family), 'EPERM');
        assert.equal(ask(watched('socket'), 2n ** 32n + 1n), 'EPERM');
        const { connect, bind, sendto, listen, accept, accept4, socketpair } = REFUSED.network!;
        for (const call of [connect, bind, sendto]) assert.equal(ask(call![column]!), opens);
        for (const call of [listen, accept, accept4, socketpair]) assert.equal(ask(call![column]!), 'EPERM');
      });

      it('answers each call that is neither refused, watched nor new with yes', () => {
        const others = new Set<number>([
          ...refused,
          ...Object.values(WATCHED).map((numbers) => numbers[column]!),
        ]);
        const any = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 6, maxLength: 6 });
        fc.assert(
          fc.property(fc.integer({ min: 0, max: NEWEST }), any, (nr, args) => {
            fc.pre(!others.has(nr));
            assert.equal(ask(nr, ...args), 'allow');
          }),
          { numRuns: 1000 },
        );
      });

      it('does not know calls that are newer than itself, nor those of x32', () => {
        assert.equal(ask(NEWEST), 'allow');
        for (const nr of [NEWEST + 1, 463, 470, 600, 0x3fffffff, 0x40000000, 0x40000029, 0xffffffff])
          assert.equal(ask(nr), 'ENOSYS', String(nr));
      });

      it('ends a process that calls by another machine’s convention, whatever it calls', () => {
        const foreign = [0x40000003, 0x40000028, AUDIT[arch === 'x64' ? 'arm64' : 'x64'], 0];
        fc.assert(
          fc.property(fc.constantFrom(...foreign), fc.nat(500), (other, nr) => {
            assert.equal(ANSWERS[runBpf(program, { arch: other, nr })], 'kill');
          }),
        );
      });

      it('lets it make threads, and neither processes nor namespaces', () => {
        const pthread = 0x3d0f00; // what glibc asks for
        assert.equal(ask(watched('clone'), pthread), 'allow');
        assert.equal(ask(watched('clone'), 17), 'EPERM', 'fork: SIGCHLD alone');
        assert.equal(ask(watched('clone'), 0x4111), 'EPERM', 'vfork');
        for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
          assert.equal(ask(watched('clone'), pthread | flag), 'EPERM', flag.toString(16));
        assert.equal(ask(watched('clone3')), 'ENOSYS');
      });

      it('lets it set the death signal to SIGKILL only, and do anything else with prctl', () => {
        assert.equal(ask(watched('prctl'), 1, 9), 'allow');
        for (const signal of [0, 15, 64]) assert.equal(ask(watched('prctl'), 1, signal), 'EPERM');
        for (const option of [0, 2, 8, 15, 22, 38]) assert.equal(ask(watched('prctl'), option), 'allow');
      });

      it('refuses the ways to have the kernel send a signal or type into a terminal', () => {
        for (const command of [8, 10, 15]) assert.equal(ask(watched('fcntl'), 0, command, 1), 'EPERM');
        for (const command of [0, 1, 2, 3, 4, 6, 9, 1030])
          assert.equal(ask(watched('fcntl'), 0, command), 'allow');
        for (const command of [0x8901, 0x8902, 0x5412, 0x541c])
          assert.equal(ask(watched('ioctl'), 0, command), 'EPERM');
        // TCGETS, DRM_IOCTL_VERSION; and that the upper half of the number does not hide it.
        for (const command of [0x5401, 0xc0406400]) assert.equal(ask(watched('ioctl'), 0, command), 'allow');
        assert.equal(ask(watched('ioctl'), 0, 2n ** 32n + 0x5412n), 'EPERM');
      });

      it('lets it bound and order itself, not others', () => {
        for (const name of [
          'prlimit64',
          'sched_setaffinity',
          'sched_setscheduler',
          'sched_setparam',
          'sched_setattr',
        ] as const) {
          assert.equal(ask(watched(name), 0, 7), 'allow', name);
          assert.equal(ask(watched(name), 1234, 0), 'EPERM', name);
        }
        assert.equal(ask(watched('setpriority'), 0, 0, 19), 'allow');
        assert.equal(ask(watched('setpriority'), 0, 1234, 19), 'EPERM');
        assert.equal(ask(watched('setpriority'), 2, 0, 19), 'EPERM', 'all of the user');
      });
    });
  }
}
