import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** notifier.ts as a process of its own. */
export class NotifierProcess {
  readonly #child: ChildProcess;
  readonly #answers: Interface;
  /** Its log so far. */
  stderr = '';

  constructor(env: NodeJS.ProcessEnv) {
    const { NOTIFY_SOCKET: _, ...inherited } = process.env;
    this.#child = spawn(process.execPath, [join(import.meta.dirname, 'notifier.ts')], {
      env: { ...inherited, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#answers = createInterface({ input: this.#child.stdout! });
    this.#child.stderr!.on('data', (chunk) => {
      this.stderr += chunk;
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Has it done; returns what it answers. */
  async tell(command: string): Promise<string> {
    const answer = once(this.#answers, 'line', { signal: AbortSignal.timeout(30_000) });
    this.#child.stdin!.write(`${command}\n`);
    return String((await answer)[0])
      .split(' ')
      .slice(1)
      .join(' ');
  }

  /** Ends it and returns its exit code. */
  async end(): Promise<number | null> {
    const exit = once(this.#child, 'exit');
    this.#child.stdin!.end();
    return (await exit)[0];
  }
}
