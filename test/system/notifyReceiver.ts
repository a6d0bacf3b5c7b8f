/** systemd's end of NOTIFY_SOCKET: a Unix datagram socket, which Node has not and Python has. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const RECEIVER = `
import json, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    # Room for the credentials only: the descriptor that comes with BARRIER=1 is closed at once, which is its answer.
    data, control, _, _ = s.recvmsg(65536, socket.CMSG_SPACE(12))
    pid = next((struct.unpack("3i", c)[0] for l, t, c in control if t == socket.SCM_CREDENTIALS), None)
    print(json.dumps({"lines": data.decode().split("\\n"), "pid": pid}), flush=True)
`;

/** What a test that needs these programs says when they are missing; false when they are there. */
export const missingPrograms: string | false =
  ['python3', 'systemd-notify'].filter((name) => spawnSync(name, ['--version']).error).join(', ') || false;

export interface Datagram {
  lines: string[];
  /** Sender, by the kernel. */
  pid: number | null;
}

export class NotifyReceiver {
  /** Value for NOTIFY_SOCKET. */
  readonly path: string;
  readonly datagrams: Datagram[] = [];
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'walleye-notify-'));
    this.path = join(this.#folder, 'notify');
    this.#child = spawn('python3', ['-c', RECEIVER, this.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  static async start(): Promise<NotifyReceiver> {
    const receiver = new NotifyReceiver();
    const lines = createInterface({ input: receiver.#child.stdout! });
    await once(lines, 'line');
    lines.on('line', (line) => {
      const datagram = JSON.parse(line) as Datagram;
      if (!datagram.lines.includes('BARRIER=1')) receiver.datagrams.push(datagram);
    });
    return receiver;
  }

  /** Every assignment received so far, datagram by datagram. */
  get lines(): string[] {
    return this.datagrams.flatMap((datagram) => datagram.lines);
  }

  /** Waits until the condition holds. */
  async until(what: string, condition: (receiver: NotifyReceiver) => boolean): Promise<void> {
    for (let n = 0; n < 600; n++) {
      if (condition(this)) return;
      await sleep(50);
    }
    throw new Error(`never came: ${what}; received: ${JSON.stringify(this.lines)}`);
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
    rmSync(this.#folder, { recursive: true });
  }
}
