import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decoderFilter, type FilterArch, type FilterKind } from './decoderFilter.ts';

/** Of the dynamic linker, with what it loads. The same for every child. */
const LIBRARIES = ['/lib', '/lib32', '/lib64', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/local/lib'];
/** Where GPU drivers look up their device; as in the bubblewrap sandbox. */
const DEVICE_FACTS = ['/sys/dev/char', '/sys/devices', '/sys/class/drm', '/usr/share/libdrm'];

/**
 * setpriv's arguments, up to the command, for a program that
 *
 * - opens its own file, the libraries, and the video devices if it is to use them, and nothing else: Landlock refuses every other
 *   file to it, whoever's it is. Writing, making, renaming and removing files included.
 * - starts no other program: only its own file and the libraries (the linker is one) may be executed.
 * - makes no system call that `decoderFilter` refuses: no network, no signals, no processes.
 * - ends with the daemon.
 *
 * It has the daemon's own user, to which the kernel would otherwise give the daemon's memory, environment and descriptors (ptrace,
 * /proc/PID/mem, environ, fd). Landlock takes that away since its first version: a process of a domain may look into processes of
 * the same domain only, and each decoder has one of its own. What it did not take before Linux 6.12 are signals and abstract
 * sockets, and never sockets in the file system and changes of mode, owner and time: the filter does.
 *
 * The kernel must know all rights that setpriv knows, else setpriv fails: Linux 6.2 for util-linux 2.41.
 *
 * CUDA does without /proc here, and without it does not start: NVIDIA's boards want bubblewrap.
 *
 * @param filter file with a seccomp filter; read before the other restrictions apply
 * @param devices what of /dev the child may use: the video devices with the facts about them, and others
 * @param files that it may read besides
 */
export function landlockArgs(
  filter: string,
  command: string,
  devices: { readonly hardware: readonly string[] | undefined; readonly own?: readonly string[] },
  files: readonly string[] = [],
): string[] {
  const { hardware: video, own = [] } = devices;
  const hardware = [...(video === undefined ? [] : [...DEVICE_FACTS, ...video]), ...own];
  return [
    ...['--no-new-privs', '--pdeathsig', 'KILL', '--landlock-access', 'fs'],
    ...LIBRARIES.flatMap((path) => rule(path, 'execute', 'read-file')),
    ...rule(command, 'execute', 'read-file'),
    ...rule('/etc/ld.so.cache', 'read-file'),
    ...rule('/dev/null', 'read-file', 'write-file'),
    ...rule('/dev/urandom', 'read-file'),
    ...files.flatMap((file) => rule(file, 'read-file')),
    ...hardware.flatMap((path) =>
      path.startsWith('/dev/') ? rule(path, 'read-file', 'write-file') : rule(path, 'read-file'),
    ),
    ...['--seccomp-filter', filter],
  ];
}

/** setpriv ends at a path that is not there, and the kernel refuses the right to list what is no folder. */
function rule(path: string, ...rights: string[]): string[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return [];
  const all = status.isDirectory() ? [...rights, 'read-dir'] : rights;
  return ['--landlock-rule', `path-beneath:${all.join(',')}:${path}`];
}

/**
 * The filters as files, because setpriv reads one: in a folder of their own among the temporary files, until this process ends.
 */
export class FilterFiles {
  readonly #arch: FilterArch;
  #folder: string | undefined;

  constructor(arch: FilterArch) {
    this.#arch = arch;
  }

  /**
   * Absolute. Written when it is first asked for, and again when it is gone: systemd-tmpfiles takes what lies in /tmp for ten days.
   * Never throws: where it cannot be written setpriv says so, and the decoder fails as any other failing decoder.
   */
  path(kind: FilterKind): string {
    const name = `${kind}.bpf`;
    const path = join(this.#folder ?? '/nonexistent', name);
    if (existsSync(path)) return path;
    try {
      if (this.#folder === undefined || !existsSync(this.#folder)) this.#folder = makeFolder();
      const fresh = join(this.#folder, name);
      writeFileSync(fresh, decoderFilter(this.#arch, kind), { mode: 0o400 });
      return fresh;
    } catch {
      return path;
    }
  }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-decoders-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
