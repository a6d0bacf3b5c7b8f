import { constants } from 'node:fs';
import { access, lstat, readdir, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FILTER_ARCHS } from './decoderFilter.ts';
import { type Command, collect, SEARCH_PATH } from './ffmpegProcess.ts';
import { FilterFiles, landlockArgs } from './landlock.ts';

/**
 * From the strongest to none. `bubblewrap` and `landlock` shut in what they have to, by different means: in bubblewrap the daemon,
 * its files and the network do not exist; in landlock they exist and are refused, as are most system calls. bubblewrap comes first
 * because it needs no list that could have a gap, landlock works where namespaces are forbidden, as our own unit does.
 */
export type SandboxKind = 'bubblewrap' | 'landlock' | 'unshare' | 'pdeathsig' | 'plain';

export interface Sandbox {
  readonly kind: SandboxKind;
  /** The child has no network. */
  readonly network: boolean;
  /** The child sees no files but its own program and libraries, and can write none. */
  readonly files: boolean;
  /** What is missing and how to get it, for the log and the system page. */
  readonly warning: string | null;
  /** The command that runs `command` inside. `command` is an absolute path. */
  wrap(command: string, args: readonly string[], options?: ChildNeeds): [string, string[]];
}

export interface ChildNeeds {
  /** The video devices, and no bound on its address space (GPU drivers reserve far more than they use). */
  readonly hardware?: boolean;
  /** Files that it may read, absolute; they are there. */
  readonly files?: readonly string[];
  /** Devices that it may use, absolute: a camera at this machine. */
  readonly devices?: readonly string[];
  /** It opens connections. The daemon's own doors are open to it as to anybody in the network, and no others. */
  readonly network?: boolean;
}

export interface SandboxOptions {
  /** The program that has to run inside; one outside /usr may need what a sandbox does not give. */
  readonly program?: string;
  /** `cgroup.procs` of the group that children have to be in (decoderGroup.ts). */
  readonly group?: string;
  /** Only this kind, for tests. */
  readonly only?: SandboxKind;
  /** Instead of the system's setpriv, for tests. */
  readonly setpriv?: string;
}

/** More than twice what ffmpeg maps for 4K H.264 with 16 reference pictures (0.6 GiB in 5.1, 0.8 in 9.0); 8K just fits. */
const ADDRESS_SPACE = 2 * 1024 ** 3;
const KINDS: readonly SandboxKind[] = ['bubblewrap', 'landlock', 'unshare', 'pdeathsig', 'plain'];
/** What names are resolved by. systemd-resolved's own socket is not among them: it does more than that. */
const RESOLVER = ['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/host.conf', '/etc/gai.conf'];
// Generous: a terminal that is still starting must not be taken for one without a sandbox.
const PROBE_TIMEOUT_MS = 20_000;

/**
 * Finds the strongest sandbox that works on this machine, by running a program in each kind. Never throws: the last kind, `plain`,
 * always works, and says in `warning` what it lacks.
 *
 * All kinds lower the child's priority, let the kernel's OOM killer prefer it, forbid core dumps, and bound its files and memory.
 * All but `plain` have the kernel kill the child when the daemon dies, even by SIGKILL; under `plain` the end of stdin does that,
 * unless the child hangs. The signal is tied to the *thread* that started the child: start children from the main thread only.
 */
export async function probeSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const host = await readHost(options);
  const program = options.program ?? host.tools.true;
  const failures: string[] = [];
  for (const kind of KINDS) {
    if (options.only !== undefined && kind !== options.only) continue;
    const wrap = wrapper(kind, host);
    if (typeof wrap === 'string') {
      failures.push(`${kind}: ${wrap}`);
      continue;
    }
    const failure = kind === 'plain' || program === undefined ? undefined : await tryOut(wrap, program);
    if (failure !== undefined) {
      failures.push(`${kind}: ${failure}`);
      continue;
    }
    return {
      kind,
      network: isolatesNetwork(kind),
      files: shutsIn(kind),
      warning: warn(kind, failures),
      wrap,
    };
  }
  return {
    kind: 'plain',
    network: false,
    files: false,
    warning: warn('plain', failures),
    wrap: (command, args) => [command, [...args]],
  };
}

function isolatesNetwork(kind: SandboxKind): boolean {
  return shutsIn(kind) || kind === 'unshare';
}

function shutsIn(kind: SandboxKind): boolean {
  return kind === 'bubblewrap' || kind === 'landlock';
}

async function tryOut(wrap: Sandbox['wrap'], program: string): Promise<string | undefined> {
  const [command, args] = wrap(program, ['-version']);
  const result = await collect({ command, args }, { timeout: PROBE_TIMEOUT_MS });
  if (result.code === 0) return undefined;
  if (result.timedOut) return 'did not answer';
  return result.lastLines.at(-1) ?? `exit status ${result.code ?? result.signal}`;
}

function warn(kind: SandboxKind, failures: readonly string[]): string | null {
  if (kind === 'bubblewrap' || kind === 'landlock') return null;
  const lacks = {
    unshare: 'decoders can read files',
    pdeathsig: 'decoders can use the network and read files',
    plain: 'decoders can use the network and read files, and may outlive a killed daemon',
  }[kind];
  const remedy =
    'install bubblewrap and allow user namespaces, or have util-linux 2.41 and a kernel with Landlock (Debian 13 has both)';
  return `${lacks}: ${remedy} (${failures.join('; ') || 'not tried'})`;
}

// ── building the command lines ───────────────────────────────────────────────────────────────────────────────

interface Host {
  readonly tools: Readonly<Record<string, string | undefined>>;
  /** bubblewrap's arguments for the libraries, the same for every child. */
  readonly libraries: readonly string[];
  readonly devices: readonly string[];
  /** undefined: none for this processor. */
  readonly filters: FilterFiles | undefined;
  readonly group: string | undefined;
}

async function readHost({ group, setpriv }: SandboxOptions): Promise<Host> {
  const names = ['bwrap', 'unshare', 'setpriv', 'nice', 'choom', 'prlimit', 'sh', 'true'];
  const found = await Promise.all(names.map((name) => findProgram(name)));
  const tools = Object.fromEntries(names.map((name, index) => [name, found[index]]));
  const arch = FILTER_ARCHS.find((known) => known === process.arch);
  return {
    tools: setpriv === undefined ? tools : { ...tools, setpriv },
    libraries: await libraryBinds(),
    devices: await videoDevices(),
    filters: arch === undefined ? undefined : new FilterFiles(arch),
    group,
  };
}

/** Absolute path of a program of the system; undefined when there is none. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of SEARCH_PATH) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Try the next one.
    }
  }
  return undefined;
}

function wrapper(kind: SandboxKind, host: Host): Sandbox['wrap'] | string {
  const { bwrap, unshare, setpriv } = host.tools;
  switch (kind) {
    case 'bubblewrap':
      if (bwrap === undefined) return 'bwrap is not installed';
      return (command, args, needs = {}) =>
        chain(limits(host, needs.hardware === true), [
          ...[bwrap, ...bubblewrapArgs(host, command, needs), '--'],
          ...[command, ...args],
        ]);
    case 'landlock': {
      const { filters, devices } = host;
      if (setpriv === undefined) return 'setpriv is not installed';
      if (filters === undefined) return `no filter for ${process.arch}`;
      return (command, args, { hardware = false, files = [], devices: own = [], network = false } = {}) => {
        const filter = filters.path(
          network ? 'network' : hardware || own.length > 0 ? 'hardware' : 'software',
        );
        const readable = [...files, ...(network ? RESOLVER : [])];
        const rules = landlockArgs(
          filter,
          command,
          { hardware: hardware ? devices : undefined, own },
          readable,
        );
        return chain(limits(host, hardware), [setpriv, ...rules, '--', command, ...args]);
      };
    }
    case 'unshare':
      if (unshare === undefined || setpriv === undefined) return 'unshare or setpriv is not installed';
      // setpriv comes last: the kernel forgets the death signal when unshare takes new credentials.
      return (command, args, options) =>
        chain(limits(host, options?.hardware === true), [
          ...[unshare, '--user', '--map-root-user', ...(options?.network ? [] : ['--net']), '--ipc', '--'],
          ...[setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--', command, ...args],
        ]);
    case 'pdeathsig':
      if (setpriv === undefined) return 'setpriv is not installed';
      return (command, args, options) =>
        chain(limits(host, options?.hardware === true), [
          ...[setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--', command, ...args],
        ]);
    case 'plain':
      return (command, args, options) => chain(limits(host, options?.hardware === true), [command, ...args]);
  }
}

function chain(before: readonly string[], words: readonly string[]): [string, string[]] {
  const [command, ...args] = [...before, ...words];
  return [command!, args];
}

/**
 * The process enters the group itself, before it is the decoder: nothing of the decoder ever runs outside. A decoder without group
 * is better than none, so it goes on where that fails.
 */
const ENTER_GROUP = '{ echo 0 >"$0"; } 2>/dev/null; exec "$@"';

/** sh, nice, choom and prlimit each replace themselves by the next program, so nothing of them stays. */
function limits(host: Host, hardware: boolean): string[] {
  const { nice, choom, prlimit, sh } = host.tools;
  return [
    ...(host.group === undefined || sh === undefined ? [] : [sh, '-c', ENTER_GROUP, host.group]),
    ...(nice === undefined ? [] : [nice, '-n', '5']),
    ...(choom === undefined ? [] : [choom, '-n', '500', '--']),
    ...(prlimit === undefined
      ? []
      : [
          ...[prlimit, '--core=0', hardware ? '--nofile=256' : '--nofile=64'],
          ...(hardware ? [] : [`--as=${ADDRESS_SPACE}`]),
          '--',
        ]),
  ];
}

function bubblewrapArgs(
  host: Host,
  command: string,
  { hardware = false, files = [], devices = [], network = false }: ChildNeeds,
): string[] {
  return [
    // as-pid-1: one process less per child. The death of the daemon, of bwrap or of the child ends the whole pid namespace.
    ...['--unshare-all', '--die-with-parent', '--as-pid-1', '--new-session', '--cap-drop', 'ALL'],
    ...(network ? ['--share-net', ...RESOLVER.flatMap((file) => ['--ro-bind-try', file, file])] : []),
    ...host.libraries,
    ...[command, ...files].flatMap((file) => ['--ro-bind', file, file]),
    ...['--dev-bind', '/dev/null', '/dev/null', '--dev-bind', '/dev/urandom', '/dev/urandom'],
    ...devices.flatMap((device) => ['--dev-bind', device, device]),
    ...(hardware ? hardwareBinds(host) : []),
    ...['--remount-ro', '/', '--chdir', '/'],
  ];
}

/**
 * GPU drivers look up their device in /sys. Only CUDA reads /proc: mounting one fails where the daemon's own is restricted (systemd's
 * ProtectProc=, containers), so the others do without.
 */
function hardwareBinds(host: Host): string[] {
  const nvidia = host.devices.some((device) => device.startsWith('/dev/nvidia'));
  return [
    ...(nvidia ? ['--proc', '/proc'] : []),
    ...['--ro-bind-try', '/sys/dev/char', '/sys/dev/char', '--ro-bind-try', '/sys/devices', '/sys/devices'],
    ...['--ro-bind-try', '/sys/class/drm', '/sys/class/drm'],
    ...['--ro-bind-try', '/usr/share/libdrm', '/usr/share/libdrm'],
    ...host.devices.flatMap((device) => ['--dev-bind-try', device, device]),
  ];
}

/** Only what the dynamic linker needs. Debian's libblas is reached through /etc/alternatives. */
async function libraryBinds(): Promise<string[]> {
  const binds: string[] = [];
  for (const path of ['/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/local/lib']) {
    binds.push('--ro-bind-try', path, path);
  }
  for (const path of ['/lib', '/lib32', '/lib64']) {
    const status = await lstat(path).catch(() => undefined);
    if (status === undefined) continue;
    if (status.isSymbolicLink()) binds.push('--symlink', await readlink(path), path);
    else binds.push('--ro-bind', path, path);
  }
  for (const path of ['/etc/ld.so.cache', '/etc/alternatives']) binds.push('--ro-bind-try', path, path);
  return binds;
}

async function videoDevices(): Promise<string[]> {
  const names = await readdir('/dev').catch(() => []);
  return names
    .filter((name) => name === 'dri' || /^(video|media)\d+$/.test(name) || /^nvidia/.test(name))
    .map((name) => join('/dev', basename(name)))
    .sort();
}

/** `command` inside the sandbox, ready to start. */
export function sandboxed(sandbox: Sandbox, command: Command, needs?: ChildNeeds): Command {
  const [outer, args] = sandbox.wrap(command.command, command.args, needs);
  return { ...command, command: outer, args };
}
