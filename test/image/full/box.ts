/** The box in the machine as its owner reaches it: SSH as root, and its API over HTTPS with the token of its command line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout, System, Update } from '../../../daemon/schema.ts';
import { until } from '../../e2e/until.ts';
import type { Machine } from './machine.ts';

export interface Ran {
  code: number;
  out: string;
  err: string;
}

const SSH_OPTIONS = [
  'IdentitiesOnly=yes',
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
  'BatchMode=yes',
  'ConnectTimeout=30',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=8',
].flatMap((option) => ['-o', option]);
/** Milliseconds; emulated, an answer takes seconds. */
const PATIENCE = 30_000;

export class Box {
  readonly #machine: Machine;
  readonly #key: string;
  #token = '';

  /** @param machine forwards `ssh` and `https` @param key file of a private key */
  constructor(machine: Machine, key: string) {
    this.#machine = machine;
    this.#key = key;
  }

  /** Runs a line of shell as root. Code 255: SSH did not get there. */
  async run(command: string, seconds = 120): Promise<Ran> {
    const where = ['-p', String(this.#machine.port('ssh')), '-i', this.#key, '-F', '/dev/null'];
    const child = spawn('ssh', ['-q', ...where, ...SSH_OPTIONS, 'root@127.0.0.1', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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

  /** The body of a good answer; undefined: there was none, or another. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    return new Promise((resolve) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const asked = request(
        {
          host: '127.0.0.1',
          port: this.#machine.port('https'),
          method,
          path,
          // Its own certificate.
          rejectUnauthorized: false,
          agent: false,
          timeout: PATIENCE,
          headers: {
            ...(this.#token && { authorization: `Bearer ${this.#token}` }),
            ...(text !== undefined && { 'content-type': 'application/json' }),
          },
        },
        (response) => {
          let answer = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            answer += part;
          });
          response.on('error', () => resolve(undefined));
          response.on('end', () => {
            const good = response.statusCode !== undefined && response.statusCode < 300;
            resolve(good ? ((answer === '' ? {} : JSON.parse(answer)) as T) : undefined);
          });
        },
      );
      asked.on('timeout', () => asked.destroy());
      asked.on('error', () => resolve(undefined));
      asked.end(text);
    });
  }

  system(): Promise<System | undefined> {
    return this.api<System>('GET', '/api/system');
  }

  update(): Promise<Update | undefined> {
    return this.api<Update>('GET', '/api/system/update');
  }

  async layouts(): Promise<string[]> {
    return ((await this.api<{ layouts: Layout[] }>('GET', '/api/layouts'))?.layouts ?? []).map(
      ({ name }) => name,
    );
  }

  /** Waits until the daemon lets us in. @param limit milliseconds */
  async up(limit: number): Promise<void> {
    await until(
      'the box answers',
      async () => {
        if (!this.#machine.on) throw new Error('the machine went off');
        if ((await this.system()) !== undefined) return true;
        // Being asked costs a box that is emulated more than its work does.
        if ((await this.api('GET', '/api/session')) !== undefined) {
          const { code, out } = await this.run('cat /var/lib/walleye/tokens/cli');
          if (code === 0) this.#token = out.trim();
        }
        await sleep(2000);
        return false;
      },
      limit,
    );
  }
}
