/** Programs that the bench starts: what they say first, what they are asked, and their end. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const root = join(import.meta.dirname, '../..');

/** The command, kept on one core of the machine where that is wished. `taskset` becomes the command: its process id stays. */
export function onCore(
  core: number | undefined,
  command: string,
  args: readonly string[],
): [string, string[]] {
  return core === undefined ? [command, [...args]] : ['taskset', ['-c', `${core}`, command, ...args]];
}

/** A TypeScript program of ours that tells with one line of stdout that it is ready, and ends when its stdin closes. */
export async function startProgram(
  script: string,
  args: readonly string[],
  core?: number,
): Promise<{ child: ChildProcess; line: string }> {
  const [command, all] = onCore(core, process.execPath, [script, ...args]);
  const child = spawn(command, all, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  return { child, line: await firstLine(child, () => true) };
}

/** The first line of stdout (else stderr) that is wanted; what follows is read and thrown away. */
export async function firstLine(child: ChildProcess, wanted: (line: string) => boolean): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const stream = child.stdout ?? child.stderr;
  if (!stream) throw new Error('the child has no output');
  createInterface({ input: stream }).on('line', (line) => wanted(line) && resolve(line));
  child.once('error', reject);
  child.once('exit', (code) => reject(new Error(`the child ended with ${code} before it was ready`)));
  return promise;
}

/** SIGTERM, and waits for the end; SIGKILL after `patience` milliseconds. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM', patience = 15_000) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  child.kill(signal);
  await exited;
  clearTimeout(timer);
}

/** A program of ours that is asked over Node's own channel, one question at a time. */
export class Asked<Question extends object, Answers extends object> {
  readonly #child: ChildProcess;
  #last: Promise<unknown> = Promise.resolve();

  constructor(script: string, core?: number) {
    const [execPath, execArgv] = onCore(core, process.execPath, []);
    // `fork` puts its script behind execArgv.
    this.#child = fork(join(root, script), [], { cwd: root, execPath, execArgv, serialization: 'advanced' });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error with the program's own words, or when it ended */
  async ask<Name extends keyof Answers & string>(
    does: Name,
    question: Question | object = {},
  ): Promise<Answers[Name]> {
    const answer = this.#last.then(() => this.#ask({ does, ...question }));
    this.#last = answer.catch(() => {});
    return (await answer) as Answers[Name];
  }

  async #ask(question: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<{ failed?: string; answer?: unknown }>();
    const ended = (code: number | null) => reject(new Error(`a program of the bench ended with ${code}`));
    this.#child.once('message', resolve);
    this.#child.once('exit', ended);
    if (this.#child.connected) this.#child.send(question);
    else ended(this.#child.exitCode);
    try {
      const { failed, answer } = await promise;
      if (failed !== undefined) throw new Error(failed);
      return answer;
    } finally {
      this.#child.off('message', resolve);
      this.#child.off('exit', ended);
    }
  }

  stop(): Promise<void> {
    return end(this.#child);
  }
}

/** The other side of `Asked`: answers until the bench is gone. */
export function answerQuestions(
  answers: Record<string, (question: never) => unknown | Promise<unknown>>,
): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (question: { does: string }) => {
    void Promise.resolve()
      .then(() => answers[question.does]?.(question as never))
      .then(
        (answer) => process.send?.({ answer }),
        (error: unknown) =>
          process.send?.({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
}
