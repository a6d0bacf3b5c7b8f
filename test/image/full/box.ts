/** The box in the machine as its owner reaches it: SSH as root, and what its CLI says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../../e2e/until.ts';
import type { Machine } from './machine.ts';

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export class Box {
  readonly #machine: Machine;
  readonly #key: string;

  constructor(machine: Machine, key: string) {
    this.#machine = machine;
    this.#key = key;
  }

  /** Runs a line of shell as root. Code 255: SSH did not get there. */
  async run(command: string, seconds = 120): Promise<Ran> {
    const child = spawn(
      'ssh',
      [
        ...[
          '-q',
          '-p',
          String(this.#machine.port('ssh')),
          '-i',
          this.#key,
          '-o',
          'IdentitiesOnly=yes',
          '-F',
          '/dev/null',
        ],
        ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes'],
        ...[
          '-o',
          'ConnectTimeout=30',
          '-o',
          'ServerAliveInterval=15',
          '-o',
          'ServerAliveCountMax=8',
          'root@127.0.0.1',
          command,
        ],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(timer);
    return { code: code ?? 255, out, err };
  }

  /** @returns standard output @throws when it ends with anything but 0 */
  async sh(command: string, seconds?: number): Promise<string> {
    const { code, out, err } = await this.run(command, seconds);
    if (code !== 0) throw new Error(`${command}\nended with ${code}: ${out}${err}`);
    return out.trim();
  }

  /** The CLI's answer; undefined while there is none. */
  async walleye<T>(command: string): Promise<T | undefined> {
    const { code, out } = await this.run(`walleye ${command} --json`);
    if (code !== 0) return undefined;
    try {
      return JSON.parse(out) as T;
    } catch {
      return undefined;
    }
  }

  /** Waits until SSH and the daemon answer. */
  async up(limit: number): Promise<void> {
    await until(
      'the box answers',
      async () => {
        if (!this.#machine.on) throw new Error('the machine went off');
        return (await this.walleye('status')) !== undefined;
      },
      limit,
    );
  }
}
