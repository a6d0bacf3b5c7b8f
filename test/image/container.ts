/**
 * A whole Debian booted by systemd-nspawn: its own systemd, users, journal; this machine's kernel and speed. Needs root and
 * systemd-container; no machined, no D-Bus of this machine, and it works where control groups are of both versions.
 *
 *   const box = await Container.start({ root: folder, network: 'host' });
 *   await box.booted();  await box.waitForUnit('walleye.service');
 *   (await box.run(['walleye', 'status'])).stdout;  await box.sh('systemctl restart walleye');
 *   const picture = await box.screenshot();          // picture.ts looks at it
 *   await box.stop();                                // in `after`, so that it happens after a failure too
 *
 * Nothing stays: mounts of `prepare` are in a mount namespace that ends with it, all processes in a control group that is
 * killed at the end, also when the test itself was killed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../e2e/until.ts';
import { type Picture, readPng } from './picture.ts';

export interface ContainerOptions {
  /** Folder with the system. With `prepare` it may be empty at first. */
  root: string;
  /**
   * Bash that runs first, as root, in the mount namespace that the container gets: `mount -o loop,ro usr.raw "$root/usr"`.
   * `$root` is set. What it mounts ends with the container, what it writes elsewhere stays.
   */
  prepare?: string;
  /** `host`: this machine's · `own` (default): loopback alone · a path: that namespace, such as `/run/netns/NAME`. */
  network?: 'host' | 'own' | `/${string}`;
  /** systemd credentials, as `walleye.site`. */
  credentials?: Record<string, string>;
  /** For systemd, as from a kernel's command line. */
  kernelArgs?: readonly string[];
  /** More of systemd-nspawn's arguments, such as `--bind=/dev/dri`. */
  args?: readonly string[];
}

export interface RunOptions {
  /** With the group of the same name; default root. */
  user?: string;
  env?: Record<string, string>;
  /** For standard input. */
  input?: string;
  cwd?: string;
  /** Milliseconds, default 60 s; then it is killed. */
  limit?: number;
  /** Called with every line of both outputs, as it comes. */
  line?: (line: string) => void;
}

export interface RunResult {
  /** 128 + signal when it was killed. */
  status: number;
  stdout: string;
  stderr: string;
}

/** Landlock is in no set of calls that nspawn allows. */
const ALLOWED_CALLS = '--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self';
const CONTROL_GROUPS = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) =>
  existsSync(join(path, 'cgroup.controllers')),
);
/** Milliseconds. */
const START_LIMIT = 60_000;
const MOST_LINES = 5_000;
/**
 * Starts the container in a control group of its own and a mount namespace of its own. When it has ended, or on SIGTERM, which
 * the kernel sends when the test is dead, the group is killed and removed.
 */
const KEEPER = `
group=$1; shift
end() {
  trap '' TERM
  for try in {1..100}; do
    echo 1 >"$group/cgroup.kill"
    find "$group" -depth -type d -exec rmdir {} +
    [[ -d $group ]] || break
    sleep 0.1
  done 2>/dev/null
}
trap end EXIT
trap 'exit 137' TERM
mkdir -p "$group"
(echo "$BASHPID" >"$group/cgroup.procs"; exec unshare --mount --propagation=private "$@") &
wait $!`;
let started = 0;

/** Why no container can be booted here, for `test(…, { skip })`; false when one can. In CI always false. */
export function containersUnavailable(): string | false {
  if (process.env.CI === 'true') return false;
  if (process.getuid?.() !== 0) return 'containers need root';
  if (CONTROL_GROUPS === undefined) return 'no control groups of version 2';
  try {
    execFileSync('systemd-nspawn', ['--version'], { stdio: 'pipe' });
    return false;
  } catch {
    return 'systemd-nspawn (systemd-container) is not installed';
  }
}

export class Container {
  /** What its console said, the last 5000 lines, the journal among them. */
  readonly console: string[] = [];
  readonly #options: ContainerOptions;
  readonly #group: string;
  #keeper: ChildProcess | undefined;
  #nspawn = 0;
  #exited: Promise<unknown> = Promise.resolve();
  #leader = 0;

  private constructor(options: ContainerOptions) {
    this.#options = options;
    started += 1;
    this.#group = join(CONTROL_GROUPS ?? '', `walleye-test-${process.pid}-${started}`);
  }

  /** Resolves when its systemd answers; `booted` waits for the rest. */
  static async start(options: ContainerOptions): Promise<Container> {
    const container = new Container(options);
    await container.#boot();
    return container;
  }

  /** Its process 1 as this machine numbers it. */
  get pid(): number {
    return this.#leader;
  }

  /** Where a file of the running container, its tmpfs too, lies for this machine. */
  path(inside: string): string {
    return join(`/proc/${this.#leader}/root`, inside);
  }

  read(inside: string): string {
    return readFileSync(this.path(inside), 'utf8');
  }

  write(inside: string, content: string, mode = 0o644): void {
    writeFileSync(this.path(inside), content, { mode });
  }

  /** Runs a command in it, outside of any unit, and answers how it ended, whatever that is. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const env = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      LANG: 'C.UTF-8',
      ...options.env,
    };
    // Not a session, for which D-Bus and logind would have to be there.
    const { user } = options;
    const as = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'];
    const inside = [
      ...['env', '-i', `--chdir=${options.cwd ?? '/'}`],
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ...as,
      ...argv,
    ];
    // A process group of its own: nsenter waits for a child, which would outlive it.
    const child = spawn('nsenter', ['--target', String(this.#leader), '--all', '--', ...inside], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const [out, err] = [collect(child.stdout, options.line), collect(child.stderr, options.line)];
    // It may end without having read it.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), options.limit ?? 60_000);
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    return { status: code ?? (signal === 'SIGKILL' ? 137 : 143), stdout: out(), stderr: err() };
  }

  /** Bash, `set -e`. @returns what it wrote, without white space at the end @throws with both outputs when it fails */
  async sh(script: string, options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(['bash', '--norc', '-euc', script], options);
    if (status !== 0) throw new Error(`${script}\nended with ${status}:\n${stdout}${stderr}`);
    return stdout.trimEnd();
  }

  /** Waits for the end of booting. @returns `running`, or `degraded` where a unit has failed */
  async booted(limit = 120_000): Promise<string> {
    const state = await until(
      'the container has booted',
      async () => {
        const { stdout } = await this.run(['systemctl', 'is-system-running']);
        return /^(running|degraded)$/.test(stdout.trim()) && stdout.trim();
      },
      limit,
    ).catch(async (error) => {
      throw new Error(`${error.message}\n${(await this.run(['systemctl', 'list-jobs'])).stdout}`);
    });
    return state;
  }

  /** Names of the units that have failed. */
  async failedUnits(): Promise<string[]> {
    const text = await this.sh('systemctl list-units --failed --plain --no-legend');
    return text.split('\n').flatMap((line) => line.split(' ')[0] || []);
  }

  /** Properties as `systemctl show` tells them; all of them when none is named. */
  async unit(name: string, ...properties: string[]): Promise<Record<string, string>> {
    const text = await this.sh(
      `systemctl show ${properties.map((one) => `-p ${one}`).join(' ')} -- '${name}'`,
    );
    return Object.fromEntries(text.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
  }

  /** @throws with the unit's status and the end of its journal when it does not get there */
  async waitForUnit(name: string, state = 'active', limit = 120_000): Promise<void> {
    await until(
      `${name} is ${state}`,
      async () => (await this.unit(name, 'ActiveState')).ActiveState === state,
      limit,
    ).catch(async (error) => {
      throw new Error(`${error.message}\n${await this.journal(name, 40)}`);
    });
  }

  /** Status and last lines of one unit, or of everything; for messages of failures. */
  async journal(unit?: string, lines = 200): Promise<string> {
    const of = unit === undefined ? [] : ['-u', unit];
    const status =
      unit === undefined ? '' : (await this.run(['systemctl', 'status', '-n0', '-l', unit])).stdout;
    return status + (await this.run(['journalctl', '--no-pager', `-n${lines}`, ...of])).stdout;
  }

  /**
   * What the kiosk's compositor shows: weston's (it must run with --debug, which WALLEYE_HEADLESS brings), else cage's by grim.
   * @param save a file on this machine to keep the PNG in
   */
  async screenshot({
    runtime = '/run/walleye-kiosk',
    user = 'walleye-kiosk',
    display = 'wayland-0',
    save = '',
  } = {}): Promise<Picture> {
    const folder = `${runtime}/shot`;
    const env = { XDG_RUNTIME_DIR: runtime, WAYLAND_DISPLAY: display, HOME: folder };
    const script =
      `rm -rf ${folder}; mkdir ${folder}; cd ${folder}; ` +
      'if [ -n "$(pgrep -u "$(id -u)" -x weston)" ]; then weston-screenshooter; mv *.png shot.png; else grim shot.png; fi';
    await this.sh(script, { user, env });
    const png = readFileSync(this.path(`${folder}/shot.png`));
    await this.sh(`rm -r ${folder}`, { user });
    if (save !== '') writeFileSync(save, png);
    return readPng(png);
  }

  /** As `systemctl reboot`; resolves like `start`. Mounts of `prepare` are made again. */
  async reboot(limit = 60_000): Promise<void> {
    await this.stop(limit);
    await this.#boot();
  }

  /** Pulls the plug: nothing in it is told. */
  async cut(): Promise<void> {
    this.#signal(0, 'SIGTERM');
    await this.#exited;
  }

  /** Shuts it down in order, and by force after `limit` milliseconds. Never rejects. */
  async stop(limit = 30_000): Promise<void> {
    const timer = setTimeout(() => this.#signal(0, 'SIGTERM'), limit);
    this.#signal(this.#nspawn, 'SIGTERM');
    await this.#exited;
    clearTimeout(timer);
  }

  async #boot(): Promise<void> {
    const {
      root,
      prepare = '',
      network = 'own',
      credentials = {},
      kernelArgs = [],
      args = [],
    } = this.#options;
    const nspawn = [
      ...['systemd-nspawn', '--quiet', '--register=no', '--keep-unit', '--boot', `--directory=${root}`],
      ...[`--machine=${basename(this.#group)}`, '--console=pipe', '--kill-signal=SIGRTMIN+3'],
      ...['--link-journal=no', '--timezone=off', `--resolv-conf=${network === 'host' ? 'copy-host' : 'off'}`],
      ...(network === 'host' ? [] : ['--capability=CAP_NET_ADMIN']),
      ...(network === 'own' ? ['--private-network'] : []),
      ...(network.startsWith('/') ? [`--network-namespace-path=${network}`] : []),
      ALLOWED_CALLS,
      ...Object.entries(credentials).map(([name, value]) => `--set-credential=${name}:${value}`),
      ...[...args, 'systemd.journald.forward_to_console=1', 'systemd.show_status=no', ...kernelArgs],
    ];
    const child = spawn(
      'setpriv',
      [
        ...['--pdeathsig=TERM', 'bash', '--norc', '-uc', KEEPER, 'keeper', this.#group],
        ...['bash', '--norc', '-euc', `root='${root}'; ${prepare}\nexec "$@"`, 'prepare', ...nspawn],
      ],
      // What whoever runs the test has set for systemd does not reach it.
      { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, UNIFIED_CGROUP_HIERARCHY: '1' } },
    );
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        this.console.push(line);
        if (this.console.length > MOST_LINES) this.console.shift();
      });
    this.#keeper = child;
    this.#exited = once(child, 'exit');
    try {
      await until('systemd answers in the container', () => this.#answers(child), START_LIMIT);
    } catch (error) {
      await this.cut();
      throw new Error(`${(error as Error).message}\n${this.console.slice(-40).join('\n')}`);
    }
  }

  async #answers(keeper: ChildProcess): Promise<boolean> {
    if (ended(keeper)) throw new Error('the container has ended');
    this.#nspawn = childOf(keeper.pid, /^systemd-nspawn/);
    this.#leader = childOf(this.#nspawn, /^(systemd|init)$/);
    if (this.#leader === 0) return false;
    const { stdout } = await this.run(['systemctl', 'is-system-running'], { limit: 5_000 });
    return /^(initializing|starting|running|degraded|maintenance)$/.test(stdout.trim());
  }

  #signal(pid: number, signal: NodeJS.Signals): void {
    const keeper = this.#keeper;
    if (keeper === undefined || ended(keeper)) return;
    try {
      process.kill(pid || keeper.pid!, signal);
    } catch {
      // It has just ended.
    }
  }
}

const ended = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** Process number of the child with this name, 0 when there is none (yet). */
function childOf(pid: number | undefined, name: RegExp): number {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ');
  return Number(children.find((child) => name.test(read(`/proc/${child}/comm`).trim())) ?? 0);
}

function collect(stream: NodeJS.ReadableStream, line?: (line: string) => void): () => string {
  const parts: string[] = [];
  stream.setEncoding('utf8').on('data', (part: string) => parts.push(part));
  if (line) createInterface({ input: stream }).on('line', line);
  return () => parts.join('');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
