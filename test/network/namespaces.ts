/**
 * Hosts on real Ethernet inside this machine: network namespaces joined by bridges, all of them in namespaces of their
 * own, so that the machine's own network is not touched. Needs root and iproute2.
 *
 *   const network = await TestNetwork.create();
 *   await network.bridge('a');
 *   const host = await network.host('camera', [{ bridge: 'a', address: '10.77.1.11/24' }]);   // its eth0
 *   host.spawn('node', ['program.ts']);  await host.cut('eth0');  await host.qdisc('eth0', ['tbf', …]);
 *   await network.close();               // in `after`, so that it happens after a failure too
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);
let created = 0;

/**
 * An IPv6 address is there at once, without a second or two of looking whether another host has it. When it came, Chromium gave up
 * what it was loading (ERR_NETWORK_CHANGED).
 */
const NO_DETECTION =
  'cd /proc/sys/net/ipv6/conf 2>/dev/null || exit 0; for of in all default; do echo 0 >$of/accept_dad; done';

/**
 * Why namespaces cannot be made here, for `test(…, { skip })`; false when they can. In CI it is always false: there a
 * missing namespace is a failure, not a reason to skip.
 */
export function namespacesUnavailable(): string | false {
  if (process.env.CI === 'true') return false;
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const name = `walleye${process.pid}-check`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
    return false;
  } catch (error) {
    return `network namespaces cannot be made: ${String(error).slice(0, 200)}`;
  }
}

export interface Link {
  bridge: string;
  /** With prefix length: `10.77.1.11/24`. */
  address: string;
}

export class TestNetwork {
  readonly #prefix: string;
  readonly #namespaces: string[] = [];
  readonly #hosts: TestHost[] = [];
  #links = 0;

  private constructor(prefix: string) {
    this.#prefix = prefix;
  }

  static async create(): Promise<TestNetwork> {
    created += 1;
    const network = new TestNetwork(`walleye${process.pid}-${created}-`);
    await network.#namespace('switch');
    return network;
  }

  /** A switch. IGMP snooping is on, as on a managed switch. */
  async bridge(name: string): Promise<void> {
    await ip('-n', this.#switch, 'link', 'add', 'name', name, 'type', 'bridge', 'forward_delay', '0');
    await ip('-n', this.#switch, 'link', 'set', 'dev', name, 'up');
  }

  /**
   * A host with eth0, eth1, … in the order of the links. Multicast is routed out of eth0 only, as on any machine with
   * one default route: whoever wants to be heard on eth1 must choose it.
   */
  async host(name: string, links: Link[]): Promise<TestHost> {
    const namespace = await this.#namespace(name);
    const ports: string[] = [];
    for (const [index, link] of links.entries()) {
      this.#links += 1;
      const port = `port${this.#links}`;
      const device = `eth${index}`;
      await ip(
        '-n',
        this.#switch,
        'link',
        'add',
        port,
        'type',
        'veth',
        'peer',
        'name',
        device,
        'netns',
        namespace,
      );
      await ip('-n', this.#switch, 'link', 'set', 'dev', port, 'master', link.bridge, 'up');
      await ip('-n', namespace, 'addr', 'add', link.address, 'dev', device);
      await ip('-n', namespace, 'link', 'set', 'dev', device, 'up');
      ports.push(port);
    }
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    if (links.length > 0) await ip('-n', namespace, 'route', 'add', '239.0.0.0/8', 'dev', 'eth0');
    const host = new TestHost(namespace, this.#switch, ports);
    this.#hosts.push(host);
    return host;
  }

  /** Ends the programs and removes every namespace, with the bridges and links in them. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    for (const namespace of this.#namespaces.splice(0)) await ip('netns', 'del', namespace).catch(() => {});
  }

  get #switch(): string {
    return `${this.#prefix}switch`;
  }

  async #namespace(name: string): Promise<string> {
    const namespace = `${this.#prefix}${name}`;
    await ip('netns', 'add', namespace);
    this.#namespaces.push(namespace);
    await ip('netns', 'exec', namespace, 'sh', '-c', NO_DETECTION);
    return namespace;
  }
}

export class TestHost {
  /** For `ip netns exec`. */
  readonly namespace: string;
  readonly #switch: string;
  readonly #ports: readonly string[];
  readonly #children = new Set<ChildProcess>();

  constructor(namespace: string, switchNamespace: string, ports: readonly string[]) {
    this.namespace = namespace;
    this.#switch = switchNamespace;
    this.#ports = ports;
  }

  /** Starts a program on this host; it is killed with the network at the latest. */
  spawn(command: string, args: readonly string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.namespace, command, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.owns(child);
    return child;
  }

  /** A process that somebody else started on this host: it is killed with the network too. */
  owns(child: ChildProcess): void {
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
  }

  /** Starts one of our programs and waits for the line `ready` on its standard output. */
  async start(script: string, argument: unknown): Promise<ChildProcess> {
    const child = this.spawn(process.execPath, [script, JSON.stringify(argument)]);
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        if (output.length < 10_000) output += String(chunk);
        if (output.includes('ready\n')) resolve();
      });
      child.once('exit', () => reject(new Error(`${script} ended before it was ready: ${output}`)));
    });
    return child;
  }

  /** Pulls the cable: the other side of the link goes down, so this host sees the carrier lost. */
  async cut(device: string): Promise<void> {
    await ip('-n', this.#switch, 'link', 'set', 'dev', this.#port(device), 'down');
  }

  async plugIn(device: string): Promise<void> {
    await ip('-n', this.#switch, 'link', 'set', 'dev', this.#port(device), 'up');
  }

  /**
   * Treats what this host sends as tc(8) says: `['tbf', 'rate', '1mbit', 'burst', '10kb', 'latency', '50ms']`, or
   * `['netem', 'delay', '50ms', 'loss', '1%']` on kernels that have netem; [] ends it.
   */
  async qdisc(device: string, settings: readonly string[]): Promise<void> {
    await run('tc', ['-n', this.namespace, 'qdisc', 'del', 'dev', device, 'root']).catch(() => {});
    if (settings.length > 0)
      await run('tc', ['-n', this.namespace, 'qdisc', 'add', 'dev', device, 'root', ...settings]);
  }

  /** What is sent to this host comes at that rate: `500kbit`; undefined: as fast as it can. The switch holds 250 ms of it, as routers do. */
  async shaped(rate: string | undefined, device = 'eth0'): Promise<void> {
    const port = this.#port(device);
    await run('tc', ['-n', this.#switch, 'qdisc', 'del', 'dev', port, 'root']).catch(() => {});
    if (rate === undefined) return;
    const shaping = ['tbf', 'rate', rate, 'burst', '16kb', 'latency', '250ms'];
    await run('tc', ['-n', this.#switch, 'qdisc', 'add', 'dev', port, 'root', ...shaping]);
  }

  /** Of what comes in so many percent are lost, at random. By the packet filter: not every kernel has netem. */
  async loses(percent: number): Promise<void> {
    const rules = `table inet loss {\n chain in {\n type filter hook input priority 0\n numgen random mod 100 < ${percent} drop\n }\n}\n`;
    const nft = spawn('ip', ['netns', 'exec', this.namespace, 'nft', '-f', '-'], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    nft.stdin.end(percent > 0 ? `flush ruleset\n${rules}` : 'flush ruleset\n');
    const [code] = await once(nft, 'exit');
    if (code !== 0) throw new Error(`nft ended with ${code}`);
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.#children].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }),
    );
    // What they had started themselves, which a SIGKILL does not tell: a daemon went on in a namespace that had lost its name.
    const { stdout } = await run('ip', ['netns', 'pids', this.namespace]).catch(() => ({ stdout: '' }));
    for (const pid of stdout.split('\n').filter(Boolean)) kill(Number(pid));
  }

  #port(device: string): string {
    const port = this.#ports[Number(device.replace('eth', ''))];
    if (port === undefined) throw new Error(`${this.namespace} has no ${device}`);
    return port;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

async function ip(...args: string[]): Promise<void> {
  await run('ip', args);
}
