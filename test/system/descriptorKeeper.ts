/**
 * What systemd does for a service with FileDescriptorStoreMax=, for daemons that no systemd starts: it keeps the descriptors that
 * come with FDSTORE=1 and gives them to the next start. In Python, since Node neither sends nor receives descriptors. Whether systemd
 * itself does so is looked at in test/image/container.test.ts.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Keeps descriptors by name; whoever connects to the second socket gets all of them. Tells each message's assignments. */
const KEEPER = `
import json, os, select, socket, sys
inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
inbox.bind(sys.argv[1])
outlet = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
outlet.bind(sys.argv[2])
outlet.listen()
kept = {}
print("bound", flush=True)
while True:
    for ready in select.select([inbox, outlet], [], [])[0]:
        if ready is outlet:
            one, _ = outlet.accept()
            socket.send_fds(one, [json.dumps(list(kept)).encode()], list(kept.values()))
            one.close()
            continue
        data, fds, _, _ = socket.recv_fds(inbox, 65536, 16)
        lines = data.decode().split("\\n")
        name = next((l[7:] for l in lines if l.startswith("FDNAME=")), "stored")
        old = None
        if "FDSTORE=1" in lines: old, kept[name] = kept.get(name), fds.pop(0)
        elif "FDSTOREREMOVE=1" in lines: old = kept.pop(name, None)
        for fd in fds + ([old] if old is not None else []): os.close(fd)
        if "BARRIER=1" not in lines: print(json.dumps(lines), flush=True)
`;

/** Becomes the command, with what is kept as descriptors from 3 on. */
const LAUNCHER = `
import fcntl, json, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.connect(sys.argv[1])
data, fds, _, _ = socket.recv_fds(s, 65536, 253)
names = json.loads(data)
fds = [fcntl.fcntl(fd, fcntl.F_DUPFD, 400) for fd in fds]
s.close()
for at, fd in enumerate(fds): os.dup2(fd, 3 + at, inheritable=True)
for fd in fds: os.close(fd)
os.environ.update(LISTEN_FDS=str(len(fds)), LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES=":".join(names))
os.execvp(sys.argv[2], sys.argv[2:])
`;

/** What systemd-notify does from version 254 on; what it did before is left to it. */
const NOTIFY = `#!/usr/bin/python3
import os, socket, sys
args = sys.argv[1:]
fds = [int(a[5:]) for a in args if a.startswith("--fd=")]
if not fds: os.execv("/usr/bin/systemd-notify", ["systemd-notify"] + args)
names = [a[9:] for a in args if a.startswith("--fdname=")]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ["NOTIFY_SOCKET"])
socket.send_fds(s, ["\\n".join(["FDSTORE=1"] + ["FDNAME=" + n for n in names]).encode()], fds)
`;

export class DescriptorKeeper {
  /** For the daemons: where they find it, and a folder that is kept from one start to the next. */
  readonly env: Record<string, string>;
  readonly #folder: string;
  readonly #outlet: string;
  readonly #child: ChildProcess;
  /** Of messages, without what is waited for. */
  readonly #said: string[][] = [];

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'walleye-descriptors-'));
    const programs = join(this.#folder, 'bin');
    const runtime = join(this.#folder, 'run');
    for (const folder of [programs, runtime]) mkdirSync(folder);
    if (!knowsDescriptors()) writeFileSync(join(programs, 'systemd-notify'), NOTIFY, { mode: 0o755 });
    const inbox = join(this.#folder, 'notify');
    this.#outlet = join(this.#folder, 'outlet');
    this.#child = spawn('python3', ['-c', KEEPER, inbox, this.#outlet], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.env = {
      ...{ NOTIFY_SOCKET: inbox, FDSTORE: '64', RUNTIME_DIRECTORY: runtime },
      PATH: `${programs}:${process.env.PATH}`,
    };
  }

  static async start(): Promise<DescriptorKeeper> {
    const keeper = new DescriptorKeeper();
    const lines = createInterface({ input: keeper.#child.stdout! });
    await once(lines, 'line');
    lines.on('line', (line) => keeper.#said.push(JSON.parse(line) as string[]));
    return keeper;
  }

  /** Command and arguments that become those given. */
  launching(command: string, args: readonly string[]): [string, string[]] {
    return ['python3', ['-c', LAUNCHER, this.#outlet, command, ...args]];
  }

  /** What is kept now, by name. */
  get kept(): string[] {
    const kept = new Set<string>();
    for (const lines of this.#said) {
      const name = lines.find((line) => line.startsWith('FDNAME='))?.slice(7) ?? '';
      if (lines.includes('FDSTORE=1')) kept.add(name);
      if (lines.includes('FDSTOREREMOVE=1')) kept.delete(name);
    }
    return [...kept];
  }

  /** Where the daemons write what they leave. */
  get runtime(): string {
    return this.env.RUNTIME_DIRECTORY ?? '';
  }

  async stop(): Promise<void> {
    this.#child.kill();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function knowsDescriptors(): boolean {
  return execFileSync('systemd-notify', ['--help'], { encoding: 'utf8' }).includes('--fd=');
}
