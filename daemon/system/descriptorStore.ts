/**
 * Descriptors that systemd keeps for the next start of the service (systemd.service(5), FileDescriptorStoreMax=), through the program
 * systemd-notify(1) as in notify.ts. It takes descriptors from version 254 on; before, nothing is kept.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from 'pino';

/** Milliseconds after which a hanging systemd-notify is killed. */
const TIMEOUT = 5000;

/** No call ever throws. */
export interface DescriptorStore {
  /** @param name as FDNAME= takes it @param descriptor asked when it is this one's turn; undefined: it is closed, nothing is kept */
  keep(name: string, descriptor: () => number | undefined): void;
  /** All that are kept under the name are closed there. */
  release(name: string): void;
  /** We end as we should: nothing is said any more. What is kept still is closed with the service, or by its next start. */
  stop(): void;
}

/** What systemd gives back when the service is started again. */
export interface KeptDescriptor {
  readonly name: string;
  readonly descriptor: number;
}

export class SystemdDescriptors implements DescriptorStore {
  readonly #log: Logger;
  /** One process at a time: twenty cameras begin to play in the same moment. */
  #queue: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  keep(name: string, descriptor: () => number | undefined): void {
    this.#send(() => {
      const fd = descriptor();
      return fd === undefined ? undefined : { args: ['--fd=3', `--fdname=${name}`], fd };
    });
  }

  release(name: string): void {
    this.#send(() => ({ args: ['FDSTOREREMOVE=1', `FDNAME=${name}`] }));
  }

  stop(): void {
    this.#stopped = true;
  }

  #send(message: () => { args: string[]; fd?: number } | undefined): void {
    this.#queue = this.#queue
      .then(() => (this.#stopped ? undefined : notify(message())))
      .catch((err: Error) => this.#log.warn({ err }, 'systemd does not keep the connections to cameras'));
  }
}

async function notify(message: { args: string[]; fd?: number } | undefined): Promise<void> {
  if (!message) return;
  const { args, fd = 'ignore' } = message;
  const child = spawn('systemd-notify', args, {
    stdio: ['ignore', 'ignore', 'ignore', fd],
    timeout: TIMEOUT,
    killSignal: 'SIGKILL',
  });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`systemd-notify ${args[0]}: ${signal ?? `exit ${code}`}`);
}

/** @param env of the process @param pid its own: what is meant for another is not ours (sd_listen_fds(3)) */
export function keptDescriptors(env: NodeJS.ProcessEnv, pid: number): KeptDescriptor[] {
  const count = Number(env.LISTEN_FDS ?? 0);
  if (env.LISTEN_PID !== `${pid}` || !(count > 0 && count < 1024)) return [];
  const names = (env.LISTEN_FDNAMES ?? '').split(':');
  return Array.from({ length: count }, (_, at) => ({ name: names[at] ?? '', descriptor: 3 + at }));
}
