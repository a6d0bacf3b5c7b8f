/** One box while a command works on it. */
import { HostFailure } from './failure.ts';
import { type Host, pinName } from './hosts.ts';
import { type RemoteCommand, type SshOptions, type SshResult, ssh } from './ssh.ts';

export interface SessionOptions extends SshOptions {
  /** Run as root by `sudo -n`, for boxes that let no root in. */
  sudo: boolean;
  /** Seconds for all that is done on one box. */
  timeout: number;
}

export class Session {
  readonly host: Host;
  readonly options: SessionOptions;
  readonly signal: AbortSignal;
  /** Tells how far it is. */
  readonly say: (text: string) => void;
  readonly #deadline: number;

  constructor(host: Host, options: SessionOptions, signal: AbortSignal, say: (text: string) => void) {
    this.host = host;
    this.options = options;
    this.signal = signal;
    this.say = say;
    this.#deadline = Date.now() + options.timeout * 1000;
  }

  /** Seconds. */
  get left(): number {
    return Math.max(1, (this.#deadline - Date.now()) / 1000);
  }

  /** The same work on another host. */
  at(host: Host): Session {
    return new Session(host, { ...this.options, timeout: this.left }, this.signal, this.say);
  }

  /** @throws HostFailure when the command could not be run; how it ended is in the answer */
  async run(command: RemoteCommand): Promise<SshResult> {
    const argv = this.options.sudo ? ['sudo', '-n', '--', ...command.argv] : command.argv;
    const result = await ssh(
      this.host,
      { timeout: this.left, signal: this.signal, ...command, argv },
      this.options,
    );
    if (this.signal.aborted) throw new HostFailure('failed', 'stopped');
    if (result.state === 'ran') return result;
    throw failureOf(result, this.host, this.options.pins);
  }

  /** `walleye …` on the box, answered in JSON. Exit 1 with an answer is an answer: what failed is in it. */
  async walleye<T>(args: string[], input?: string): Promise<{ answer: T; code: number; err: string }> {
    const result = await this.run({ argv: ['walleye', ...args], ...(input === undefined ? {} : { input }) });
    const answer = parsed(result.out);
    if (answer !== undefined && (result.code === 0 || result.code === 1))
      return { answer: answer as T, code: result.code, err: result.err };
    throw new HostFailure('failed', complaint(result), answer);
  }
}

function failureOf({ state, err }: SshResult, host: Host, pins: string): HostFailure {
  const last = err.trim().split('\n').at(-1) ?? '';
  switch (state) {
    case 'keyChanged':
      return new HostFailure(
        'key_refused',
        `its host key is NOT the pinned one: it is another machine or was set up anew. Forget the old one only if you know why: ssh-keygen -R '${pinName(host)}' -f ${pins}`,
      );
    case 'keyUnknown':
      return new HostFailure(
        'key_refused',
        'its host key is not pinned yet: --pin or --fingerprint SHA256:…',
      );
    case 'denied':
      return new HostFailure('failed', `it does not take our key for ${host.user}`);
    case 'timedOut':
      return new HostFailure('failed', 'it took too long (--timeout)');
    case 'lost':
      return new HostFailure('failed', 'the connection broke; run it again to see what is done');
    default:
      return new HostFailure('unreachable', last.replace(/^ssh: /, '') || 'does not answer');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What `walleye` says on standard error: JSON with --json, else a sentence. */
export function complaint({ code, err }: Pick<SshResult, 'code' | 'err'>): string {
  if (code === 127) return 'there is no walleye on it';
  const lines = err.trim().split('\n');
  const error = (parsed(lines.at(-1) ?? '') as { error?: { message?: string } } | undefined)?.error;
  return error?.message ?? (lines.join('; ').replace(/^walleye: /, '') || `walleye ended with ${code}`);
}
